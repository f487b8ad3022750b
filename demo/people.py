"""Who may be tried in the demo. A list, not a question to the database: the sign-in page stands
outside every organization."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Person(NamedTuple):
    email: str
    name: str
    shows: str | Promise
    organization: str


_HALDEN, _NORDFJORD = "Halden Grid", "Nordfjord Hydro"

PEOPLE = (
    Person(
        "nils.eriksen@halden.example",
        "Nils Eriksen",
        _("Technician, here for three weeks: book three days beside Marta, say what you can do"),
        _HALDEN,
    ),
    Person(
        "marta.kowalczyk@halden.example",
        "Marta Kowalczyk",
        _("Protection lead and host, in both organizations: her offer, who comes, what is left"),
        _HALDEN,
    ),
    Person(
        "amina.okafor@halden.example",
        "Amina Okafor",
        _("Manager of Field Operations: the overview, which skills rest on one person"),
        _HALDEN,
    ),
    Person(
        "ingrid.solheim@halden.example",
        "Ingrid Solheim",
        _("HR: reports as Excel and CSV, people, skills of the whole company"),
        _HALDEN,
    ),
    Person(
        "tomasz.wrona@halden.example",
        "Tomasz Wrona",
        _("Lines lead and host: mark a day done, take over days of a colleague who fell ill"),
        _HALDEN,
    ),
    Person(
        "lin.yu.chen@halden.example",
        "Lin Yu-Chen",
        _("Network lead and host: a learner proposes a level, confirm it or not"),
        _HALDEN,
    ),
    Person(
        "per.aune@halden.example",
        "Per Aune",
        _("Admin: settings, cost bands, roles, deliveries"),
        _HALDEN,
    ),
    Person(
        "solveig.aasen@nordfjord.example",
        "Solveig Aasen",
        _("Founder, HR and admin of twelve people who began last week"),
        _NORDFJORD,
    ),
    Person(
        "even.haug@nordfjord.example",
        "Even Haug",
        _("Manager in the first week: a request to approve, an overview that is too early"),
        _NORDFJORD,
    ),
)


def people_to_try() -> tuple[Person, ...]:
    """In the order in which the sign-in page offers them."""
    return PEOPLE
