"""What the hosts of Halden Grid let others see. Pure, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from demo.trade import OIL, RELAY, SCADA
from sessions.free_time import Hours
from sessions.rotations import Rotation, Shift

CONTROL_ROOM = Rotation(
    (
        Shift("E", "Early", Hours(time(6), time(14))),
        Shift("L", "Late", Hours(time(14), time(22))),
        Shift("N", "Night", Hours(time(22), time(6))),
    ),
    ("E", "E", "L", "L", "N", "N", "-", "-", "-", "-"),
)
WATCH, TOGETHER, LEAD = "watch", "together", "lead"


@dataclass(frozen=True)
class Step:
    day: int
    stage: str
    text: str


@dataclass(frozen=True)
class Offer:
    host: str  # the name
    skills: tuple[str, ...]
    place: str
    plan: tuple[Step, ...]
    days: int = 3
    within_days: int | None = None  # they may lie apart
    starts_at: time = time(8)
    minutes: int = 480
    bring: str = ""
    notice_days: int = 3
    per_month: int = 2
    capacity: int = 2
    title: str = ""


def _days(*texts: tuple[str, str]) -> tuple[Step, ...]:
    return tuple(Step(i + 1, stage, text) for i, (stage, text) in enumerate(texts))


def _one_day(text: str) -> tuple[Step, ...]:
    return (Step(1, TOGETHER, text),)


OFFERS = (
    Offer(
        "Marta Kowalczyk",
        (RELAY, "Fault records"),
        "Substation 4, Halden",
        _days(
            (WATCH, "Settings review, file naming, fault records"),
            (TOGETHER, "Live relay test with the injection set"),
            (LEAD, "You run the test, Marta watches"),
        ),
        bring="Boots and helmet, your laptop",
        title="Relay protection settings",
        notice_days=6,
    ),
    Offer(
        "Ruben Achterberg",
        (SCADA, "SCADA events"),
        "Control room, Halden",
        _days(
            (WATCH, "How the gateway talks to the stations, and what its alarms mean"),
            (LEAD, "You restart a line, Ruben reads along"),
        ),
        days=2,
        capacity=1,
        title="The legacy SCADA gateway",
        notice_days=4,
    ),
    Offer(
        "Tove Lindahl",
        (OIL,),
        "Transformer 2, Tistedal",
        _days(
            (WATCH, "Taking samples without air, labels, the laboratory's form"),
            (TOGETHER, "Reading the gases of three transformers"),
        ),
        days=2,
        minutes=420,
        capacity=1,
        per_month=1,
        bring="Boots, helmet, gloves that oil does not pass",
        notice_days=5,
    ),
    Offer(
        "Tomasz Wrona",
        ("Live-line jointing", "Fault location"),
        "Depot Sørlie, then where the fault is",
        _days(
            (WATCH, "Locating: bridge, pulse echo, walking the line"),
            (TOGETHER, "A joint on the training cable"),
            (LEAD, "You locate and joint, Tomasz watches"),
        ),
        bring="Boots, helmet, rain clothes",
        notice_days=4,
    ),
    Offer(
        "Samira Haddad",
        ("Meter data repair", "Meter exchange"),
        "Metering office, Halden",
        _days(
            (WATCH, "A morning of rejected values: what is wrong with which"),
            (LEAD, "You repair a day, Samira checks it"),
        ),
        days=2,
        within_days=14,
        starts_at=time(9),
        minutes=360,
    ),
    Offer(
        "Lin Yu-Chen",
        ("Fibre splicing", "Station network"),
        "Telecom van 3",
        _one_day("Cleaving, ten splices, measured; then you close the joint box"),
        days=1,
        capacity=3,
        per_month=3,
        bring="Warm clothes",
    ),
    Offer(
        "Elin Strand",
        ("Switching plans", "SCADA events", "Shift handover"),
        "Control room, Halden",
        _days(
            (WATCH, "A shift from handover to handover"),
            (TOGETHER, "A switching plan for next week's outage"),
        ),
        days=2,
        per_month=3,
        title="Two shifts in the control room",
        notice_days=2,
    ),
    Offer(
        "Henrik Dahl",
        ("Fault records", "Grid connection studies"),
        "Grid Projects, Bergen",
        _days(
            (WATCH, "From the fault record to the question for planning"),
            (TOGETHER, "A connection study with real numbers"),
            (LEAD, "You defend a study, Henrik asks"),
        ),
        starts_at=time(8, 30),
        minutes=420,
        bring="A study of yours, if you have one",
        notice_days=10,
    ),
    Offer(
        "Sofia Lindgren",
        ("Injection set", "Station network"),
        "Remote lab, Oslo",
        _days(
            (WATCH, "The set, its cables, its traps"),
            (TOGETHER, "Secondary injection on the test rack"),
        ),
        days=2,
        starts_at=time(9),
        minutes=360,
        notice_days=7,
    ),
    Offer(
        "Ola Fossum",
        ("Crane and lift plans", "Mobile generators"),
        "Workshop, Halden",
        _one_day("A lift plan that was refused, the same one mended, and the lift"),
        days=1,
        capacity=3,
        per_month=3,
        bring="Boots and helmet",
        notice_days=2,
    ),
    Offer(
        "Lucía Herrero",
        ("Connections cases", "Complaints", "Difficult phone calls"),
        "Customer centre, second floor",
        _one_day("Two hours of calls, a case from A to Z, then you take the calls"),
        days=1,
        minutes=420,
        capacity=3,
        per_month=4,
        title="A day in the customer centre",
        notice_days=1,
    ),
    Offer(
        "Marisol Vega",
        ("Kubernetes", "DevOps"),
        "Video call",
        _days(
            (WATCH, "A release, and how it is taken back"),
            (LEAD, "You release, Marisol watches"),
        ),
        days=2,
        starts_at=time(9),
        minutes=240,
        notice_days=8,
    ),
    Offer(
        "Arjun Nair",
        ("SQL", "Python (computer programming)"),
        "IT, fourth floor",
        _one_day("Questions to the meter data, then your own, written by you"),
        days=1,
        starts_at=time(9),
        minutes=360,
        capacity=3,
        per_month=3,
        title="Your question to our data",
        notice_days=5,
    ),
)
