"""What happens in the demo's story, as plain values. Pure, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Event:
    on: date


@dataclass(frozen=True)
class Claims(Event):
    email: str
    skill: str
    level: int


@dataclass(frozen=True)
class Confirms(Event):
    """`by` says that the level of `email` holds."""

    by: str
    email: str
    skill: str


@dataclass(frozen=True)
class Withdraws(Event):
    email: str
    skill: str


@dataclass(frozen=True)
class Teaches(Event):
    email: str
    skill: str


@dataclass(frozen=True)
class Wants(Event):
    email: str
    skill: str
    urgency: int


@dataclass(frozen=True)
class Requires(Event):
    team: str
    skill: str
    wanted: int


@dataclass(frozen=True)
class Moves(Event):
    """Another place: only what is not empty changes."""

    email: str
    team: str = ""
    manager: str = ""
    title: str = ""
    band: str = ""


@dataclass(frozen=True)
class Leaves(Event):
    """Every access ends in the evening of that day."""

    email: str
