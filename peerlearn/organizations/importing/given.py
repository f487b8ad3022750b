"""What a plan is made of: who is here, the rows of the file, and what it says is to be written.
Pure; no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peerlearn.organizations.importing.places import Place
from peerlearn.organizations.importing.values import Order
from peerlearn.organizations.importing.weeks import EIGHT_HOURS, Week


@dataclass(frozen=True)
class Known:
    """Somebody of the organization, with what an import may change. `first_place_ended` is when
    their first place became another, if it did."""

    id: int
    name: str
    email: str
    hired_on: date
    number: str = ""
    team: str = ""
    manager: int | None = None
    job_title: str = ""
    cost_band: str = ""
    leaving_on: date | None = None
    country: str = ""  # "" is as the organization
    region: str = ""
    active: bool = True
    is_admin: bool = False
    is_hr: bool = False
    first_place_ended: date | None = None


@dataclass(frozen=True)
class Row:
    """A row of the file: cells by their target; a target without a column is not there."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Surroundings:
    """What else there is. `by` is the id of whoever imports: they do not remove themselves.
    `place` is the organization's country and region, `week` the week of who is new."""

    today: date
    by: int
    by_admin: bool = False
    teams: tuple[str, ...] = ()
    archived_teams: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    order: Order = "dmy"
    place: Place = ("", "")
    week: Week = EIGHT_HOURS


@dataclass(frozen=True)
class Step:
    """What to write of one person: `known` is None for who is new. `manager` is a key."""

    key: int
    known: int | None
    values: Mapping[str, Any]
    changed: frozenset[str]
    comes_back: bool = False
    goes: bool = False
