"""What can be imported. Floors above declare theirs at start, in their `imports.py`:

@imported
class Levels(Importing): ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from django.utils.functional import Promise

from peerlearn.organizations.importing.given import Row
from peerlearn.organizations.importing.plans import Plan
from peerlearn.organizations.importing.values import Order

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee, Import

Text = str | Promise
Progress = Callable[[int], None]  # is told how many more are written; ends the writing by raising


@dataclass(frozen=True)
class Writing:
    """How a plan is written. `removes`: those who are in no row go. `of` is the import."""

    of: Import
    by: Employee
    at: datetime
    removes: bool
    progress: Progress


class Importing:
    """One kind of import. `check` and `write` run in a scope; `write` in the transaction in which
    `check` has just said again what is to be done, under the lock of the tree."""

    kind: ClassVar[str]
    heading: ClassVar[Text]  # of its pages
    holds: ClassVar[Text]  # what its files hold, in a word
    needed: ClassVar[Text]  # which columns, in a sentence
    after: ClassVar[Text]  # what those who are new find, in a sentence
    leads_to: ClassVar[str]  # the route of the page that shows what was imported
    example: ClassVar[Path]  # a small file that can be imported as it is
    targets: ClassVar[Mapping[str, Text]]  # what columns can go to
    words: ClassVar[Mapping[str, Sequence[str]]]  # headings by which they are guessed
    dates: ClassVar[frozenset[str]] = frozenset()  # the targets that hold days
    in_title: ClassVar[frozenset[str]] = frozenset()  # what a line says by its title already

    def missing(self, targets: frozenset[str]) -> Text | None:
        """What these columns do not say and must, in a sentence."""
        raise NotImplementedError

    def shown(self, target: str, text: str) -> str:
        """A value of a line in words; what a day is `dates` says."""
        return text

    def check(self, rows: Sequence[Row], order: Order, *, by: Employee, at: datetime) -> Plan:
        """What importing these rows would do."""
        raise NotImplementedError

    def write(self, plan: Plan, how: Writing) -> None:
        """Do it. Raises ValidationError when something is in its way."""
        raise NotImplementedError


_kinds: dict[str, Importing] = {}
K = TypeVar("K", bound=type[Importing])


def imported(made: K) -> K:
    """Declare a kind of import."""
    if made.kind in _kinds:
        raise ValueError(f"{made.kind!r} is declared twice")
    _kinds[made.kind] = made()
    return made


def kinds() -> Mapping[str, Importing]:
    """All that were declared, the lower floors first."""
    return dict(_kinds)
