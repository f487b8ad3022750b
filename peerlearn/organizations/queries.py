"""Many rows of organizations, teams and employees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.db.models.expressions import RawSQL

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.finding import Nearest, Unseen
from peerlearn.organizations.scoping import require_organization_id
from peerlearn.organizations.written import written

if TYPE_CHECKING:
    from peerlearn.organizations.models import (
        CompanyDay,  # noqa: F401  (in the name of a type)
        Employee,
        Import,  # noqa: F401  (in the name of a type)
        Membership,
        Team,
        User,
    )

_BELOW = """
WITH RECURSIVE below AS (
  SELECT id FROM {table} WHERE organization_id = %s AND {parent} = %s
  UNION
  SELECT child.id FROM {table} child JOIN below ON child.{parent} = below.id
  WHERE child.organization_id = %s)
SELECT id FROM below
"""

_ABOVE = """
WITH RECURSIVE above AS (
  SELECT {parent} AS id FROM {table} WHERE organization_id = %s AND id = %s
  UNION
  SELECT one.{parent} FROM {table} one JOIN above ON one.id = above.id
  WHERE one.organization_id = %s)
SELECT id FROM above WHERE id IS NOT NULL
"""

M = TypeVar("M", bound=models.Model, covariant=True)


def normalized_email(email: str) -> str:
    """As e-mail addresses are stored and compared: trimmed, in lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def for_email(self, email: str) -> User:
        """The user of that e-mail, made without a password if there is none."""
        without = {"password": make_password(None)}
        user, _made = self.get_or_create(email=normalized_email(email), defaults=without)
        return user


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        """Those that let their user in now."""
        return self.filter(
            active=True, user__is_active=True, organization__suspended_at__isnull=True
        )

    def to_tell(self, user: User) -> Membership | None:
        """By which its owner is told of their account: where they have been, since nothing is
        mailed from elsewhere, and anybody who begins an organization can add them to it."""
        theirs = self.active().filter(user=user)
        return theirs.order_by(F("entered_at").asc(nulls_last=True), "pk").first()

    def entered_by(self, user: User) -> MembershipQuerySet:
        """Of the organizations in which they have been and which let them in."""
        return self.active().filter(user=user, entered_at__isnull=False)


class TreeQuerySet(FencedQuerySet[M]):
    parent_column: str

    def _below(self, root: models.Model) -> Any:
        return self._walk(_BELOW, root)

    def _walk(self, sql: str, root: models.Model) -> Any:
        table = self.model._meta.db_table
        organization_id = require_organization_id()
        return self.filter(
            pk__in=RawSQL(  # noqa: S611  # nosec B611  # names come from the model, values are parameters
                sql.format(table=table, parent=self.parent_column),
                [organization_id, root.pk, organization_id],
            )
        )


class TeamQuerySet(TreeQuerySet["Team"]):
    parent_column = "parent_id"

    def visible_to(self, employee: Employee) -> TeamQuerySet:
        """Everyone sees every team."""
        return self if employee.active else self.none()

    def current(self) -> TeamQuerySet:
        return self.filter(archived_at=None)

    def below(self, team: Team) -> TeamQuerySet:
        """The teams that are part of this one, at any depth, without itself."""
        below: TeamQuerySet = self._below(team)
        return below

    def within(self, team: Team) -> TeamQuerySet:
        """This team and those below it."""
        return self.below(team) | self.filter(pk=team.pk)


class EmployeeQuerySet(TreeQuerySet["Employee"]):
    parent_column = "manager_id"

    def visible_to(self, employee: Employee) -> EmployeeQuerySet:
        """Everyone sees who works here now; HR also sees who did."""
        if not employee.active:
            return self.none()
        return self if employee.is_hr else self.filter(active=True)

    def current(self) -> EmployeeQuerySet:
        return self.filter(active=True)

    def never_here(self) -> EmployeeQuerySet:
        """Those who may come in and never did."""
        return self.filter(
            active=True, membership__isnull=False, membership__entered_at__isnull=True
        )

    def below(self, manager: Employee) -> EmployeeQuerySet:
        """The reporting line of a manager, at any depth, without the manager."""
        below: EmployeeQuerySet = self._below(manager)
        return below

    def found(self, text: str, alphabet: str = "plain") -> EmployeeQuerySet | Nearest:
        """Those who are meant by every word of the text, of the first eight, the nearest first: by
        name, even nearly written so, by job title or team, or the beginning of their e-mail.
        Without a word all of them, as people sort names in that alphabet."""
        place = Unseen(f"order_{alphabet}")
        return Nearest(self, text, place) if text.strip() else self.order_by(place, "id")

    def above(self, employee: Employee) -> EmployeeQuerySet:
        """Those to whom somebody reports, directly and further up, in no order."""
        above: EmployeeQuerySet = self._walk(_ABOVE, employee)
        return above

    def meant_by(self, text: str) -> EmployeeQuerySet:
        """The same people, in an order of one's own."""
        return self.filter(pk__in=Nearest(self, text, Unseen("order_plain")).ids)

    def who_lead(self, team: Team) -> EmployeeQuerySet:
        """Those to whom somebody of this team reports."""
        return self.filter(reports__team=team, reports__active=True, active=True).distinct()

    def of_membership(self, membership: Membership) -> Employee | None:
        """Whoever acts by that membership, with what every page asks about them."""
        employee: Any = next(iter(_acting(membership=membership.pk)), None)
        if employee is not None:
            employee.is_manager = employee.leads_somebody
        found: Employee | None = employee
        return found


@written
def _acting(membership: Any) -> Any:
    everybody: Any = apps.get_model("organizations", "Employee").objects
    reports = everybody.filter(manager=OuterRef("pk"), active=True)
    people = everybody.select_related("team").annotate(leads_somebody=Exists(reports))
    return people.filter(membership=membership).order_by()


class ImportQuerySet(FencedQuerySet["Import"]):
    def visible_to(self, employee: Employee) -> ImportQuerySet:
        """HR sees every import: what HR sees of people stands in it."""
        return self if employee.active and employee.is_hr else self.none()

    def without_files(self) -> ImportQuerySet:
        """For lists, which read no file."""
        return self.defer("content", "columns", "mapping", "made", "kept")


class CompanyDayQuerySet(FencedQuerySet["CompanyDay"]):
    def visible_to(self, employee: Employee) -> CompanyDayQuerySet:
        """Everybody's."""
        return self if employee.active else self.none()


TeamManager = FencedManager.from_queryset(TeamQuerySet)
EmployeeManager = FencedManager.from_queryset(EmployeeQuerySet)
ImportManager = FencedManager.from_queryset(ImportQuerySet)
CompanyDayManager = FencedManager.from_queryset(CompanyDayQuerySet)
