"""The organization's settings and cost bands over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from peerlearn.organizations.models import CostBand, FormerCost, Organization
from skills.models import Requirement, Skill
from tests.factories import make_cost_band, make_employee
from tests.world import World

TYPED = {
    "name": "Halden Grid & Co",
    "time_zone": "Europe/Lisbon",
    "currency": "NOK",
    "working_days": ["0", "6"],
    "day_starts": "07:00",
    "day_ends": "15:30",
    "alphabet": "nb",
    "smallest_group": "8",
    "confirmation_months": "6",
    "language": "de",
}


def test_an_admin_keeps_the_settings(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    assert client.post(place.path("settings"), TYPED).status_code == 302
    kept = Organization.objects.get(pk=place.organization.pk)
    assert (kept.name, kept.currency, kept.working_days) == ("Halden Grid & Co", "NOK", [0, 6])
    assert (kept.smallest_group, kept.confirmation_months) == (8, 6)
    assert Organization.objects.get(pk=world.nordfjord.organization.pk).currency == "EUR"


def test_a_name_is_one_line(world: World, client: Client) -> None:
    """It stands in the subject of mails."""
    place = world.halden
    place.sign_in(client, place.admin)
    client.post(place.path("settings"), {**TYPED, "name": "Halden\r\nBcc: all@halden.example"})
    kept = Organization.objects.get(pk=place.organization.pk)
    assert kept.name == "Halden Bcc: all@halden.example"


def test_hr_reads_and_changes_nothing(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    page = client.get(place.path("settings"))
    assert b"Changed by admins" in page.content
    assert client.post(place.path("settings"), TYPED).status_code == 403
    assert Organization.objects.get(pk=place.organization.pk).name == "Halden Grid"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("smallest_group", "4"),
        ("smallest_group", "x"),
        ("confirmation_months", "0"),
        ("currency", "XXX"),
        ("time_zone", "Nowhere"),
        ("day_ends", "06:00"),
        ("name", ""),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    world: World, client: Client, field: str, value: Any
) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    response = client.post(place.path("settings"), {**TYPED, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}


def test_bands_are_added_corrected_and_removed_while_unused(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.admin)
    data = {"name": "A", "description": "Trainee", "hourly_cost": "38.00"}
    assert client.post(place.path("cost_band_add"), data).status_code == 302
    assert client.post(place.path("cost_band_add"), data).status_code == 422
    with place.scope():
        band = CostBand.objects.get(name="A")
    path = place.path("cost_band_edit", public_id=band.public_id)
    assert client.post(path, {**data, "hourly_cost": "-1"}).status_code == 422
    assert client.post(path, {**data, "hourly_cost": "40.5"}).status_code == 302
    assert "€40.50" in client.get(place.path("settings")).content.decode()
    remove = place.path("cost_band_remove", public_id=band.public_id)
    assert client.post(remove).status_code == 302
    with place.scope():
        assert not CostBand.objects.exists()


def test_another_cost_moves_no_past_day(world: World, client: Client) -> None:
    place = world.halden
    days = [date(2025, 1, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 6, 1)]
    with place.scope():
        band = make_cost_band(hourly_cost="61")
    path = place.path("cost_band_edit", public_id=band.public_id)
    for day, cost in (("2026-03-02", "65"), ("2026-03-02", "64.50"), ("2026-06-01", "70")):
        with time_machine.travel(f"{day}T09:00:00Z", tick=False):
            place.sign_in(client, place.admin)
            data = {"name": "Specialist", "description": "", "hourly_cost": cost}
            assert client.post(path, data).status_code == 302
    with place.scope():
        band = CostBand.objects.get()
        assert (band.name, band.hourly_cost) == ("Specialist", Decimal(70))
        costs = [band.cost_on(day) for day in days]
        assert costs == [Decimal(61), Decimal(61), Decimal("64.50"), Decimal(70)]
        # The twin: without the costs that were, the past is as dear as today.
        FormerCost.objects.all().delete()
        assert {band.cost_on(day) for day in days} == {Decimal(70)}


def test_a_band_that_somebody_has_or_had_stays(world: World, client: Client) -> None:
    place = world.halden
    with place.scope():
        band = make_cost_band()
        person = make_employee(cost_band=band)
        person.assign(
            team=None,
            manager=None,
            job_title="",
            cost_band=None,
            on=person.hired_on.replace(year=2026),
        )
    place.sign_in(client, place.admin)
    response = client.post(place.path("cost_band_remove", public_id=band.public_id))
    assert response.status_code == 422
    assert b"is used, now or in the past" in response.content


def test_the_first_steps_tell_what_is_there(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    steps = client.get(place.path("start")).context["steps"]
    done = [(step.heading, step.done, step.mine) for step in steps]
    assert done == [
        ("Teams", True, True),
        ("People", True, True),
        ("Cost bands", False, False),
        ("Skills", False, True),
        ("What the teams need", False, True),
    ]
    with place.scope():
        skill = Skill.objects.create(name="Fault records")
        Requirement.want(team=place.team, skill=skill, wanted=1, on=date(2026, 1, 5))
    steps = client.get(place.path("start")).context["steps"]
    assert [step.done for step in steps] == [True, True, False, True, True]


def test_no_group_is_smaller_than_five_by_the_databases_word(world: World) -> None:
    """Whatever a form lets through."""
    ours = Organization.objects.filter(pk=world.halden.organization.pk)
    ours.update(smallest_group=5)
    with pytest.raises(IntegrityError, match="organization_smallest_group"), transaction.atomic():
        ours.update(smallest_group=4)
