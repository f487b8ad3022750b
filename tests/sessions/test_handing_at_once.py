"""Many who accept days at the same moment."""

from __future__ import annotations

from collections import Counter
from threading import Barrier

import pytest

from peerlearn.organizations.models import Employee
from sessions import handing
from sessions.choices import Answer
from sessions.cutting import cut_off
from sessions.handing import accept, ask
from sessions.models import Block, HandOverRequest, LearningSession, Participation
from sessions.refusals import Busy, Taken
from tests.factories import make_employee
from tests.sessions.handing_kit import active
from tests.sessions.kit import AT, make_booking, make_offer
from tests.sessions.test_concurrency import at_once, make_learners, without_the_constraint
from tests.world import Place, World


def rush(place: Place, sessions: int, clients: int) -> Counter[str]:
    """One host is asked for several sessions on the same days, and accepts them all at once."""
    with place.scope():
        marta = make_employee("Marta Berg", team=place.company)
        hers = make_offer(marta)
        requests = []
        for host, learner in zip(*[iter(make_learners(2 * sessions))] * 2, strict=True):
            session = make_booking(make_offer(host), learner).session
            made = cut_off(session, 1, by=host, at=AT)
            assert made
            requests.append(ask(made, hers, by=host, at=AT).pk)

    def client(number: int) -> str:
        with place.scope():
            rows = HandOverRequest.objects.select_related("hand_over__session", "host", "offer")
            accept(rows.get(pk=requests[number % sessions]), by=marta, at=AT)
        return f"accepted {number % sessions}"

    ended = at_once([lambda i=i: client(i) for i in range(clients)], threads=min(clients, 20))
    assert set(ended) <= {f"accepted {i}" for i in range(sessions)} | {
        Taken.__name__,
        Busy.__name__,
    }, ended
    return Counter(one for one in ended if one.startswith("accepted"))


@pytest.mark.django_db(transaction=True)
def test_sixty_acceptances_at_once_give_one(world: World) -> None:
    assert len(rush(world.halden, 6, 60)) == 1
    with world.halden.scope():
        assert HandOverRequest.objects.filter(answer=Answer.ACCEPTED).count() == 1
        host = Employee.objects.get(name="Marta Berg")
        assert active(host) == [1, 2, 3]
        assert Participation.objects.filter(employee=host).count() == 1
        assert Block.objects.filter(session__state="open").count() == 15


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_constraint_several_are_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    place, everybody = world.halden, Barrier(2, timeout=10)

    def unlocked(session: LearningSession, *others: int) -> dict[int, Employee]:
        everybody.wait()
        return {one.pk: one for one in Employee.objects.filter(pk__in=others)}

    with without_the_constraint(place):
        monkeypatch.setattr(handing, "lock_everybody", unlocked)
        assert len(rush(place, 2, 2)) == 2
