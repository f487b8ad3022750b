"""What matters first on the overview: the sentence, what rests on one person, what nobody can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from analytics.scopes import Scope
from analytics.sentences import alone_for, risk_sentence
from analytics.skill_history import AtRisk, Nobody, dangers
from peerlearn.organizations.models import Organization
from sessions.models import OfferSkill
from skills.models import Need, Requirement

MOST_RISKS = 5
NAMED = 3  # of those who are ready to learn a skill


@dataclass(frozen=True)
class RiskRow:
    """A skill that rests on one person. `offer` is the public id of the shadowing that the person
    offers in it, or ""; `lacking` the teams that want it and have nobody."""

    risk: AtRisk
    today: date
    offer: str = ""
    lacking: Sequence[str] = ()

    @property
    def ready(self) -> Sequence[str]:
        """The first of those who could learn it next."""
        return self.risk.ready[:NAMED]

    @property
    def years(self) -> int:
        """How long the person has been here."""
        return (self.today - self.risk.hired_on).days // 365

    @property
    def alone(self) -> str:
        return alone_for(self.risk.alone_since, self.today)

    @property
    def rank(self) -> tuple[int, date, int]:
        return (0 if self.risk.leaving_on else 2, *self.risk.urgency)


@dataclass(frozen=True)
class NobodyRow:
    """A skill that teams want and have nobody for."""

    risk: Nobody

    @property
    def ready(self) -> Sequence[str]:
        return self.risk.ready[:NAMED]

    @property
    def rank(self) -> tuple[int, date, int]:
        return (3 if self.risk.elsewhere else 1, date.max, -self.risk.wanted)


@dataclass(frozen=True)
class Risks:
    """`rows`: who leaves first first, then what nobody at all can, what rests on somebody who
    stays, and what a team lacks. `left` more than the rows; `too_early`: nobody has said what is
    wanted."""

    sentence: str
    rows: Sequence[RiskRow | NobodyRow]
    left: int
    too_early: bool


def risks_of(scope: Scope, today: date, organization: Organization, *, every: bool) -> Risks:
    """Those of the scope: all, or the first five."""
    resting, nobody = dangers(scope, today, organization)
    lacking = {one.skill_id: one for one in nobody}
    names = {key: one.teams for key, one in lacking.items()}
    rows: list[RiskRow | NobodyRow] = [
        RiskRow(one, today, lacking=names.get(one.skill_id, ())) for one in resting
    ]
    alone = {one.skill_id for one in resting}
    missing = [one for key, one in lacking.items() if key not in alone]
    rows.extend(NobodyRow(one) for one in missing)
    rows.sort(key=lambda row: row.rank)
    shown = _with_offers(rows if every else rows[:MOST_RISKS])
    too_early = not rows and not _wanted()
    return Risks(
        sentence=risk_sentence(
            [(one.skill, one.holder, one.holder_id, one.leaving_on) for one in resting],
            [(one.skill, one.teams, one.elsewhere) for one in missing],
            too_early=too_early,
        ),
        rows=shown,
        left=len(rows) - len(shown),
        too_early=too_early,
    )


def _wanted() -> bool:
    """Whether any team or anybody wants any skill; one query."""
    requirements = Requirement.objects.order_by().values("pk")
    return bool(requirements.union(Need.objects.order_by().values("pk"))[:1])


def _with_offers(rows: Sequence[RiskRow | NobodyRow]) -> list[RiskRow | NobodyRow]:
    """The same, with what is offered; one query."""
    found = OfferSkill.objects.filter(
        skill__in=[row.risk.skill_id for row in rows if isinstance(row, RiskRow)],
        offer__active=True,
    ).values_list("skill", "offer__host", "offer__public_id")
    offers = {(skill, host): public_id for skill, host, public_id in found}
    return [
        replace(row, offer=offers.get((row.risk.skill_id, row.risk.holder_id), ""))
        if isinstance(row, RiskRow)
        else row
        for row in rows
    ]
