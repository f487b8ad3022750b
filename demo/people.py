"""Who may be tried in the demo. A list, not a question to the database: the sign-in page stands
outside every organization."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    email: str
    name: str
    shows: str
    organization: str


PEOPLE: tuple[Person, ...] = ()


def people_to_try() -> tuple[Person, ...]:
    """In the order in which the sign-in page offers them."""
    return PEOPLE
