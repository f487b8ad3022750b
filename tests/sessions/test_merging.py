"""A skill that is merged into another one: offers, sessions and proposed levels go over."""

from __future__ import annotations

from datetime import UTC, datetime

from sessions.choices import Decision
from sessions.models import ProposedLevel, ShadowingOffer
from sessions.running import Answers, answer_level, complete_day, submit_debrief
from skills.merging import merge
from skills.models import Proficiency
from tests.sessions.kit import AT, make_booking, make_offer, make_skill
from tests.world import World

FIRST_DAY = datetime(2026, 12, 1, 15, tzinfo=UTC)
TODAY = AT.date()


def test_an_offer_is_found_under_the_skill_that_stays(world: World) -> None:
    halden = world.halden
    with halden.scope():
        old, new = make_skill("K8s"), make_skill("Kubernetes")
        one = make_offer(halden.colleague, "K8s")
        both = make_offer(halden.colleague, "K8s", "Kubernetes")
        merge(old, into=new, at=AT)
        assert [list(offer.skills.all()) for offer in (one, both)] == [[new], [new]]
        assert set(ShadowingOffer.objects.about("k8s")) == {one, both}


def test_a_level_that_was_learned_is_confirmed_in_the_skill_that_stays(world: World) -> None:
    halden = world.halden
    with halden.scope():
        old, new = make_skill("K8s"), make_skill("Kubernetes")
        Proficiency.claim(employee=halden.colleague, skill=old, level=4, on=TODAY)
        booking = make_booking(make_offer(halden.colleague, "K8s"), halden.employee)
        complete_day(booking.session, 1, by=halden.colleague, at=FIRST_DAY)
        submit_debrief(booking, Answers(), {old: 2}, at=FIRST_DAY)
        merge(old, into=new, at=FIRST_DAY)
        assert list(booking.session.skills.all()) == [new]
        proposed = ProposedLevel.objects.get()
        answer_level(proposed, confirm=True, by=halden.colleague, at=FIRST_DAY)
        assert ProposedLevel.objects.get().decision == Decision.CONFIRMED
        level = Proficiency.objects.get(employee=halden.employee)
        assert (level.skill, level.level, level.confirmed_by) == (new, 2, halden.colleague)
        assert {row.skill for row in booking.session.interactions.all()} == {old}
