"""The gate of the live server: no request outlives its test."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, Thread
from typing import Any

from tests.gate import Gate


def _ignored(status: str, headers: list[tuple[str, str]]) -> None: ...


def test_the_end_waits_for_what_is_being_answered() -> None:
    arrived, go_on, left = Event(), Event(), Event()

    def slow(_environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        arrived.set()
        go_on.wait(10)
        return [b"done"]

    gate = Gate(slow)

    def one_test() -> None:
        with gate.opened():
            Thread(target=gate, args=({}, _ignored)).start()
            assert arrived.wait(10)
        left.set()

    Thread(target=one_test).start()
    assert arrived.wait(10)
    assert not left.wait(0.1)
    go_on.set()
    assert left.wait(10)


def test_nobody_comes_in_between_tests() -> None:
    statuses: list[str] = []
    gate = Gate(lambda _environ, _start: [b"within"])
    with gate.opened():
        assert gate({}, _ignored) == [b"within"]
    assert gate({}, lambda status, _headers: statuses.append(status)) == []
    assert statuses == ["503 Service Unavailable"]
