"""What the outbox does for this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peerlearn.clock import now
from peerlearn.notifications.reach import is_mailed
from peerlearn.notifications.registry import OutsideEffect, effect, outside
from peerlearn.notifications.sending import send
from sessions import approving, proposing
from sessions.asking import ASK_AGAIN
from sessions.calendar_entries import CALENDAR_MESSAGE
from sessions.calendar_messages import Invitation, invitation
from sessions.cutting import HAND_OVER_OVER
from sessions.handing import REQUEST_OVER, end_with_the_first_day, run_out
from sessions.holding import EXPIRE_HOLD, expire_holds
from sessions.models import CalendarChoice, CalendarEntry, HandOver, HandOverRequest
from sessions.waiting import FREED, pass_on_freed, pass_on_what_ran_out


@effect(EXPIRE_HOLD)
def expire_hold(subject: int, occurrence: str) -> None:
    """Tidies up; nothing waits for it, since holds that ran out are ignored. A place that was
    offered and not taken goes to the next who waits."""
    at = now()
    approving.end_what_ran_out(subject, at=at)
    proposing.end_what_ran_out(subject, at=at)
    pass_on_what_ran_out(subject, at=at)
    expire_holds(at=at)


@effect(ASK_AGAIN)
def ask_for_approval_again(subject: int, occurrence: str) -> None:
    """A reminder after a working day, and after another one it goes further up."""
    approving.remind(subject, occurrence, at=now())


@effect(FREED)
def freed(subject: int, occurrence: str) -> None:
    pass_on_freed(subject, at=now())


@outside(CALENDAR_MESSAGE)
class CalendarMessage(OutsideEffect[Invitation]):
    """A copy after a crash carries the same Message-ID, UID, SEQUENCE and DTSTAMP."""

    label = _("For the calendar")

    def prepare(self, subject: int, occurrence: str) -> Invitation | None:
        """Nothing when something newer is due, for whoever has left or never came, and of what
        they do not want by mail; what was mailed once is followed to its end all the same."""
        entry: CalendarEntry | None = (
            CalendarEntry.objects.filter(pk=subject, sequence=int(occurrence))
            .select_related("employee__organization", "host", "participation__session")
            .first()
        )
        at = now()
        if entry is None or not entry.employee.active or entry.ends_at <= at:
            return None
        if entry.mailed_at is None:
            unwanted = CalendarChoice.objects.filter(employee=entry.employee_id, by_mail=False)
            reached = is_mailed(entry.organization_id, entry.employee.email)
            if entry.cancelled_at is not None or not reached or unwanted.exists():
                return None
            entry.may_stand_in_it(at=at)
        return invitation(entry)

    def perform(self, prepared: Invitation) -> None:
        send(prepared)

    def record(self, subject: int, occurrence: str, prepared: Invitation) -> None:
        """That it may stand in their calendar was noted before it was sent."""

    def recipients(self, subjects: list[int]) -> dict[int, str]:
        rows = CalendarEntry.objects.filter(pk__in=subjects)
        return dict(rows.values_list("pk", "employee__name"))


@effect(HAND_OVER_OVER)
def hand_over_over(subject: int, occurrence: str) -> None:
    """The days begin: whoever has not taken them over by now does not."""
    for one in HandOver.objects.open().filter(pk=subject).select_related("host"):
        end_with_the_first_day(one, at=now())


@effect(REQUEST_OVER)
def hand_over_request_over(subject: int, occurrence: str) -> None:
    rows = HandOverRequest.objects.filter(pk=subject)
    for one in rows.select_related("hand_over", "asked_by", "host"):
        run_out(one, at=now())
