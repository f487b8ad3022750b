"""What matters first on the overview: the sentence, and the skills that rest on one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.scopes import Scope
from analytics.sentences import alone_for, risk_sentence
from analytics.skill_history import AtRisk, at_risk
from peerlearn.organizations.models import Organization
from sessions.models import OfferSkill
from skills.models import Need, Requirement

MOST_RISKS = 5
NAMED = 3  # of those who are ready to learn a skill


@dataclass(frozen=True)
class RiskRow:
    """`offer` is the public id of the shadowing that the person offers in the skill, or ""."""

    risk: AtRisk
    today: date
    offer: str

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


@dataclass(frozen=True)
class Risks:
    """`left` more than the rows; `too_early`: nobody has said what is wanted."""

    sentence: str
    rows: Sequence[RiskRow]
    left: int
    too_early: bool


def risks_of(scope: Scope, today: date, organization: Organization, *, every: bool) -> Risks:
    """Those of the scope, who leaves first first: all, or the first five."""
    found = at_risk(scope, today, organization)
    shown = found if every else found[:MOST_RISKS]
    offers = _offers(shown)
    too_early = not found and not _wanted()
    resting = [(one.skill, one.holder, one.holder_id, one.leaving_on) for one in found]
    return Risks(
        sentence=risk_sentence(resting, too_early=too_early),
        rows=[RiskRow(one, today, offers.get((one.skill_id, one.holder_id), "")) for one in shown],
        left=len(found) - len(shown),
        too_early=too_early,
    )


def _wanted() -> bool:
    """Whether any team or anybody wants any skill; one query."""
    requirements = Requirement.objects.order_by().values("pk")
    return bool(requirements.union(Need.objects.order_by().values("pk"))[:1])


def _offers(shown: Sequence[AtRisk]) -> dict[tuple[int, int], str]:
    """(skill, host) → public id of what is offered."""
    rows = OfferSkill.objects.filter(
        skill__in=[one.skill_id for one in shown],
        offer__active=True,
        offer__host__in=[one.holder_id for one in shown],
    )
    found = rows.values_list("skill", "offer__host", "offer__public_id")
    return {(skill, host): public_id for skill, host, public_id in found}
