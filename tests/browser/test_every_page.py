"""Every page of both URLconfs, by the matrix's rows, and those that look otherwise in another
state: axe, width, keyboard, policy. With $PEERLEARN_SCREENSHOTS a picture of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from peerlearn.clock import now
from peerlearn.organizations.addresses import script_prefix
from peerlearn.organizations.models import Employee
from sessions.absent import answer, say_absent
from sessions.booking import book
from sessions.cancelling import cancel, decline
from sessions.holding import hold
from sessions.models import LearningSession, Participation
from sessions.moving import confirm
from sessions.suggesting import suggest
from sessions.waiting import join
from tests.analytics.kit import asked, made
from tests.browser.keyboard import faults_of_the_walk
from tests.browser.kit import LivePage, look_at, set_width, wait_until_filled
from tests.isolation import rows_sessions
from tests.isolation.matrix import Row
from tests.isolation.test_matrix import APPS, INSIDE, PUBLIC, arguments
from tests.sessions.kit import make_booking, make_offer
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
# Whoever sees most of a page goes there; of sessions those who take part.
ACTORS = ("hr", "manager", "employee", "admin")
TAKING_PART = ("employee", *ACTORS)


def pages_of(rows: dict[str, Row]) -> list[str]:
    return sorted(name for name, row in rows.items() if 200 in row.methods.get("GET", set()))


def actor_of(row: Row, app: str) -> str:
    actors = TAKING_PART if app == "sessions" else ACTORS
    return next(actor for actor in actors if actor in row.roles - row.invisible)


def is_page(page: Page, address: str) -> bool:
    """Not a file to download and not an answer for machines."""
    return page.request.get(address).headers["content-type"].startswith("text/html")


@contextmanager
def named(name: str, wrong: list[str]) -> Iterator[None]:
    """Gather what is wrong with a page, so that one run names all of it."""
    try:
        yield
    except AssertionError as error:
        wrong.append(f"{name}: {error}")


def look(
    live: LivePage, name: str, path: str, seen: set[str], wrong: list[str], *, fits: bool = True
) -> None:
    if not is_page(live.page, live.address + path):
        return
    before = len(live.faults)
    page = live.go(path)
    if page.url in seen:  # led elsewhere, where we have been
        return
    seen.add(page.url)
    with named(name, wrong):
        assert page.locator("main").count() == 1, "a page has one main"
        look_at(page, name, fits=fits)
    with named(f"{name} by keyboard", wrong):
        assert_walked_by_keyboard(page)
    with named(name, wrong):
        assert len(live.faults) == before, live.faults[before:]


def assert_walked_by_keyboard(page: Page) -> None:
    """On a phone, where bars stay at the bottom."""
    wait_until_filled(page)
    set_width(page, 390)
    faults = faults_of_the_walk(page)
    set_width(page, 1440)
    assert not faults, "; ".join(faults[:12])


@pytest.mark.parametrize("app", APPS)
def test_inside(live_page: LivePage, world: World, app: str) -> None:
    rows: dict[str, Row] = import_module(f"tests.isolation.rows_{app}").INSIDE
    kwargs = cache(lambda subject: arguments(Row({}, subject=subject), world.halden))
    seen: set[str] = set()
    wrong: list[str] = []
    for name in pages_of(rows):
        live_page.sign_in(getattr(world.halden, actor_of(rows[name], app)))
        path = world.halden.path(name, **kwargs(rows[name].subject))
        # test_pseudo_language.py asks the same pages whether longer words fit.
        look(live_page, name, path, seen, wrong, fits=False)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("signed_in", [False, True])
def test_public(live_page: LivePage, world: World, signed_in: bool) -> None:
    if signed_in:
        live_page.sign_in(world.halden.employee)
    seen: set[str] = set()
    wrong: list[str] = []
    for name in pages_of(PUBLIC):
        if name == "readyz":  # says 503 where no worker runs
            continue
        with script_prefix("/"):
            path = reverse(name, urlconf=settings.ROOT_URLCONF)
        look(live_page, name, path, seen, wrong, fits=False)
    assert not wrong, "\n".join(wrong)


# --- Pages in another state than the matrix's -------------------------------------------------
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday


def test_a_booking_from_the_hold_to_the_last_day(live_page: LivePage, world: World) -> None:
    place, seen, wrong = world.halden, set[str](), list[str]()

    def look_as(actor: Employee, name: str, route: str, **kwargs: Any) -> None:
        live_page.sign_in(actor)
        seen.clear()  # the same address in another state
        look(live_page, name, place.path(route, **kwargs), seen, wrong)

    with time_machine.travel(AT):
        with place.scope():
            completed, cancelled = rows_sessions.finished(place), rows_sessions.booked(place)
            session = LearningSession.objects.get(**cancelled)
            cancel(session, by=place.employee, reason="Night shift", at=now())
            run_out = rows_sessions.held(place)
        look_as(place.employee, "booking-completed", "booking", **completed)
        look_as(place.colleague, "booking-completed-host", "booking", **completed)
        look_as(place.employee, "booking-cancelled", "booking", **cancelled)
        look_as(place.colleague, "booking-cancelled-host", "booking", **cancelled)
        look_as(place.employee, "home-held", "home")
    with time_machine.travel(AT + timedelta(minutes=15)):
        look_as(place.employee, "booking-run-out", "booking", **run_out)
        with place.scope():
            held = rows_sessions.held(place)
        look_as(place.employee, "booking-confirm", "booking", **held)
        with place.scope():
            book(Participation.objects.learners().get(state="held"), goal="Alone", at=now())
        look_as(place.employee, "home-booked", "home")
        look_as(place.colleague, "home-host", "home")
        look_as(place.colleague, "run-host", "session_run", **held)
    assert not wrong, "\n".join(wrong)


def test_what_becomes_of_a_booking(live_page: LivePage, world: World) -> None:
    """Moved, declined, waited for, missed and suggested: each as those see it whom it concerns."""
    place, seen, wrong = world.halden, set[str](), list[str]()

    def look_as(actor: Employee, name: str, route: str, **kwargs: Any) -> None:
        live_page.sign_in(actor)
        seen.clear()
        look(live_page, name, place.path(route, **kwargs), seen, wrong)

    def address(booking: Participation) -> dict[str, Any]:
        with place.scope():
            return {"public_id": booking.session.public_id}

    with time_machine.travel(AT):
        with place.scope():
            offer = make_offer(place.colleague, capacity=2)
            moved = make_booking(offer, place.employee)
            before = address(moved)
            held = hold(offer, place.employee, date(2026, 12, 14), moves=moved, at=now())
            moving = address(held)
        look_as(place.employee, "move-confirm", "booking", **moving)
        with place.scope():
            confirm(held, goal="Alone", at=now())
            moved.refresh_from_db()
            skill = offer.skills.get()
            suggest(offer, place.employee, skill, by=place.manager, at=now())
        look_as(place.employee, "booking-moved", "booking", **before)
        look_as(place.colleague, "booking-moved-host", "booking", **before)
        look_as(place.manager, "bookings", "bookings")
        look_as(place.manager, "plan-settled", "plan", public_id=skill.public_id)
        with place.scope():
            join(offer, place.manager, at=now())
        look_as(place.manager, "offer-waiting", "offer", public_id=offer.public_id)
        look_as(place.manager, "my-sessions-waiting", "my_sessions")
        with place.scope():
            cancel(LearningSession.objects.get(**moving), by=place.employee, at=now())
            offered = Participation.objects.learners().get(employee=place.manager)
        look_as(place.manager, "place-offered", "booking", **address(offered))
        with place.scope():
            declined = make_booking(offer, place.employee, date(2026, 12, 21))
            decline(declined, by=place.colleague, reason="A revision", at=now())
        look_as(place.employee, "booking-declined", "booking", **address(declined))
        look_as(place.colleague, "booking-declined-host", "booking", **address(declined))
        with place.scope():
            missed = make_booking(offer, place.employee, date(2027, 1, 11))
            day = missed.session.ends_at
    with time_machine.travel(day):
        with place.scope():
            said = say_absent(missed, 1, by=place.colleague, at=now())
            answer(said, "I was ill", by=place.employee, at=now())
        look_as(place.employee, "run-missed", "session_run", **address(missed))
        look_as(place.colleague, "run-missed-host", "session_run", **address(missed))
    assert not wrong, "\n".join(wrong)


def test_signing_in_to_the_demo(live_page: LivePage, settings: LazySettings) -> None:
    settings.DEMO = True
    wrong: list[str] = []
    look(live_page, "sign-in-demo", "/account/login/", set(), wrong)
    expect(live_page.page.get_by_role("heading", name="People to try")).to_be_visible()
    assert not wrong, "\n".join(wrong)


def test_reports_with_a_named_download(live_page: LivePage, world: World) -> None:
    place, wrong = world.halden, list[str]()
    with place.scope():
        report = asked(place.hr, "single_person_risk", names="named", requested_at=now())
    made(report, at=now())
    hr = place.sign_in(Client(), place.hr)
    path = place.path("report_download", public_id=report.public_id)
    assert hr.get(path).status_code == 200
    live_page.sign_in(place.hr)
    look(live_page, "reports-named", place.path("reports"), set(), wrong)
    expect(live_page.page.get_by_role("heading", name="Who saw names")).to_be_visible()
    assert not wrong, "\n".join(wrong)


def test_the_walk_leads_through_more_than_forty_pages() -> None:
    assert len(pages_of(INSIDE) + pages_of(PUBLIC)) > 40
