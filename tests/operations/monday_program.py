"""The same by programs: each with the token of one of the ten, made on the page."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.test import Client

from tests.operations.monday_days import SKILL, Ten
from tests.operations.monday_kit import ANSWERS, at_once

CHOSEN = ["read:people", "read:bookings", "write:bookings"]


class Program:
    """Writes carry a key, and are sent twice at the same moment: they happen once."""

    def __init__(self, ten: Ten, name: str) -> None:
        browser = ten[name]
        browser.go(ten.page("api/tokens/add/"))
        browser.press("Make it", name="Vaktplan", scopes=CHOSEN)
        (secret,) = browser.tree().xpath("//input[@readonly]/@value")
        browser.go(ten.page("api/tokens/"))
        browser.says("Vaktplan")
        assert secret not in browser.page
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._base, self._name, self._keys = ten.page("api/v1/"), name, 0

    def get(self, path: str, **query: str) -> Any:
        return self._answered(Client().get(self._base + path, query, headers=self._headers))

    def who(self) -> str:
        """The id of whom it acts for."""
        return str(self.get("me/")["employee"]["id"])

    def all(self, path: str) -> list[Any]:
        """Page after page, as `next` leads on."""
        answer = self.get(path, page_size="100")
        found = answer["results"]
        while answer["next"]:
            page = Client().get(answer["next"], headers=self._headers)
            answer = self._answered(page)
            found += answer["results"]
        return list(found)

    def post(self, path: str, body: dict[str, Any] | None = None, *, says: int = 200) -> Any:
        self._keys += 1
        key = {"Idempotency-Key": f"{self._name}-{self._keys}"}

        def send() -> Any:
            while True:
                answer = Client().post(
                    self._base + path,
                    json.dumps(body or {}),
                    content_type="application/json",
                    headers=self._headers | key,
                )
                if answer.status_code != 409 or "busy" not in answer.json()["type"]:
                    return self._answered(answer, says)

        first, second = at_once(send, send)
        assert first == second
        return first

    def delete(self, path: str) -> None:
        answer = Client().delete(self._base + path, headers=self._headers)
        assert answer.status_code == 204

    def _answered(self, answer: Any, says: int = 200) -> Any:
        ANSWERS[answer.status_code] += 1
        assert answer.status_code == says, answer.content.decode()
        return answer.json()


def all_of_it(ten: Ten) -> None:
    """Nils' program looks, holds, books, moves and cancels; Ragnhild's waits and waits no more;
    Marit's hands over what Øystein's takes."""
    nils, marit, oystein = (Program(ten, name) for name in ("nils", "marit", "oystein"))
    everybody = nils.all("employees/")
    assert len({one["id"] for one in everybody}) == len(everybody) == number_of_people(ten)
    offers = {one["host"]["id"]: one["id"] for one in nils.get("offers/", q=SKILL)["results"]}
    theirs = {one: offers[one.who()] for one in (marit, oystein)}
    free = nils.get(f"offers/{theirs[marit]}/starts/", **{"from": "2026-12-07"})["starts"]
    first, later = free[0], free[-1]
    booked = book(nils, theirs[marit], first["day"])
    assert ten.told("nils") == ["REQUEST"] * 3
    held = nils.post(f"bookings/{booked}/move/", {"start": later["day"]}, says=201)["id"]
    moved = nils.post(f"bookings/{held}/moved/")
    assert (moved["state"], moved["starts_at"]) == ("booked", later["blocks"][0]["starts_at"])
    assert ten.told("nils") == ["REQUEST"] * 3
    other = book(nils, theirs[oystein], first["day"])
    assert ten.told("nils") == ["REQUEST"] * 3
    assert nils.post(f"bookings/{other}/cancel/", {"reason": "Vakt"})["state"] == "cancelled"
    assert ten.told("nils") == ["CANCEL"] * 3
    ragnhild = Program(ten, "ragnhild")
    assert ragnhild.post(f"offers/{theirs[oystein]}/wait/") == {"position": 1, "waiting": 1}
    ragnhild.delete(f"offers/{theirs[oystein]}/wait/")
    hand_over(ten, nils, marit, oystein, moved["id"], theirs[oystein])


def book(program: Program, offer: str, day: str) -> str:
    """The id of the booking."""
    held = program.post(f"offers/{offer}/hold/", {"start": day, "goal": "Måle"}, says=201)
    booked = program.post(f"bookings/{held['id']}/book/")
    assert (booked["state"], booked["id"]) == ("booked", held["id"])
    return str(booked["id"])


def hand_over(
    ten: Ten, nils: Program, marit: Program, oystein: Program, booking: str, offer: str
) -> None:
    cut = marit.post(f"bookings/{booking}/cut-off/", {"day": 1, "reason": "Kurs"})
    choices = marit.get(f"hand-overs/{cut['id']}/")
    assert offer in [one["offer"] for one in choices["candidates"]]
    marit.post(f"hand-overs/{cut['id']}/ask/", {"offer": offer})
    (asked,) = oystein.get("take-overs/", open="true")["results"]
    before = set(ten.calendars["nils"].days)
    taken = oystein.post(f"take-overs/{asked['id']}/accept/")
    assert taken["host"]["id"] == oystein.who()
    came = ten.came("nils")
    assert {uid for method, uid in came if method == "CANCEL"} == before
    assert len({uid for method, uid in came if method == "REQUEST"} - before) == 3
    assert nils.get(f"bookings/{taken['id']}/")["host"] == taken["host"]


def number_of_people(ten: Ten) -> int:
    with ten.company.scope(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM organizations_employee WHERE active")
        (number,) = cursor.fetchone()
    return int(number)
