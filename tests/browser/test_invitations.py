"""HR asks a team in, and one of them comes in by the mail, as a browser shows it."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from tests.browser.kit import LivePage, look_at
from tests.factories import PASSWORD, make_employee
from tests.notifications.kit import work
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_team_is_asked_in_and_somebody_comes(world: World, live_page: LivePage) -> None:
    place = world.halden
    with place.scope():
        make_employee("Åse Berg", email="ase@halden.example", came=False, team=place.team)
        for n in range(3):
            make_employee(email=f"other{n}@halden.example", came=False)
    live_page.sign_in(place.hr)
    page = live_page.go(place.path("invite_people"))
    expect(page.get_by_role("heading", level=2)).to_contain_text("4 mails")
    page.get_by_label("Team").select_option(place.team.name)
    expect(page.get_by_role("heading", level=2)).to_contain_text("1 mail, to this person")
    look_at(page, "invite-people")
    page.get_by_role("button", name="Send 1 invitation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Invitations")
    expect(page.get_by_role("row").filter(has_text="Åse Berg")).to_contain_text("Goes out")
    look_at(page, "invitations-filled")
    work()
    (path,) = re.findall(r"http://localhost:\d+(/o/\S+)", str(mail.outbox[0].body))
    page.context.clear_cookies()
    live_page.go(path)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingrid Solheim invites you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and go in").click()
    expect(page).to_have_url(re.compile(rf"{re.escape(place.path('home'))}$"))
    live_page.allow(404)
    live_page.go(path)
    expect(page.get_by_role("heading", level=1)).to_contain_text("opens nothing")
    look_at(page, "invitation-over")
