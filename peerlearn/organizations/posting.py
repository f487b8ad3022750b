"""What a view does with a posted form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


def typed(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing; None when the form is only asked for."""
    return request.POST if request.method == "POST" else None


def came_from(request: HttpRequest) -> str | None:
    """The page of this organization that `next` names, to go back to; None for any other."""
    path = request.GET.get("next", "")
    own = path.startswith(get_script_prefix()) and "\\" not in path
    return path if own and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else None


def attempt(form: forms.BaseForm, verb: Callable[[], Any]) -> bool:
    """Call the verb when the form holds; what it refuses stands beside its field.

    Two who save the same at the same moment: the second is told, and nothing of theirs is kept.
    """
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            verb()
    except ValidationError as refused:
        form.add_error(None, refused)
    except IntegrityError:
        form.add_error(None, _("Somebody saved the same at this moment. Look, and save again."))
    return not form.errors
