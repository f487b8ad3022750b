"""The inbox, the admin's deliveries and the demo's mailbox as a browser shows them."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import expect

from peerlearn.clock import now
from peerlearn.notifications.mailbox import MaildirBackend
from peerlearn.notifications.models import Notice, Notification, Outbox
from peerlearn.notifications.telling import tell
from tests.browser.kit import (
    LivePage,
    assert_accessible,
    assert_no_overflow,
    screenshot,
)
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(page, name):
    assert_accessible(page)
    assert_no_overflow(page)
    screenshot(page, name)


def test_inbox(live_page: LivePage, world: World) -> None:
    place = world.halden
    live_page.sign_in(place.employee)
    page = live_page.go(place.path("notifications"))
    expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    looked_at(page, "notifications-empty")
    titles = ["Booked: three days with Mette", "Tomorrow at 08:00: Aisha", "How was it with Tor"]
    with place.scope():
        Notification.deliver_all(
            Notice(place.employee, "welcome", number, now()) for number in range(len(titles))
        )
        for notification, title in zip(Notification.objects.all(), titles, strict=True):
            notification.show(title=title, path=place.path("notifications"), at=now())
    page.reload()
    expect(page.locator("aside .count")).to_contain_text("3")
    looked_at(page, "notifications")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Mark as read").first.click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(2)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)


def test_deliveries(live_page: LivePage, world: World) -> None:
    place = world.halden
    live_page.sign_in(place.admin)
    looked_at(live_page.go(place.path("deliveries")), "deliveries-empty")
    with place.scope():
        for who in (place.employee, place.colleague, place.hr):
            Notification.deliver(who, "welcome", subject_id=who.pk, due_at=now())
    first, *_ = Outbox.objects.order_by("pk")
    Outbox.objects.filter(pk=first.pk).bury("RecipientRefused")
    Outbox.objects.exclude(pk=first.pk).fail("ConnectionRefusedError")
    page = live_page.go(place.path("deliveries"))
    looked_at(page, "deliveries")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#messages")).to_contain_text("tried again within a few seconds")


def test_mailbox(live_page: LivePage, world: World, settings, tmp_path) -> None:
    settings.DEMO, settings.MAILBOX = True, tmp_path
    place = world.halden
    looked_at(live_page.go("/mailbox/"), "mailbox-empty")
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=1, due_at=now())
        told = tell(Notification.objects.select_related("recipient", "organization").get())
    assert told is not None
    mail = EmailMultiAlternatives(told.title, told.text, to=["Nils Eriksen <nils@halden.example>"])
    mail.attach_alternative(told.html, "text/html")
    MaildirBackend().send_messages([mail])
    page = live_page.go("/mailbox/")
    looked_at(page, "mailbox")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name=told.title).click()
    expect(page.get_by_role("link", name="As a mail program shows it")).to_be_visible()
    looked_at(page, "mailbox-message")
    # The mail itself is served in a sandbox, in which no test can run a script either.
    expect(page.get_by_role("link", name="As a mail program shows it")).to_be_visible()
    page.goto("about:blank")
    page.set_content(told.html)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert_no_overflow(page)
    screenshot(page, "mail-welcome")
