"""What each kind of outbox row does and how each kind of notification is told.

Apps declare it in two modules that are imported at start: `effects.py` and `mails.py`.

    @effect("expire_hold")                       # sessions/effects.py: one verb, in a scope
    def expire_hold(subject: int, occurrence: str) -> None: ...

    @outside("report")                           # three steps, the middle one without a transaction
    class ReportFile(OutsideEffect[Plan]): ...

    @renders("booking_confirmed", _("Booking confirmed"))   # sessions/mails.py
    def booking_confirmed(notification: Notification) -> Context | None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from peerlearn.notifications.models import Notification

Prepared = TypeVar("Prepared")
Verb = Callable[[int, str], None]
NOTIFICATION = "notification"  # the outbox kind of every notification; subject is its id


class Context(TypedDict, total=False):
    """What a renderer returns: any names for its templates, and where its button leads.

    `link` is a whole address (`organization_url(…)`); the inbox links to the same page. `to` is
    another address than the recipient's: then it is mailed even when their access has ended.
    """

    link: str
    to: str


Renderer = Callable[["Notification"], "dict[str, Any] | None"]


class OutsideEffect(Generic[Prepared]):
    """An effect that leaves the database: a mail, a file, a call.

    `prepare` and `record` run in a scope of the row's organization, `perform` outside every
    transaction. `perform` may happen twice after a crash: give it a key that the far side knows.
    `label` and `recipients` are what an admin reads of its rows.
    """

    label: str | Promise = ""

    def recipients(self, subjects: list[int]) -> dict[int, str]:
        """Whom it goes to, by subject, in one query. Belongs in a scope."""
        return {}

    def prepare(self, subject: int, occurrence: str) -> Prepared | None:
        """All that `perform` needs; None when there is nothing to do any more."""
        raise NotImplementedError

    def perform(self, prepared: Prepared) -> None:
        """Raise Undeliverable when trying again cannot help, anything else to be tried again."""
        raise NotImplementedError

    def record(self, subject: int, occurrence: str, prepared: Prepared) -> None:
        """Note that it was done, by compare-and-set: another process may have been faster."""
        raise NotImplementedError


class Undeliverable(Exception):
    """Trying again cannot help: the row becomes a dead letter at once."""


@dataclass(frozen=True)
class Effect:
    """One kind of outbox row. Exactly one of `verb` and `outside` is set."""

    kind: str
    long: bool
    verb: Verb | None = None
    outside: OutsideEffect[Any] | None = None


@dataclass(frozen=True)
class Telling:
    """How one kind of notification is told: its label for people and its renderer."""

    kind: str
    label: str | Promise
    render: Renderer


_effects: dict[str, Effect] = {}
_tellings: dict[str, Telling] = {}

V = TypeVar("V", bound=Verb)
R = TypeVar("R", bound=Renderer)
O = TypeVar("O", bound="type[OutsideEffect[Any]]")  # noqa: E741  # stands beside V and R


def effect(kind: str, *, long: bool = False) -> Callable[[V], V]:
    """Register `verb(subject, occurrence)`: run once, in the transaction that ends its row."""

    def register(verb: V) -> V:
        _add(_effects, kind, Effect(kind, long, verb=verb))
        return verb

    return register


def outside(kind: str, *, long: bool = False) -> Callable[[O], O]:
    """Register an OutsideEffect. `long` puts it on the queue for work of up to half an hour."""

    def register(made: O) -> O:
        _add(_effects, kind, Effect(kind, long, outside=made()))
        return made

    return register


def renders(kind: str, label: str | Promise) -> Callable[[R], R]:
    """Register who tells a kind of notification, from templates/emails/<kind>.*.

    The renderer runs in a scope when the notification is sent. It returns the context of the
    templates with `link`, or None when the matter no longer holds: then nothing is sent.
    """

    def register(render: R) -> R:
        _add(_tellings, kind, Telling(kind, label, render))
        return render

    return register


def effect_of(kind: str) -> Effect:
    """Raises LookupError for a kind that no app declares."""
    try:
        return _effects[kind]
    except KeyError:
        raise LookupError(f"no app declares @effect or @outside({kind!r})") from None


def effect_kinds() -> list[str]:
    """Every kind of outbox row, in the order of its name."""
    return sorted(_effects)


def long_kinds() -> list[str]:
    """The kinds of long work."""
    return [kind for kind, effect in _effects.items() if effect.long]


def telling_of(kind: str) -> Telling:
    """Raises LookupError for a kind that no app declares."""
    try:
        return _tellings[kind]
    except KeyError:
        raise LookupError(f"no app declares @renders({kind!r})") from None


def tellings() -> list[Telling]:
    """Every kind of notification, in the order of its name."""
    return [_tellings[kind] for kind in sorted(_tellings)]


def _add(known: dict[str, Any], kind: str, entry: Any) -> None:
    if kind in known:
        raise ValueError(f"{kind!r} is declared twice")
    known[kind] = entry
