"""Suggesting days to somebody, or asking somebody to offer days: a word, and no booking.

Called inside a scope; takes the time as `at`, and writes its notification with it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from sessions import notices
from sessions.models import ShadowingOffer, Suggestion
from sessions.queries import SUGGESTED_FOR
from sessions.refusals import Refused
from skills.levels import Level
from skills.models import Proficiency, Skill


def suggest(
    offer: ShadowingOffer, learner: Employee, skill: Skill, *, by: Employee, at: datetime
) -> Suggestion:
    """Tell a learner of these days; saying it twice on one day tells it once.

    `by` is HR or in the learner's reporting line above. Raises Refused for anybody else, for the
    host, and for what cannot be booked.
    """
    _refuse_strangers(by, learner)
    if offer.host_id == learner.pk:
        raise Refused(_("The host cannot shadow themselves."))
    if not (offer.active and offer.host.active and learner.active):
        raise Refused(_("This offer takes no bookings."))
    return _say(learner, skill, offer, by=by, at=at)


def ask_for_days(host: Employee, skill: Skill, *, by: Employee, at: datetime) -> Suggestion:
    """Ask somebody who can do it to offer days in a skill; on one day once.

    A manager may ask anybody, since they ask for a favour. Raises Refused for oneself, for somebody
    who has left, and for whoever cannot do it alone.
    """
    if host.pk == by.pk or not host.active:
        raise Refused(_("Ask somebody else who is here."))
    alone = Proficiency.objects.current().filter(employee=host, skill=skill)
    if not alone.filter(level__gte=Level.ALONE).exists():
        raise Refused(_("Ask somebody who can do it alone."))
    return _say(host, skill, None, by=by, at=at)


def _refuse_strangers(by: Employee, learner: Employee) -> None:
    if by.pk == learner.pk or not (by.is_hr or by.leads(learner)):
        raise Refused(_("You can suggest days to those who report to you."))


def _say(
    to: Employee, skill: Skill, offer: ShadowingOffer | None, *, by: Employee, at: datetime
) -> Suggestion:
    with transaction.atomic():
        suggestion: Suggestion
        suggestion, _made = Suggestion.objects.get_or_create(
            by=by, to=to, skill=skill, offer=offer, defaults={"made_at": at}
        )
        if suggestion.declined_at is not None and suggestion.declined_at > at - SUGGESTED_FOR:
            return suggestion  # "not now" holds, and nobody is told of it
        suggestion.made_at, suggestion.declined_at = at, None
        suggestion.save(update_fields=["made_at", "declined_at"])
        notices.tell_suggestion(suggestion, at=at)
    return suggestion
