"""Passkeys, with Chromium's virtual authenticator: made, signed in with, proved anew, removed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from playwright.sync_api import Page, expect

from peerlearn.organizations import factors
from tests.browser.kit import LivePage, look_at
from tests.factories import PASSWORD, set_password, user_of
from tests.world import World

FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(autouse=True)
def no_throttles(transactional_db: None) -> None:
    cache.clear()


def authenticator(page: Page) -> tuple[Any, str]:
    """A finger that always presses; the session that talks to it, and its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})
    return session, added["authenticatorId"]


def with_password(page: Page, email: str) -> None:
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_signs_in_alone(world: World, live_page: LivePage) -> None:
    set_password(world.halden.employee)
    email, home = world.halden.employee.email, world.halden.path("my_profile")
    with override_settings(PUBLIC_ADDRESS=live_page.address):
        page = live_page.go("/account/login/?next=/account/security/")
        session, finger = authenticator(page)
        with_password(page, email)
        page.get_by_role("link", name="Add Passkey").click()
        expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
        page.get_by_label("Name optional").fill("Office computer")
        look_at(page, "passkey-add")
        page.get_by_role("button", name="Make the passkey").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        look_at(page, "recovery-codes")
        expect(page.get_by_role("listitem").locator("code")).to_have_count(10)
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("heading", name="Office computer")).to_be_visible()
        look_at(page, "security")

        page.get_by_role("link", name="Set up Authenticator app").click()
        expect(page.get_by_role("img", name="QR code for the app")).to_be_visible()
        look_at(page, "app-add")
        page.get_by_role("link", name="Cancel").click()

        # By itself, and to the page that was asked for.
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.goto(live_page.address + home)
        page.get_by_role("button", name="Passkey").click()
        expect(page).to_have_url(live_page.address + home)
        assert factors.of(user_of(world.halden.employee)).passkeys[0].last_used_at

        # After the password, instead of a code.
        page.get_by_role("button", name="Sign out").first.click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        with_password(page, email)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        look_at(page, "second-step")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"{live_page.address}/o/**")

        # A finger that is not its owner's opens nothing.
        page.goto(live_page.address + "/account/security/")
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": finger, "isUserVerified": False}
        )
        page.get_by_role("button", name="Passkey").click()
        expect(page.get_by_text("No passkey was chosen, or it took too long.")).to_be_visible()
        session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": finger, "isUserVerified": True}
        )

        # Another address than the configured one is refused, whatever the request says.
        with override_settings(PUBLIC_ADDRESS="http://localhost:1"):
            page.get_by_role("button", name="Passkey").click()
            expect(page.locator("#messages")).to_contain_text("That passkey is not known here.")

        page.goto(live_page.address + "/account/login/?next=/account/security/")
        page.get_by_role("button", name="Passkey").click()
        page.get_by_role("link", name="Change Office computer").click()
        page.get_by_label("Name").fill("Desk")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Change Desk").click()
        page.get_by_role("link", name="Remove it").click()
        page.get_by_role("button", name="Remove").click()
        expect(page.locator("#messages")).to_contain_text("The passkey is removed.")
    assert not factors.has_one(user_of(world.halden.employee))
