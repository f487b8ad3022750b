"""The teams of Halden Grid, what people are called in them, and the cost bands. Pure, no Django."""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "halden.example"
TOP = "Halden Grid"
FIELD = "Field Operations"

COST_BANDS = [
    ("A", "Trainee", 38),
    ("B", "Technician, clerk", 61),
    ("C", "Engineer, lead", 84),
    ("D", "Head of a team", 106),
    ("E", "Director", 142),
]


@dataclass(frozen=True)
class Ranks:
    """A team, how many are in it, and what they are called from the top down."""

    name: str
    under: str
    people: int
    head: str
    lead: str
    titles: tuple[tuple[str, str, int], ...]  # title, cost band, how often
    leads: int = 2


TEAMS = (
    Ranks(TOP, "", 4, "Managing director", "", (("Adviser", "C", 1),), 0),
    Ranks(FIELD, TOP, 2, "Director of field operations", "", (("Coordinator", "B", 1),), 0),
    Ranks(
        "Substations",
        FIELD,
        19,
        "Head of substations",
        "Station lead",
        (("Technician", "B", 8), ("Senior technician", "C", 3), ("Apprentice", "A", 2)),
    ),
    Ranks(
        "Lines & cables",
        FIELD,
        20,
        "Head of lines and cables",
        "Lines lead",
        (("Line fitter", "B", 8), ("Cable jointer", "B", 5), ("Apprentice", "A", 2)),
    ),
    Ranks(
        "Control room",
        FIELD,
        13,
        "Head of the control room",
        "Shift lead",
        (("Control room operator", "C", 7), ("SCADA engineer", "C", 2)),
    ),
    Ranks(
        "Metering",
        FIELD,
        12,
        "Head of metering",
        "Metering lead",
        (("Meter technician", "B", 5), ("Meter data analyst", "C", 3)),
        1,
    ),
    Ranks(
        "Fleet & plant",
        FIELD,
        10,
        "Head of fleet and plant",
        "Workshop lead",
        (("Mechanic", "B", 4), ("Crane operator", "B", 3)),
        1,
    ),
    Ranks(
        "Field IT",
        FIELD,
        9,
        "Head of field IT",
        "Network lead",
        (("Network technician", "B", 4), ("Telecom engineer", "C", 2)),
        1,
    ),
    Ranks(
        "Network Planning",
        TOP,
        41,
        "Director of network planning",
        "Lead planner",
        (("Grid planner", "C", 12), ("Project engineer", "C", 9), ("Drafter", "B", 5)),
        5,
    ),
    Ranks(
        "Market",
        TOP,
        16,
        "Head of market",
        "Trading lead",
        (("Market analyst", "C", 6), ("Balancing trader", "C", 4), ("Settlement clerk", "B", 4)),
        1,
    ),
    Ranks(
        "Customer",
        TOP,
        34,
        "Head of customer service",
        "Customer lead",
        (("Customer adviser", "B", 14), ("Connections adviser", "B", 6), ("Trainee", "A", 2)),
        4,
    ),
    Ranks(
        "IT",
        TOP,
        27,
        "Head of IT",
        "Engineering lead",
        (("Developer", "C", 7), ("Systems engineer", "C", 6), ("Data engineer", "C", 3)),
        3,
    ),
    Ranks(
        "Finance",
        TOP,
        18,
        "Head of finance",
        "Accounting lead",
        (("Accountant", "C", 6), ("Purchaser", "B", 5), ("Invoice clerk", "B", 4)),
        2,
    ),
    Ranks(
        "People & safety",
        TOP,
        15,
        "Head of people and safety",
        "Safety lead",
        (("People partner", "C", 3), ("Safety adviser", "C", 5), ("Payroll clerk", "B", 3)),
        2,
    ),
)
