"""A learner asks for days, and their manager approves them; days are proposed and confirmed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from sessions.models import Participation
from tests.browser.kit import LivePage, assert_accessible, assert_no_overflow, screenshot
from tests.sessions.kit import make_offer
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_days_are_asked_for_approved_proposed_and_confirmed(
    world: World, live_page: LivePage
) -> None:
    halden = world.halden
    halden.organization.shadowings_need_approval = True
    halden.organization.save()
    with halden.scope():
        offer = make_offer(halden.colleague)

    live_page.sign_in(halden.employee)
    page = live_page.go(halden.path("offer", public_id=offer.public_id))
    page.get_by_role("button", name="Hold these 3 days").click()
    ask = page.get_by_role("button", name="Ask for 3 days")
    expect(ask).to_be_visible()
    expect(page.get_by_text("Mette Aas approves it first")).to_be_visible()
    screenshot(page, "approval-confirm")
    ask.click()
    expect(page.get_by_text("Waiting for the answer of Mette Aas")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "approval-waiting")

    live_page.sign_in(halden.manager)
    page = live_page.go(halden.path("home"))
    screenshot(page, "approval-home")
    page.get_by_role("link", name="Look at them").click()
    expect(page.get_by_role("heading", name="Waiting for your approval")).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "approval-requests")
    page.get_by_role("link", name=re.compile("Look.*Nils")).click()
    approve = page.get_by_role("button", name="Approve 3 days")
    expect(approve).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "approval-request")
    approve.click()
    done = page.locator("#messages")
    expect(done.get_by_text("Approved. Nils Eriksen and Aisha Rahman are told.")).to_be_visible()

    page = live_page.go(halden.path("propose_to", public_id=offer.public_id))
    assert_accessible(page)
    screenshot(page, "approval-propose-to")
    page.get_by_role("link", name=re.compile("Choose days.*Nils")).click()
    page.get_by_label("A word to Nils Eriksen").fill("So that you meet before she leaves")
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "approval-propose")
    page.get_by_role("button", name="Propose these 3 days").click()
    expect(done.get_by_text("Nils Eriksen is told, and confirms.")).to_be_visible()
    screenshot(page, "approval-proposed")

    live_page.sign_in(halden.employee)
    page = live_page.go(halden.path("home"))
    page.get_by_role("link", name="Look at the days").click()
    confirm = page.get_by_role("button", name="Book 3 days")
    expect(confirm).to_be_visible()
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, "approval-proposal")
    confirm.click()
    expect(page.get_by_role("heading", name="Booked. Aisha Rahman is told.")).to_be_visible()
    with halden.scope():
        assert Participation.objects.filter(seat="shadow", state="booked").count() == 2
