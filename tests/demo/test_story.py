"""The story holds on whatever day the demo is started."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from demo.days import Days, at
from demo.events import Claims, Confirms, Event, Withdraws
from demo.halden import Halden
from demo.levels import levels
from demo.offers import OFFERS
from demo.roster import roster
from demo.shadowings import CANCELLED, DONE, PLANNED, RUNNING, shadowings
from demo.trade import RESTING_ON_ONE, catalogue
from peerlearn.organizations.models import Organization

ANY_DAY = st.dates(date(2025, 1, 1), date(2040, 12, 31))
AWKWARD = [date(2028, 2, 29), date(2026, 11, 22), date(2027, 1, 1), date(2026, 1, 31)]


def awkward(test: object) -> object:
    for day in AWKWARD:
        test = example(day)(test)  # type: ignore[arg-type]  # hypothesis decorates any test
    return test


def replay(events: list[Event]) -> dict[tuple[str, str], int]:
    """(skill, e-mail) → level at the end; every confirmation must be one that a peer may give."""
    held: dict[tuple[str, str], int] = {}
    for event in events:
        match event:
            case Claims():
                held[event.skill, event.email] = event.level
            case Withdraws():
                del held[event.skill, event.email]
            case Confirms():
                own = held[event.skill, event.email]
                assert event.by != event.email
                assert held[event.skill, event.by] >= own
    return held


@settings(max_examples=12)
@given(ANY_DAY)
@awkward
def test_three_skills_rest_on_one_person_and_the_rest_is_as_planned(today: date) -> None:
    days = Days(today)
    people = roster(days)
    story = levels(people, days)
    assert [e for e in story.events if e.on >= today] == []
    alone = Counter(
        skill
        for (skill, email), level in replay(story.events).items()
        if level >= 3 and email not in people.left
    )
    assert {skill for skill, count in alone.items() if count == 1} == set(RESTING_ON_ONE)
    assert alone == {t.name: sum(w.now for w in t.teams.values()) for t in catalogue()}


@settings(max_examples=12)
@given(ANY_DAY)
@awkward
def test_people_fit_together(today: date) -> None:
    days = Days(today)
    people = roster(days)
    emails = [person.email for person in people.people]
    assert len(set(emails)) == len(emails) == len({p.name for p in people.people})
    above: set[str] = set()
    for person in people.people:
        assert person.manager in above or (not above and person.manager == "")
        assert person.hired_on < today
        assert person.leaving_on is None or person.leaving_on > person.hired_on
        assert (person.leaving_on or today) >= today or person.email in people.left
        above.add(person.email)
    assert len({person.team for person in people.people}) == 14
    assert days.retirement < days.leaving


@settings(max_examples=8)
@given(ANY_DAY)
@awkward
def test_shadowing_grows_over_the_year(today: date) -> None:
    days = Days(today)
    people = roster(days)
    told = shadowings(people, levels(people, days), days)
    outcomes = Counter(shadowing.outcome for shadowing in told)
    assert outcomes[DONE] >= 80
    assert outcomes[CANCELLED] >= 3
    assert outcomes[RUNNING] == 1
    assert outcomes[PLANNED] >= 8
    done: dict[int, int] = defaultdict(int)
    for shadowing in told:
        if shadowing.outcome == DONE:
            done[(today - shadowing.on).days // 91] += 1
    assert done[3] < done[1]


@settings(max_examples=8)
@given(ANY_DAY)
@awkward
def test_every_month_can_be_told_by_its_confirmations(today: date) -> None:
    there = Organization(name="Halden Grid", created_at=at(Days(today).founded))
    titles = [chapter.title for chapter in Halden(there).chapters()]
    assert len(titles) == len(set(titles))
    assert 10 <= len(titles) - 8 <= 16
    assert Halden(there).days == Days(today)


def test_the_same_day_tells_the_same_story() -> None:
    days = Days(date(2026, 11, 22))
    first, second = roster(days), roster(days)
    assert first == second
    assert levels(first, days) == levels(second, days)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.host)
def test_every_offer_has_one_step_a_day(offer: object) -> None:
    assert [step.day for step in offer.plan] == list(range(1, offer.days + 1))
