"""What fields, errors and refusals say: what to do next."""

from __future__ import annotations

from django import forms
from django.test import Client

from tests.world import World


class Empty(forms.Form):
    name = forms.CharField()
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "A")])
    number = forms.IntegerField()
    own = forms.CharField(error_messages={"required": "Write a goal."})


def test_fields_say_what_to_do() -> None:
    said = {name: list(errors) for name, errors in Empty({}).errors.items()}
    assert said == {
        "name": ["Fill this in."],
        "day": ["Say a day."],
        "kind": ["Choose one."],
        "number": ["Say a number."],
        "own": ["Write a goal."],
    }
    wrong = Empty({"day": "soon", "number": "few"}).errors
    assert list(wrong["day"]) == ["Say a day, such as 2026-12-31."]
    assert list(wrong["number"]) == ["Say a whole number, such as 3."]


def test_no_page_says_that_a_field_is_required(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    for name in ("employee_add", "team_add", "skill_add"):
        answer = client.post(place.path(name), {})
        assert answer.status_code == 422
        assert "Fill this in." in answer.content.decode()
        assert "is required" not in answer.content.decode()


def test_nobody_is_told_to_ask_themselves(world: World, client: Client) -> None:
    place = world.halden
    for viewer, says in (
        (place.hr, "ask an admin of your organization"),
        (place.employee, "ask an admin of your organization"),
        (place.admin, "You are an admin: you can change your own roles"),
    ):
        place.sign_in(client, viewer)
        path = place.path("employee_add" if viewer == place.admin else "cost_band_add")
        answer = client.get(path)
        assert answer.status_code == 403
        assert says in answer.content.decode()
