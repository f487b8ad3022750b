"""Signing in and beginning an organization in a browser."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from peerlearn.organizations.throttles import GUESS, SEND, Try
from tests.browser.kit import LivePage, look_at
from tests.factories import PASSWORD, set_password
from tests.world import World


@pytest.fixture(autouse=True)
def no_throttles(transactional_db: None) -> None:
    """They outlive a test: their table is no model's."""
    cache.clear()


def mailed(page: Page, button: str) -> str:
    """Press the button that has a code sent; the code."""
    before = len(mail.outbox)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name=button).click()
    assert len(mail.outbox) == before + 1
    found = re.search(r"\b(\d{6}|\d{4}-\d{4}-\d{4})\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def arrive_at(page: Page, address: str | re.Pattern[str]) -> None:
    """With all that the page loads by itself: what is still asked locks the tables."""
    expect(page).to_have_url(address)
    page.wait_for_load_state("networkidle")


def test_with_a_password_and_wrongly_before(world: World, live_page: LivePage) -> None:
    set_password(world.halden.employee)
    live_page.allow(422)
    page = live_page.go(world.halden.path("employees"))
    look_at(page, "sign-in")
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    for _ in range(4):
        page.get_by_label("Password").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("E-mail and password do not match.")).to_be_visible()
    expect(
        page.get_by_text("After 1 more try only a code by e-mail works for a while.")
    ).to_be_visible()
    look_at(page, "sign-in-wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(live_page.address + world.halden.path("employees"))
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_with_a_code(world: World, live_page: LivePage) -> None:
    live_page.allow(422)
    page = live_page.go("/account/code/?next=" + world.halden.path("my_profile"))
    look_at(page, "code-ask")
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_text("n•••@halden.example")).to_be_visible()
    look_at(page, "code-type")
    page.get_by_label("Six digits").fill("12")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That is not the code that we sent.")).to_be_visible()
    code = mailed(page, "Send it again")
    expect(page.get_by_label("Six digits")).to_have_value("")
    page.get_by_label("Six digits").fill(code)
    page.get_by_role("button", name="Sign in").click()
    arrive_at(page, live_page.address + world.halden.path("my_profile"))


def test_a_locked_password_leaves_the_code(world: World, live_page: LivePage) -> None:
    set_password(world.halden.employee)
    live_page.allow(422)
    page = live_page.go("/account/login/")
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    for words in (*["E-mail and password do not match."] * 5, "Please wait 5 minutes."):
        page.get_by_label("Password").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text(words)).to_be_visible()
    look_at(page, "sign-in-locked")
    page.get_by_role("link", name="Code by e-mail").click()
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    page.get_by_label("Six digits").fill(mailed(page, "Send the code"))
    page.get_by_role("button", name="Sign in").click()
    arrive_at(page, re.compile("/o/halden-grid/"))


def test_after_strangers_guessed_a_longer_code_works(world: World, live_page: LivePage) -> None:
    """Wrong, too many, wait and twelve digits: every state of the page that takes a code."""
    email = world.halden.employee.email
    live_page.allow(422)
    page = live_page.go("/account/code/")
    page.get_by_label("Work e-mail").fill(email)
    code = mailed(page, "Send the code")
    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That is not the code that we sent.")).to_be_visible()
    look_at(page, "code-wrong")
    for _ in range(20):
        Try(RequestFactory(REMOTE_ADDR="203.0.113.7").post("/"), GUESS, email).count()
    page.get_by_label("Six digits").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Have a new code sent: it is longer")).to_be_visible()
    look_at(page, "code-too-many")
    code = mailed(page, "Send it again")
    page.get_by_label("Twelve digits").fill(code)
    look_at(page, "code-long")
    for _ in range(3):  # all of a minute, however long that minute was
        Try(RequestFactory().post("/"), SEND, email).count()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Please wait 1 minute.")).to_be_visible()
    look_at(page, "code-wait")
    page.get_by_role("link", name="Type the code that was sent").click()
    page.get_by_label("Twelve digits").fill(code)
    page.get_by_role("button", name="Sign in").click()
    arrive_at(page, re.compile("/o/halden-grid/"))


def test_a_forgotten_password(world: World, live_page: LivePage) -> None:
    live_page.allow(422)
    page = live_page.go("/account/login/")
    page.get_by_role("link", name="Forgotten?").click()
    expect(page.get_by_role("heading", name="A new password")).to_be_visible()
    look_at(page, "reset-ask")
    page.get_by_label("Work e-mail").fill(world.halden.employee.email)
    page.get_by_label("Six digits").fill(mailed(page, "Send the code"))
    look_at(page, "reset-code")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator(".err")).to_be_visible()
    look_at(page, "reset-choose")
    page.get_by_label("New password").fill("twelve swans over the fjord")
    live_page.allow(404)
    page.get_by_role("button", name="Set the password").click()
    arrive_at(page, re.compile("/o/halden-grid/"))


def test_beginning_an_organization(transactional_db: None, live_page: LivePage) -> None:
    live_page.allow(422)
    page = live_page.go("/account/login/")
    page.get_by_role("link", name="Begin with yours").click()
    expect(page.get_by_role("heading", name="Begin with your organization")).to_be_visible()
    look_at(page, "begin")
    page.get_by_label("Organization").fill("Sørlandet Kraft")
    page.get_by_label("Your name").fill("Ingrid Solheim")
    page.get_by_label("Your work e-mail").fill("Ingrid@Kraft.example")
    page.get_by_label("Time zone").select_option("Europe/Oslo")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text("This is what the agreement rests on.")).to_be_visible()
    look_at(page, "begin-wrong")
    page.get_by_label("Nothing here is used to judge").check()
    page.get_by_label("Six digits").fill(mailed(page, "Send me a code"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
    expect(page.get_by_text("Sørlandet Kraft is here. These come next.")).to_be_visible()
    page.get_by_role("link", name="Add a team").click()
    page.get_by_label("Name").fill("Sørlandet Kraft")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sørlandet Kraft")
