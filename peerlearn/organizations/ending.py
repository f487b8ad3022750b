"""What ends together with somebody's access, on floors of which this one knows nothing.

Those declare it at start, in their `leaving.py`:

    @ends_with_access
    class Bookings(Ending): ...
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee


class Ending:
    """All run in a scope; `end` in the transaction of `Employee.deactivate`, after the employee's
    row is locked and shut: nobody begins anything new with them meanwhile."""

    def foretell(self, employee: Employee, *, at: datetime) -> list[str]:
        """What would end, in sentences for whoever is about to decide it."""
        return []

    def end(self, employee: Employee, *, at: datetime) -> None:
        """End it, and tell whom it concerns. Letting them in again brings nothing of it back."""
        raise NotImplementedError

    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:
        """Another e-mail signs in as them from now on, in the transaction of the change: shut what
        whoever had the one before could still open by a secret, also should it come back."""


_endings: list[Ending] = []
E = TypeVar("E", bound="type[Ending]")


def ends_with_access(made: E) -> E:
    """Declare an Ending."""
    _endings.append(made())
    return made


def endings() -> list[Ending]:
    """All that were declared, the lower floors first."""
    return list(_endings)
