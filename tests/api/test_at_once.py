"""The same key at the same moment: one effect, whoever comes second waits or is told."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from peerlearn.api import idempotency
from sessions.models import Participation
from tests.api.kit import Program
from tests.sessions.kit import AT, make_offer
from tests.sessions.test_concurrency import at_once
from tests.world import World

THREADS = 4


@pytest.mark.django_db(transaction=True)
def test_one_effect(world: World, monkeypatch: Any) -> None:
    place = world.halden
    with time_machine.travel(AT, tick=False):
        with place.scope():
            one = {"public_id": make_offer(place.colleague).public_id}
        program = Program(place, place.employee)
        assert len(_made(program, one, "k")) == 1
        with place.scope():
            assert Participation.objects.filter(seat="shadow").count() == 1
        monkeypatch.setattr(idempotency, "begin", lambda *_, **__: None)  # the twin
        assert len(_made(program, one, "l")) > 1


def _made(program: Program, one: dict[str, str], key: str) -> set[str]:
    """The ids of the holds that were answered. Who waited too long is told to ask again."""

    def hold() -> str:
        body = {"start": "2026-12-01"}
        answer = program.post("api_offer_hold", body, kwargs=one, Idempotency_Key=key)
        assert answer.status_code in {201, 409}, answer.content
        if answer.status_code == 409:
            assert answer.json()["type"] == "urn:peerlearn:busy", answer.content
            return "busy"
        return str(answer.json()["id"])

    ended = at_once([hold] * THREADS, threads=THREADS)
    assert not {"AssertionError", "Exception"} & set(ended), ended
    return set(ended) - {"busy"}
