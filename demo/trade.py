"""What Halden Grid's people must be able to do. Pure, no Django.

Each line of `_LINES`: a skill, what else it is called, and for each team `wanted now before`: how
many the team requires, how many can do it alone today, and how many could fifteen months ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RELAY = "Relay protection settings"
SCADA = "Legacy SCADA gateway"
OIL = "Oil sampling and gas analysis"
RESTING_ON_ONE = (RELAY, SCADA, OIL)

_SHORT = {
    "sub": "Substations",
    "lines": "Lines & cables",
    "ctl": "Control room",
    "met": "Metering",
    "fleet": "Fleet & plant",
    "fit": "Field IT",
    "plan": "Network Planning",
    "market": "Market",
    "cust": "Customer",
    "it": "IT",
    "fin": "Finance",
    "ps": "People & safety",
}

_LINES = """
# Protection and stations
Relay protection settings | relay settings, protection relays | sub 3 1 2, ctl 1 0 0
Oil sampling and gas analysis | DGA, transformer oil | sub 2 1 1, fleet 1 0 0
Fault records | disturbance records, COMTRADE | sub 4 5 3, plan 2 2 1
Injection set | relay test set, secondary injection | sub 2 2 1, fit 1 1 0
Feeder switching | switching orders | sub 6 9 7, ctl 2 3 3
Earthing of stations | earthing, grounding | sub 4 6 5, lines 2 3 2
Breaker overhaul | circuit breaker service | sub 2 2 2
Thermography | infrared inspection | sub 2 3 2, lines 2 2 1
# Lines and cables
Live-line jointing | live working on cables | lines 3 2 1
Fault location | cable fault location, TDR | lines 3 3 2, sub 1 1 1, fit 1 1 0
Cable jointing, medium voltage | MV joints | lines 5 8 6
Line inspection by drone | drone pilot | lines 3 4 1, plan 1 1 0
Work on poles | pole climbing | lines 6 11 10
Forest clearing along lines | vegetation | lines 3 5 5
# Operation
Legacy SCADA gateway | RTU gateway, IEC 101 | ctl 2 1 1, fit 1 0 0
Switching plans | planned outages | sub 2 2 2, ctl 2 1 1, lines 1 1 0
Outage messages | customer outage notice | ctl 3 4 3, lines 1 1 1, met 1 1 1
SCADA events | alarm list | ctl 5 7 6, sub 2 3 2
Restoring after a blackout | black start | ctl 3 2 2
Load shedding | manual load shedding | ctl 3 4 3
Shift handover | handover | ctl 5 8 7
# Metering
Meter data repair | VEE, meter data validation | met 3 4 3, fit 1 2 1
Meter exchange | smart meter swap | met 4 6 6
Measuring transformers | current transformers | met 2 2 1, sub 1 1 1
# Fleet and plant
Crane and lift plans | lifting plans | fleet 3 3 3, lines 2 3 2, sub 1 1 0
Mobile generators | emergency power | fleet 3 5 4, lines 1 2 2
Hydraulic tools | hydraulics | fleet 2 4 4
# Telecom
Fibre splicing | fiber splicing, fusion splicing | fit 3 5 3, lines 2 3 1, met 1 1 1
Station network | IEC 61850 network | fit 2 2 1, sub 1 1 1
Radio links | microwave links | fit 2 2 2
# Planning
Load flow calculations | power flow | plan 6 11 9
Load forecasting | demand forecast | plan 3 4 2, market 2 3 2
Concession applications | licences | plan 2 2 2
Cable route planning | routing | plan 4 8 7
Grid connection studies | connection studies | plan 4 7 4
# Market
Tariff modelling | grid tariffs | market 3 4 3, fin 1 1 1
Balancing trades | intraday | market 4 6 5
Settlement | imbalance settlement | market 3 5 4
# Customer
Connections cases | new connections | cust 6 12 8
Difficult phone calls | de-escalation | cust 8 15 10
Complaints | complaint handling | cust 5 9 7
Outage hotline | storm desk | cust 4 7 5, ctl 1 2 2
# Work and safety
Safe work permits | work permit, SJA | ps 2 4 4, sub 3 6 5, lines 3 7 6
Accident investigation | root cause analysis | ps 2 2 2
First aid at height | rescue from poles | ps 2 3 2, lines 5 9 8
Payroll run | salary run | ps 2 3 3
Purchasing above the threshold | public procurement | fin 3 4 3
Month-end closing | closing the books | fin 4 7 6
# Platforms
Kubernetes | k8s, kube | it 3 5 2
"""

# Labels of the ESCO pack, which brings their other names: wanted, now and before as above.
_ESCO = """
SQL | it 6 10 8, met 2 4 3, market 2 3 3
PostgreSQL | it 3 4 3
Python (computer programming) | it 5 9 6, plan 2 4 2, market 2 3 1
Ansible | it 2 2 1
DevOps | it 4 6 4
Data models | it 3 5 4
Data warehouse | it 2 2 2
Cloud technologies | it 4 7 5
Implement a firewall | it 2 3 3, fit 1 2 1
ICT network routing | fit 3 4 3, it 2 3 3
Wireshark | fit 2 3 2
ICT security standards | it 3 4 3
Cyber attack counter-measures | it 3 3 2
Perform ICT troubleshooting | it 6 12 11
Use geographic information systems | plan 6 12 10, lines 1 2 1
Use spreadsheets software | fin 6 12 12, market 4 8 8
CADD software | plan 4 8 7
Automatic meter reading | met 4 6 5
Respect data protection principles | ps 3 4 3, cust 3 6 4
Machine learning | it 2 2 2
"""


@dataclass(frozen=True)
class Wish:
    """What one team requires of a skill, and how many there could and can do it alone."""

    wanted: int
    now: int
    before: int


@dataclass(frozen=True)
class Trade:
    name: str
    category: str
    also_called: tuple[str, ...]
    teams: Mapping[str, Wish]
    is_esco: bool = False


def catalogue() -> list[Trade]:
    """Everything above in its order; an ESCO skill has neither category nor other names here."""
    return [*_own(), *_from_esco()]


def _own() -> list[Trade]:
    found, category = [], ""
    for line in filter(None, _LINES.splitlines()):
        if line.startswith("#"):
            category = line[1:].strip()
            continue
        name, names, teams = (part.strip() for part in line.split("|"))
        found.append(Trade(name, category, tuple(names.split(", ")), _wishes(teams)))
    return found


def _from_esco() -> list[Trade]:
    lines = (line.split("|") for line in filter(None, _ESCO.splitlines()))
    return [Trade(name.strip(), "", (), _wishes(teams), is_esco=True) for name, teams in lines]


def _wishes(text: str) -> dict[str, Wish]:
    wishes = {}
    for part in text.split(","):
        team, *numbers = part.split()
        wishes[_SHORT[team]] = Wish(*map(int, numbers))
    return wishes
