"""Asking people in, one or many, and what accepting does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerlearn.notifications.models import Notification
from peerlearn.notifications.outbox import Due, enqueue_all
from peerlearn.organizations.granting import grant
from peerlearn.organizations.models import Employee, Import, Invitation, Team, User
from peerlearn.organizations.models.invitations import HOLDS_FOR
from peerlearn.organizations.models.organization import lock_the_tree
from peerlearn.organizations.queries import EmployeeQuerySet
from peerlearn.organizations.telling_passwords import FIRST
from peerlearn.organizations.throttles import Try, invitation_of, invitations

SENDING = "invitation"  # about the invitation, once
PACE = timedelta(seconds=1)  # between two mails of many
REST = timedelta(days=1)  # who was asked within it is not asked again together with others
_TOGETHER = 1000


# Whom many invitations go to.
NEW, RUN_OUT, OUTSIDE = "new", "run_out", "outside"


def to_invite(
    whom: str, *, team: Team | None = None, came_with: Import | None = None, at: datetime
) -> EmployeeQuerySet:
    """Those who were never here, of a team and the teams below it, of an import; never who has an
    invitation that still holds, or was asked within a day."""
    asked = Invitation.objects.filter(employee=OuterRef("pk"), email=OuterRef("email"))
    holds = Q(ended_at=None, expires_at__gt=at) | Q(invited_at__gt=at - REST)
    people = Employee.objects.never_here().exclude(Exists(asked.filter(holds)))
    if whom == NEW:
        people = people.exclude(Exists(asked))
    elif whom == RUN_OUT:
        people = people.filter(Exists(asked.newest().filter(ended_at=None, expires_at__lte=at)))
    if team is not None:
        people = people.filter(team__in=Team.objects.within(team))
    return people.filter(came_with=came_with) if came_with is not None else people


# --- Asking ------------------------------------------------------------------------------------
def invite(
    employee: Employee,
    *,
    by: Employee,
    at: datetime,
    makes_hr: bool = False,
    makes_admin: bool = False,
) -> Invitation:
    """Let a mail ask them in; an invitation that they have ends.

    Raises ValidationError when they have been here, for a role that `by` may not give, and when
    there were too many.
    """
    with transaction.atomic():
        if makes_hr or makes_admin:
            by.refresh_from_db(fields=["is_admin", "active"])
            if not (by.is_admin and by.active):
                raise ValidationError(_("Only an admin gives roles."))
        chosen = _never_here([employee])
        if not chosen:
            raise ValidationError(
                _("%(name)s has signed in already, or has no access."),
                params={"name": employee.name},
            )
        today = Try.within(*invitations(by), invitation_of(employee))
        if not today.count():
            why = _("No more invitations may go today, or no more to %(name)s.")
            words = f"{why % {'name': employee.name}} {today.wait}"
            raise ValidationError(words, code="too_many_invitations")
        roles = {"makes_hr": makes_hr, "makes_admin": makes_admin}
        (made,) = _write(chosen, by=by, at=at, first=at, roles=roles)
    return made


def invite_all(people: Sequence[Employee], *, by: Employee, at: datetime) -> list[Invitation]:
    """The same for many, without roles; their mails go one after the other, also after those that
    somebody else let go before. Whoever came in meanwhile is left out."""
    with transaction.atomic():
        chosen = _never_here(people)
        if not chosen:
            return []
        _count(by, len(chosen))
        unsent = Invitation.objects.newest().open(at).filter(sent_at=None)
        last = unsent.aggregate(last=Max("sends_at"))["last"]
        first = at if last is None else max(at, last + PACE)
        return _write(chosen, by=by, at=at, first=first, roles={})


def _never_here(people: Sequence[Employee]) -> list[Employee]:
    """Those of them, locked in one order: two who invite the same people wait for each other."""
    rows = Employee.objects.never_here().filter(pk__in=[employee.pk for employee in people])
    return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))


def room(by: Employee) -> int:
    """How many more this person may invite today."""
    today = Try.within(*invitations(by))
    today.look()
    return max(today.left, 0)


def _count(by: Employee, mails: int) -> None:
    today = Try.within(*invitations(by))
    if not today.count(mails):
        why = ngettext(
            "That is %(count)d invitation more than may go today.",
            "That is %(count)d invitations, and not so many more may go today.",
            mails,
        ) % {"count": mails}
        raise ValidationError(f"{why} {today.wait}", code="too_many_invitations")


def _write(
    people: Sequence[Employee],
    *,
    by: Employee,
    at: datetime,
    first: datetime,
    roles: dict[str, bool],
) -> list[Invitation]:
    Invitation.objects.filter(employee__in=people).replace(at)
    due = [first + PACE * number for number in range(len(people))]
    made: list[Invitation] = Invitation.objects.bulk_create(
        [
            Invitation(
                employee=employee,
                email=employee.email,
                by=by,
                invited_at=at,
                sends_at=sends_at,
                expires_at=sends_at + HOLDS_FOR,
                **roles,
            )
            for employee, sends_at in zip(people, due, strict=True)
        ],
        batch_size=_TOGETHER,
    )
    enqueue_all(Due(SENDING, one.pk, due_at=one.sends_at) for one in made)
    return made


def withdraw(invitation: Invitation, *, at: datetime) -> bool:
    """It opens nothing any more; False when it was over already."""
    return bool(Invitation.objects.filter(pk=invitation.pk).end(at))


def end_with(employee: Employee, *, at: datetime) -> None:
    """With somebody's access end those to them, and of theirs those that were not sent yet or give
    roles: the others are other people's way in."""
    of_theirs = Q(sent_at=None) | Q(makes_hr=True) | Q(makes_admin=True)
    Invitation.objects.filter(Q(employee=employee) | Q(of_theirs, by=employee)).end(at)


