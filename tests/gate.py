"""What stands before the application on the live server, so that no request outlives its test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any

ANSWERED_WITHIN = 60  # seconds, on a machine that does much else


class Gate:
    """Lets requests through during a test alone.

    A page that is left still loads its panels: their transactions would meet the TRUNCATE with
    which the test ends, and one of the two would be ended as a deadlock.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._changed = Condition()
        self._inside = 0
        self._open = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._changed:
            if not self._open:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self._inside += 1
        try:
            return self._application(environ, start_response)
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open until the end of the block, which is reached when the last request is answered."""
        self._open = True
        try:
            yield
        finally:
            with self._changed:
                self._open = False
                answered = self._changed.wait_for(lambda: not self._inside, ANSWERED_WITHIN)
            assert answered, f"{self._inside} requests are still being answered"
