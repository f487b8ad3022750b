"""The demo as it is loaded, once for all tests of this module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.hashers import is_password_usable
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from demo.halden import SLUG as HALDEN
from demo.nordfjord import SLUG as NORDFJORD
from demo.people import Person, people_to_try
from demo.trade import RESTING_ON_ONE
from peerlearn.clock import now
from peerlearn.notifications.models import Notification, Outbox
from peerlearn.organizations.addresses import organization_path, public_path
from peerlearn.organizations.audit import fence_problems
from peerlearn.organizations.fence import FencedModel
from peerlearn.organizations.models import (
    Employee,
    Import,
    Membership,
    Organization,
    Team,
    User,
)
from peerlearn.organizations.scoping import scope
from sessions.models import Debrief, HandOverRequest, Interaction, LearningSession, Request
from skills.coverage import coverage, resting_on_one, scope_of
from skills.models import Proficiency

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        call_command("load_demo", stdout=StringIO())
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


@pytest.fixture
def halden() -> Iterator[Organization]:
    organization = Organization.objects.get(slug=HALDEN)
    with scope(organization.pk):
        yield organization


@pytest.fixture
def nordfjord() -> Iterator[Organization]:
    organization = Organization.objects.get(slug=NORDFJORD)
    with scope(organization.pk):
        yield organization


def rows(slug: str) -> dict[str, int]:
    """How many rows each table of an organization holds."""
    with scope(Organization.objects.get(slug=slug).pk):
        return {
            model._meta.label: model._default_manager.count()
            for model in apps.get_models()
            if issubclass(model, FencedModel)
        }


def test_loading_again_changes_nothing() -> None:
    before = rows(HALDEN), rows(NORDFJORD)
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue() == "Both demo organizations are there.\n"
    assert (rows(HALDEN), rows(NORDFJORD)) == before
    assert before[0]["organizations.Employee"] == 240


def test_who_works_there(halden: Organization) -> None:
    people = Employee.objects.select_related("team")
    assert Team.objects.count() == 14
    assert people.filter(active=False).count() == 2
    assert all(person.team for person in people)
    assert {p.time_zone for p in people} == {"Europe/Oslo", "Europe/Warsaw", "America/New_York"}
    assert len({p.cost_band_id for p in people}) == 5
    amina = people.get(name="Amina Okafor")
    assert 80 <= Employee.objects.below(amina).current().count() <= 90
    per, ingrid = people.get(name="Per Aune"), people.get(name="Ingrid Solheim")
    assert (per.is_admin, per.is_hr) == (True, False)
    assert (ingrid.is_admin, ingrid.is_hr) == (False, True)


def test_they_came_by_an_import(halden: Organization) -> None:
    row = Import.objects.get()
    assert (row.state, row.counts["new"], row.counts["error"]) == ("done", 239, 0)
    assert bytes(row.content) == b""
    assert not row.lines.exists()
    assert set(row.told.items()) >= {("encoding", "utf-8"), ("separator", ";")}
    nils = Employee.objects.select_related("manager", "cost_band").get(name="Nils Eriksen")
    assert (nils.manager.team, nils.cost_band.name) == (nils.team, "B")
    assert not is_password_usable(User.objects.get(email=nils.email).password)


def test_three_skills_rest_on_one_person(halden: Organization) -> None:
    amina = Employee.objects.get(name="Amina Okafor")
    risks = resting_on_one(scope_of(amina), on=now().date())
    assert [(risk.skill.name, risk.holder.name) for risk in risks] == list(
        zip(RESTING_ON_ONE, ("Marta Kowalczyk", "Ruben Achterberg", "Tove Lindahl"), strict=True)
    )
    retires, leaves, stays = (risk.leaving_on for risk in risks)
    assert (retires.month, retires.day, leaves.month, leaves.day) == (3, 31, 6, 12)
    assert stays is None
    assert [bool(risk.ready) for risk in risks] == [True, True, True]


def test_coverage_moves_over_the_year(halden: Organization) -> None:
    today = now().date()
    resting = [len(resting_on_one(None, on=today - timedelta(days=d))) for d in (360, 120, 0)]
    assert resting[0] > resting[1] > resting[2] == 3

    def alone(days: int) -> int:
        table = coverage(None, on=today - timedelta(days=days))
        return sum(table.total(skill).alone >= 3 for skill in table.skills)

    assert alone(360) < alone(180) < alone(0)


def test_a_year_of_shadowing(halden: Organization) -> None:
    states = Counter(LearningSession.objects.values_list("state", flat=True))
    assert states["completed"] >= 80
    assert states["cancelled"] >= 3
    assert states["booked"] >= 8
    assert not LearningSession.objects.filter(
        state="booked", ends_at__lt=now() - timedelta(days=4)
    ).exists()
    assert Debrief.objects.count() > 100
    days = Interaction.objects.values_list("occurred_on", flat=True)
    assert max(days) < now().date()
    assert (max(days) - min(days)).days > 300
    assert Proficiency.objects.filter(confirmed_until__lt=now().date(), valid_to=None).exists()


def test_a_host_can_mark_a_day_done_now(halden: Organization) -> None:
    running = LearningSession.objects.get(host__name="Tomasz Wrona", state="booked")
    states = [(block.state, block.starts_at < now()) for block in running.blocks.order_by("number")]
    assert states[:2] == [("done", True), ("planned", True)]


def test_the_host_is_asked_about_the_day_that_has_passed(client: Client) -> None:
    client.force_login(User.objects.get(email="tomasz.wrona@halden.example"))
    organization = Organization.objects.get(slug=HALDEN)
    page = client.get(organization_path(organization, "home")).content.decode()
    assert "Did the days take place?" in page
    assert "Today at" not in page


def test_nobody_is_in_two_places(halden: Organization) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM learning_sessions_claim a JOIN learning_sessions_claim b "
            "ON a.employee_id = b.employee_id AND a.id < b.id AND a.during && b.during "
            "WHERE a.active AND b.active"
        )
        assert cursor.fetchone() == (0,)
        assert fence_problems() == []


def test_nothing_is_mailed_for_the_past(halden: Organization) -> None:
    assert mail.outbox == []
    assert not Outbox.objects.filter(due_at__lte=now()).exists()
    assert not Notification.objects.filter(sent_at=None, due_at__lte=now()).exists()
    assert Notification.objects.filter(sent_at=None).exists()
    seen = Notification.objects.exclude(sent_at=None)
    assert seen.exists()
    assert not seen.filter(title="").exists()


def test_the_small_organization_is_in_its_first_week(nordfjord: Organization) -> None:
    assert Employee.objects.count() == 12
    assert not LearningSession.objects.exclude(state="held").exists()
    assert (now() - nordfjord.created_at).days <= 7


def test_another_host_can_take_over_and_a_request_waits(client: Client) -> None:
    """Signed in, and by the buttons of their home; the demo stays as it is."""
    for name, slug, words, label in (
        ("tomasz.wrona", HALDEN, "asks you to take over", "Take over"),
        ("even.haug", NORDFJORD, "Linh Tran", "Approve"),
    ):
        user = User.objects.get(email__startswith=name)
        client.force_login(user)
        organization = Organization.objects.get(slug=slug)
        home = client.get(organization_path(organization, "home")).content.decode()
        assert words in home, name
        with scope(organization.pk):
            waits = HandOverRequest.objects.get() if slug == HALDEN else Request.objects.get()
        route = "hand_over_answer" if slug == HALDEN else "request"
        page = organization_path(organization, route, public_id=waits.public_id)
        listed = organization_path(organization, "requests")
        assert (page if slug == HALDEN else listed) in home
        assert label in client.get(page).content.decode()
        with transaction.atomic():
            done = client.post(page if slug == HALDEN else f"{page}approve/", {"answer": "accept"})
            assert done.status_code == 302
            with scope(organization.pk):
                waits.refresh_from_db()
                assert waits.answer == "accepted"
            transaction.set_rollback(True)


def test_the_list_of_those_who_may_sign_in_is_true() -> None:
    for person in people_to_try():
        organization = Organization.objects.get(name=person.organization)
        user = User.objects.get(email=person.email)
        assert Membership.objects.active().filter(user=user, organization=organization).exists()
        with scope(organization.pk):
            assert Employee.objects.get(email=person.email).name == person.name
    out = StringIO()
    call_command("load_demo", "--who", stdout=out)
    assert all(person.email in out.getvalue() for person in people_to_try())


def test_marta_chooses_between_two_organizations(client: Client) -> None:
    client.force_login(User.objects.get(email="marta.kowalczyk@halden.example"))
    page = client.get(public_path("organizations")).content.decode()
    assert "Halden Grid" in page
    assert "Nordfjord Hydro" in page


@pytest.mark.parametrize("person", people_to_try(), ids=lambda person: person.name)
@pytest.mark.parametrize("route", ["home", "shadowing", "my_skills", "skills", "employees"])
def test_everybody_has_their_pages(client: Client, person: Person, route: str) -> None:
    client.force_login(User.objects.get(email=person.email))
    organization = Organization.objects.get(name=person.organization)
    assert client.get(organization_path(organization, route)).status_code == 200


FIGURES = [
    "dashboard",
    "dashboard_risks",
    "dashboard_figures",
    "dashboard_coverage",
    "dashboard_shadowing",
    "reports",
]
WITH_FIGURES = [
    person
    for person in people_to_try()
    if person.name in {"Amina Okafor", "Ingrid Solheim", "Solveig Aasen", "Even Haug"}
]


@pytest.mark.parametrize("person", WITH_FIGURES, ids=lambda person: person.name)
@pytest.mark.parametrize("route", FIGURES)
def test_managers_and_hr_have_figures(client: Client, person: Person, route: str) -> None:
    client.force_login(User.objects.get(email=person.email))
    organization = Organization.objects.get(name=person.organization)
    assert client.get(organization_path(organization, route)).status_code == 200
