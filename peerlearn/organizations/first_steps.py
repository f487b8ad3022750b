"""What a new organization does first, on floors of which this one knows nothing too.

Those declare it at start, in their `first_steps.py`:

    @first_step
    def catalogue(me: Employee) -> Step: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee


@dataclass(frozen=True)
class Step:
    """`mine` when the reader takes it, else `by` says who does."""

    heading: str
    text: str
    done: bool
    mine: bool
    by: str
    route: str
    action: str


Asked = Callable[["Employee"], Step]
_steps: list[Asked] = []


def first_step(made: Asked) -> Asked:
    """Declare a step; it is asked in a scope, by whoever reads the page."""
    _steps.append(made)
    return made


def further_steps(me: Employee) -> tuple[Step, ...]:
    """All that were declared, the lower floors first."""
    return tuple(made(me) for made in _steps)
