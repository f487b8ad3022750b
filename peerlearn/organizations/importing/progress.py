"""How far the writing of an import is, told while its transaction is still open."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType

from django.db import OperationalError, connections

from peerlearn.organizations.models import Import, ImportState
from peerlearn.organizations.scoping import scope

EVERY = 1.0  # seconds


class Stopped(Exception):
    """Cancelled, or asked for again: what was done of it is rolled back."""


class Progress:
    """Another connection writes the number down, and hears of a cancelling: what the transaction
    writes nobody sees before its end."""

    def __init__(self, row: Import) -> None:
        self.row, self.done = row, 0
        self._over, self._stopped = Event(), Event()
        self._teller = Thread(target=self._tell, name=f"import-{row.pk}", daemon=True)

    def __enter__(self) -> Progress:
        self._teller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._teller.join()

    def add(self, done: int) -> None:
        """So many more are written; raises Stopped when nobody wants them any more."""
        self.done += done
        self.check()

    def check(self) -> None:
        if self._stopped.is_set():
            raise Stopped

    def _tell(self) -> None:
        try:
            while not self._over.wait(EVERY):
                with scope(self.row.organization_id):
                    mine = Import.objects.filter(pk=self.row.pk, turn=self.row.turn)
                    if mine.filter(state=ImportState.WRITING).update(done=self.done):
                        continue
                    if mine.filter(state=ImportState.CANCELLED).exists():
                        self._stopped.set()
                        return
        except OperationalError:  # the number is not worth a wait
            return
        finally:
            connections.close_all()
