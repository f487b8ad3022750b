"""What the outbox does for this app."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import OperationalError
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from peerlearn.clock import now
from peerlearn.notifications.outbox import OutsideEffect, outside, withdraw
from peerlearn.notifications.registry import effect
from peerlearn.notifications.sending import compose, of_this_site, send
from peerlearn.notifications.telling import in_words
from peerlearn.organizations import inviting
from peerlearn.organizations.addresses import organization_url
from peerlearn.organizations.ending import Ending, ends_with_access
from peerlearn.organizations.hiring import LAST_DAY_OVER, end_after_last_day
from peerlearn.organizations.importing import acts
from peerlearn.organizations.models import Employee, Import, Invitation

log = structlog.get_logger(__name__)
_CANCELLED = "57014"  # what Postgres says of a statement at its limit of time


@effect(LAST_DAY_OVER)
def last_day_over(subject: int, occurrence: str) -> None:
    end_after_last_day(subject, at=now())


@ends_with_access
class LastDay(Ending):
    """Whoever is let go on their last day needs no second end at midnight."""

    def end(self, employee: Employee, *, at: datetime) -> None:
        if employee.leaving_on == at.astimezone(employee.zone).date():
            withdraw(LAST_DAY_OVER, employee.pk)


@ends_with_access
class Invitations(Ending):
    """A way in that was not taken is shut."""

    def end(self, employee: Employee, *, at: datetime) -> None:
        inviting.end_with(employee, at=at)

    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:
        inviting.end_to(employee, at=at)


@outside(inviting.SENDING)
class InvitationMail(OutsideEffect[EmailMultiAlternatives]):
    """To whoever is asked in, whether or not they are mailed anything else."""

    label = _("Invitation")

    def recipients(self, subjects: list[int]) -> dict[int, str]:
        rows = Invitation.objects.filter(pk__in=subjects)
        return dict(rows.values_list("pk", "employee__name"))

    def prepare(self, subject: int, occurrence: str) -> EmailMultiAlternatives | None:
        rows = Invitation.objects.select_related("employee__organization", "by")
        invitation = rows.filter(pk=subject, sent_at=None).first()
        if invitation is None or not invitation.is_open(now()):
            return None
        return invitation_mail(invitation)

    def perform(self, prepared: EmailMultiAlternatives) -> None:
        send(prepared)

    def record(self, subject: int, occurrence: str, prepared: EmailMultiAlternatives) -> None:
        Invitation(pk=subject).mark_sent(at=now())


def invitation_mail(invitation: Invitation) -> EmailMultiAlternatives:
    """In the language of whoever is asked, or else the organization's."""
    employee, secret = invitation.employee, invitation.give_secret()
    organization = employee.organization
    with timezone.override(employee.zone), translation.override(employee.reads):
        link = organization_url(organization, "invitation", key=secret)
        words = in_words("invitation", employee, {"link": link, "invitation": invitation})
    message_id = of_this_site(f"invitation.{invitation.pk}.{organization.pk}")
    return compose(words, to=invitation.email, recipient=employee, message_id=message_id)


def _took_too_long(why: OperationalError) -> bool:
    """Another try would take as long."""
    return getattr(why.__cause__, "pgcode", None) == _CANCELLED


@outside(acts.WORK, long=True)
class ImportWork(OutsideEffect[Import]):
    """Reading, checking or writing: what its state asks for, once for each turn."""

    def prepare(self, subject: int, occurrence: str) -> Import | None:
        rows = Import.objects.select_related("by").filter(pk=subject, turn=int(occurrence))
        row: Import | None = rows.first()
        return row if row is not None and row.is_working else None

    def perform(self, prepared: Import) -> None:
        try:
            acts.work(prepared, at=now())
        except Exception as why:
            if isinstance(why, OperationalError) and not _took_too_long(why):
                raise  # somebody else is at it, or Postgres is: tried again
            log.exception("import_failed", import_id=prepared.pk)
            acts.give_up(prepared, at=now())

    def record(self, subject: int, occurrence: str, prepared: Import) -> None:
        """`work` has recorded what became of it, by compare-and-set."""


@effect(acts.FORGETTING)
def forget_import(subject: int, occurrence: str) -> None:
    row = Import.objects.filter(pk=subject).first()
    if row is not None:
        acts.forget(row, at=now())
