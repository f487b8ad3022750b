"""Many rows of skills, levels, offers, needs and requirements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import Case, Exists, F, Func, Max, OuterRef, Q, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.models.pauses import TeamArchival, TimeAway
from skills.names import search_key

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee
    from skills.models import Need, Offer, Proficiency, Requirement, Skill  # noqa: F401 - in quotes

M = TypeVar("M", bound=models.Model, covariant=True)
_AFTER_EVERYTHING = "\U0010ffff"
CLOSE, LOOSE = 0.55, 0.25  # how alike: one letter wrong; two letters exchanged
NEARLY = 0.8  # of the best likeness, so that a guess is not half the catalogue


def employed_on(day: date, before: str = "employee__") -> Q:
    """Here on that day: through the last day, not after their access was ended, and not between
    two times of being here."""
    last = Q(**{f"{before}leaving_on": None}) | Q(**{f"{before}leaving_on__gte": day})
    active = _not_before(day, before, "deactivated_at")
    pauses: Any = TimeAway.objects
    away = Q(**{f"{before}pk__in": pauses.on(day).values("employee")})
    return last & active & Q(**{f"{before}hired_on__lte": day}) & ~away


def listed_on(day: date, before: str) -> Q:
    """Not archived at the end of that day; `before` leads to a skill or a team."""
    pauses: Any = {"skill__": apps.get_model("skills.SkillArchival"), "team__": TeamArchival}
    put_away = pauses[before].objects.on(day).values(before.rstrip("_"))
    return _not_before(day, before, "archived_at") & ~Q(**{f"{before}pk__in": put_away})


def _not_before(day: date, before: str, name: str) -> Q:
    """That moment lies after the day, or is not set."""
    return Q(**{f"{before}{name}": None}) | Q(GreaterThan(local_day(before, name), day))


def local_day(before: str, name: str) -> Cast:
    """The day of a moment in the organization's zone, whoever asks: `__date` would take theirs."""
    local = Func(
        F(f"{before}organization__time_zone"),
        F(f"{before}{name}"),
        function="timezone",
        output_field=models.DateTimeField(),
    )
    return Cast(local, models.DateField())


class VisibleToEveryone(FencedQuerySet[M]):
    def visible_to(self, employee: Employee) -> Self:
        """Everyone who works here sees these, by name."""
        return self if employee.active else self.none()


