"""An address of a skill that was merged leads to the skill that it became."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from peerlearn.organizations.access import OrganizationRequest
from skills.models import Skill

View = Callable[[OrganizationRequest, str], HttpResponse]


def follows_merges(view: View) -> View:
    """Inside `@allow`: whatever was to be done with it, it is said what became of it."""

    @wraps(view)
    def followed(request: OrganizationRequest, public_id: str) -> HttpResponse:
        try:
            return view(request, public_id)
        except Http404:
            merged = Skill.objects.visible_to(request.employee).exclude(merged_into=None)
            found = merged.filter(public_id=public_id).select_related("merged_into").first()
            if found is None:
                raise
        became = found.merged_into
        told = _("“%(name)s” is now another name of “%(into)s”.")
        messages.info(request, told % {"name": found.name, "into": became.name})
        return redirect("skill", public_id=became.public_id)

    return followed
