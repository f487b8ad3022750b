"""How often one learner may hold and book: enough for everybody who means it.

Without them one person could keep a host's days shut, or fill a host's inbox.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.models import Employee
from peerlearn.organizations.throttles import Try, limit_for
from sessions.models import LearningSession, ShadowingOffer
from sessions.refusals import Refused

_DAY = 86_400
HOLDS_OF_ONE_OFFER, HOLDS, BOOKINGS = 10, 60, 20  # in a day
MOVES, WORDS, WORDS_TO_ONE = 10, 30, 3
HAND_OVERS = 60
PROPOSALS, PROPOSALS_TO_ONE = 20, 5


class TooOften(Refused):
    reason = _("You have done this many times today. Try again tomorrow, or talk to the host.")


def count_hold(learner: Employee, offer: ShadowingOffer) -> None:
    """Raises TooOften; then nothing is counted."""
    mine = f"{learner.organization_id} {learner.pk}"
    tried = Try.within(
        limit_for("hold", mine, HOLDS, _DAY),
        limit_for("hold", f"{mine} {offer.pk}", HOLDS_OF_ONE_OFFER, _DAY),
    )
    if not tried.count():
        raise TooOften


def count_move_of_all(host: Employee, session: LearningSession) -> None:
    """A host who moves everybody, by the offer: each move opens another session. Raises TooOften;
    then nothing is counted."""
    whose = f"{host.organization_id} {host.pk} {session.offer_id}"
    if not Try.within(limit_for("move", whose, MOVES, _DAY)).count():
        raise TooOften


def count_suggestion(by: Employee, to: Employee) -> None:
    """Somebody's word to one of their people. Raises TooOften; then nothing is counted."""
    mine = f"{by.organization_id} {by.pk}"
    tried = Try.within(
        limit_for("suggest", mine, WORDS, _DAY),
        limit_for("suggest", f"{mine} {to.pk}", WORDS_TO_ONE, _DAY),
    )
    if not tried.count():
        raise TooOften(_("You have said this many times today. Go on tomorrow."))


def count_hand_over(by: Employee) -> None:
    """Days that are cut off, and hosts who are asked. Raises TooOften; then nothing is counted."""
    mine = f"{by.organization_id} {by.pk}"
    if not Try.within(limit_for("hand_over", mine, HAND_OVERS, _DAY)).count():
        raise TooOften(_("You have done this many times today. Go on tomorrow."))


def count_proposal(by: Employee, to: Employee) -> None:
    """Days that somebody keeps for one of their people. Raises TooOften; then nothing is
    counted."""
    mine = f"{by.organization_id} {by.pk}"
    tried = Try.within(
        limit_for("propose", mine, PROPOSALS, _DAY),
        limit_for("propose", f"{mine} {to.pk}", PROPOSALS_TO_ONE, _DAY),
    )
    if not tried.count():
        raise TooOften(_("You have proposed days many times today. Go on tomorrow."))


def count_booking(learner: Employee) -> None:
    """Raises TooOften; then nothing is counted."""
    mine = f"{learner.organization_id} {learner.pk}"
    if not Try.within(limit_for("book", mine, BOOKINGS, _DAY)).count():
        raise TooOften