class SkillQuerySet(VisibleToEveryone["Skill"]):
    def current(self) -> Self:
        """In the catalogue now: neither archived nor merged."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        """Put away, and not merged into another one."""
        return self.filter(archived_at__isnull=False, merged_into=None)

    def matching(self, text: str, *, likeness: float = CLOSE) -> Self:
        """Those with a name like `text`, best first: the whole name, its beginning, the beginning
        of a word, a typing error; the skill's own name before its other ones. `found_as` holds
        the names, the one that matched first. Asks the names at once."""
        key = search_key(text)
        return self._ranked(self._ranks(key, likeness), key)

    def looked_up(self, text: str) -> tuple[Self, bool]:
        """What matches, and whether only a loose likeness was found ("Did you mean")."""
        key = search_key(text)
        ranks = self._ranks(key, LOOSE)
        close = self._ranked({pk: rank for pk, rank in ranks.items() if rank >= CLOSE}, key)
        if not key or close.exists():
            return close, False
        loose = self._ranked(ranks, key)
        best = loose.values_list("rank", flat=True).first() or 0
        return self._ranked({pk: r for pk, r in ranks.items() if r >= NEARLY * best}, key), True

    def _ranks(self, key: str, likeness: float) -> dict[int, float]:
        """How well the names of each skill (id) match, archived ones too.

        The names of one organization are read in one pass: behind row security Postgres cannot
        use a trigram index, whose operators are not leakproof. Nothing is joined to them: where
        Postgres takes the names of a new organization for few, as it does until it has analysed
        the table, it would read all of them once for each skill.
        """
        if not key:
            return {}
        best = self._names().order_by().values("skill").annotate(rank=Max(_likeness(key)))
        return dict(best.filter(rank__gte=likeness).values_list("skill", "rank"))

    def _ranked(self, ranks: Mapping[int, float], key: str) -> Self:
        if not ranks:
            nothing = Value(None, output_field=models.TextField())
            return self.none().annotate(rank=Value(0.0), found_as=nothing)
        alike: dict[float, list[int]] = {}
        for pk, rank in ranks.items():
            alike.setdefault(rank, []).append(pk)
        whens = (When(pk__in=pks, then=Value(rank)) for rank, pks in alike.items())
        own = Case(When(search_key=OuterRef("search_key"), then=Value(0)), default=Value(1))
        called = self._names().filter(skill=OuterRef("pk")).annotate(own=own)
        called = called.order_by(_likeness(key).desc(), "own", "name")
        return (
            self.filter(pk__in=list(ranks))
            .annotate(
                rank=Case(*whens, output_field=models.FloatField()),
                own=_likeness(key),
                found_as=ArraySubquery(called.values("name")),
            )
            .order_by("-rank", "-own", "search_key", "id")
        )

    def _names(self) -> Any:
        names: Any = self.model._meta.get_field("names").related_model
        return names.objects


def _likeness(key: str) -> Case:
    """Of the field `search_key`: 4 the whole, 3 its beginning, 2 the beginning of a word, below
    1 a typing error."""
    starts = Q(search_key__gte=key, search_key__lt=key + _AFTER_EVERYTHING)
    return Case(
        When(search_key=key, then=Value(4.0)),
        When(starts, then=Value(3.0)),
        When(search_key__contains=f" {key}", then=Value(2.0)),
        default=TrigramWordSimilarity(key, F("search_key")),
        output_field=models.FloatField(),
    )


class ValidityQuerySet(VisibleToEveryone[M]):
    """Rows that hold from `valid_from` until before `valid_to`."""

    def on(self, day: date) -> Self:
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def current(self) -> Self:
        return self.filter(valid_to=None)


class ProficiencyQuerySet(ValidityQuerySet["Proficiency"]):
    def confirmed(self, day: date) -> Self:
        """Those whose confirmation still runs on that day."""
        return self.filter(confirmed_until__gte=day)

    def unconfirmed(self, day: date) -> Self:
        return self.filter(Q(confirmed_until=None) | Q(confirmed_until__lt=day))

    def confirmable_by(self, employee: Employee, day: date) -> Self:
        """Levels from 2 on of colleagues that this employee works at too, and has not doubted."""
        own = self.model._default_manager.filter(employee=employee, valid_to=None)
        reached = own.filter(skill=OuterRef("skill"), level__gte=OuterRef("level"))
        return (
            self.current()
            .unconfirmed(day)
            .filter(Exists(reached), employed_on(day), level__gte=2, skill__archived_at=None)
            .exclude(employee=employee)
            .exclude(doubts__by=employee)
        )

    def of_those_around(self, employee: Employee) -> Self:
        """Of the team, of the direct reports and of the manager of this employee."""
        around = Q(employee__manager=employee) | Q(employee=employee.manager_id)
        if employee.team_id is not None:
            around |= Q(employee__team=employee.team_id)
        return self.filter(around)


class RequirementQuerySet(ValidityQuerySet["Requirement"]):
    def standing(self, day: date) -> Self:
        """Those that hold on a day, of teams and skills that were not archived by then."""
        return self.on(day).filter(listed_on(day, "team__"), listed_on(day, "skill__"))


class OffersToTeach(VisibleToEveryone["Offer"]):
    pass


class NeedQuerySet(VisibleToEveryone["Need"]):
    pass


SkillManager = FencedManager.from_queryset(SkillQuerySet)
ProficiencyManager = FencedManager.from_queryset(ProficiencyQuerySet)
OfferManager = FencedManager.from_queryset(OffersToTeach)
NeedManager = FencedManager.from_queryset(NeedQuerySet)
RequirementManager = FencedManager.from_queryset(RequirementQuerySet)
