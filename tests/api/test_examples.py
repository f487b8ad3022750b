"""Every curl of docs/api.md is run, and answers what stands behind it."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.test import Client

from tests.api.kit import make_token
from tests.sessions.kit import AT, TUESDAY, make_booking, make_offer
from tests.skills.kit import can, make_skill
from tests.world import Place, World

NEXT_MONTH = TUESDAY + timedelta(days=35)
_EXAMPLES = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def run(line: str, variables: dict[str, str]) -> Any:
    """As curl and a shell would, of what the examples use."""
    for name, value in sorted(variables.items(), reverse=True):
        line = line.replace(f"${name}", value)
    assert "$" not in line, line
    words = iter(shlex.split(line, comments=True)[1:])
    method, headers, body, address = "GET", {}, "", ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, value = next(words).split(": ", 1)
                headers[name] = value
            case "-d":
                method, body = "POST" if method == "GET" else method, next(words)
            case _:
                address = word
    return Client().generic(
        method, address, body, content_type=headers.pop("Content-Type", ""), headers=headers
    )


def _asks_for_approval(place: Place) -> None:
    """The employee, of the manager; what the examples book afterwards needs none."""
    place.organization.shadowings_need_approval = True
    place.organization.save()
    make_booking(make_offer(place.colleague), place.employee, TUESDAY + timedelta(days=49))
    place.organization.shadowings_need_approval = False
    place.organization.save()


@time_machine.travel(AT, tick=False)
def test_the_examples(world: World) -> None:
    place = world.halden
    with place.scope():
        skill = make_skill("Relay protection settings")
        can(place.colleague, skill, 3)
        offer = make_offer(place.colleague)
        hosted = make_booking(make_offer(place.manager), place.employee, NEXT_MONTH).session
        begun = make_booking(
            make_offer(place.manager), place.employee, AT.date(), at=AT - timedelta(days=7)
        ).session
        _asks_for_approval(place)
        variables = {
            "MANAGER_TOKEN": make_token(place.manager)[1],
            "TOKEN": make_token(place.employee)[1],
            "HR_TOKEN": make_token(place.hr)[1],
            "EMPLOYEE": place.colleague.public_id,
            "SKILL": skill.public_id,
            "LEARNER": place.employee.public_id,
            "OFFER": offer.public_id,
            "HOST_TOKEN": make_token(place.manager)[1],
            "APART": make_offer(place.hr, within_days=14).public_id,
            "BEGUN": begun.public_id,
            "HOSTED": hosted.public_id,
            "OTHER_TOKEN": make_token(place.admin)[1],
            "OTHER_OFFER": make_offer(place.admin).public_id,
            "DAY": "2026-12-01",
            "LATER": "2026-12-08",
            "AFTERWARDS": "2027-01-12",
            "API": place.path("api_me").removesuffix("/me/"),
        }
    text = (settings.BASE_DIR / "docs" / "api.md").read_text()
    lines = "".join(_EXAMPLES.findall(text)).replace("\\\n", " ").splitlines()
    assert len(lines) >= 19
    for line in lines:
        answer = run(line, variables)
        assert f"# {answer.status_code}" in line, (line, answer.status_code, answer.content)
        for name, found in re.findall(r"# \d+, (\w+) is its (\w+)", line):
            variables[name] = answer.json()[found]
        for name in re.findall(r"# \d+, (\w+) is the id of the first", line):
            variables[name] = answer.json()["results"][0]["id"]