def end_to(employee: Employee, *, at: datetime) -> None:
    """Those to them open nothing any more, should their e-mail once be what it was."""
    Invitation.objects.filter(employee=employee).end(at)


# --- Accepting ---------------------------------------------------------------------------------
def accept(
    invitation: Invitation, *, signed_in: User | None, password: str = "", at: datetime
) -> User | None:
    """Once; whose it is then, or None when it opens nothing, or not to them.

    Only somebody new comes in by it alone, and may choose a password. Whoever has an account must
    be signed in with it, and nothing of their secrets changes.
    """
    with transaction.atomic():
        if invitation.gives_roles:
            lock_the_tree(invitation.organization_id)  # as whoever takes the inviter's role away
            invitation.by.refresh_from_db(fields=["is_admin", "active"])
        employee = invitation.employee = _locked(invitation.employee_id)
        user = User.objects.select_for_update().get(memberships=employee.membership_id)
        if not (invitation.is_open(at) and _may_come_in(user, signed_in)):
            return None
        if not Invitation.objects.all().claim(invitation.pk, at=at):
            return None
        if password and user.is_new:
            _choose(password, user, employee, at)
        employee.membership.enter(at=at)
        if invitation.gives_roles:
            grant(
                employee,
                is_hr=employee.is_hr or invitation.makes_hr,
                is_admin=employee.is_admin or invitation.makes_admin,
                at=at,
                by=invitation.by,
            )
    return user


def _locked(employee_id: int) -> Employee:
    """As they are now: their e-mail or their access may be changing."""
    rows = Employee.objects.select_related("membership", "organization")
    employee: Employee = rows.select_for_update(of=("self",), no_key=True).get(pk=employee_id)
    return employee


def _may_come_in(user: User, signed_in: User | None) -> bool:
    return user.is_active and (user.is_new if signed_in is None else signed_in.pk == user.pk)


def _choose(password: str, user: User, employee: Employee, at: datetime) -> None:
    """Their first, and told to its owner as every other."""
    user.set_password(password)
    user.save(update_fields=["password"])
    Notification.deliver(
        employee,
        "password_changed",
        subject_id=user.pk,
        due_at=at,
        occurrence=f"{FIRST} {at.isoformat()}",
    )
