"""A load that was cut short is gone on with, chapter by chapter."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from demo import nordfjord
from demo.chapters import Chapter, load
from peerlearn.organizations.models import Employee, Organization, Team
from peerlearn.organizations.scoping import scope
from skills.models import Proficiency, Skill

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def chapters_of(organization: Organization) -> list[Chapter]:
    return nordfjord.Nordfjord(organization).chapters()


def silent(words: str) -> None:
    pass


class Crash(Exception):
    pass


def crash() -> None:
    Team.objects.create(name="half a chapter")
    raise Crash


def test_a_crash_leaves_whole_chapters_and_loading_goes_on_there() -> None:
    there = nordfjord.organization(TODAY)
    first, second, third, *rest = chapters_of(there)
    broken = Chapter(third.title, third.is_there, crash)
    with pytest.raises(Crash):
        load(there, [first, second, broken, *rest], silent)
    with scope(there.pk):
        assert Skill.objects.exists()
        assert not Proficiency.objects.exists()
        assert not Team.objects.filter(name="half a chapter").exists()
    said: list[str] = []
    assert load(there, chapters_of(there), said.append) == 1 + len(rest)
    assert said == [f"{there.name}: {chapter.title}" for chapter in (third, *rest)]
    with scope(there.pk):
        assert Employee.objects.count() == 12


def test_an_organization_without_its_people_is_found_again() -> None:
    first = nordfjord.organization(TODAY)
    later = nordfjord.organization(date(2027, 3, 1))
    assert first == later
    assert nordfjord.Nordfjord(later).began == date(2026, 11, 16)


def test_it_is_refused_outside_the_demo(settings: object) -> None:
    settings.DEMO = settings.TESTING = False
    with pytest.raises(CommandError, match="belongs to the demo"):
        call_command("load_demo")
    assert not Organization.objects.exists()
