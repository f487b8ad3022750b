"""The inbox, the admin's deliveries and the demo's mailbox, over HTTP."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command

from peerlearn.clock import now
from peerlearn.notifications.mailbox import MaildirBackend
from peerlearn.notifications.models import Notice, Notification, Outbox

pytestmark = pytest.mark.django_db


def tell(place, recipient, count=1, *, title="Booked with Aisha"):
    """Notifications as they are once shown."""
    with place.scope():
        Notification.deliver_all(
            Notice(recipient, "welcome", recipient.pk, now(), str(number))
            for number in range(count)
        )
        for notification in Notification.objects.filter(shown_at=None):
            notification.show(title=title, path=place.path("notifications"), at=now())


def bury(place, failure="SMTPServerDisconnected"):
    Outbox.objects.of(place.organization.pk).bury(failure)
    return Outbox.objects.of(place.organization.pk).first()


# --- Inbox -----------------------------------------------------------------------------------
def test_the_inbox_is_ones_own(world, client):
    place = world.halden
    tell(place, place.employee, title="For Nils <b>alone</b>")
    tell(place, place.colleague, title="For Aisha")
    place.sign_in(client, place.employee)
    page = client.get(place.path("notifications")).content.decode()
    assert "For Nils &lt;b&gt;alone&lt;/b&gt;" in page
    assert "For Aisha" not in page
    assert "Mark all as read" in page


def test_an_empty_inbox_says_what_comes(world, client):
    place = world.halden
    place.sign_in(client, place.employee)
    page = client.get(place.path("notifications")).content.decode()
    assert "Nothing yet" in page
    assert "Mark all as read" not in page


def test_what_is_not_due_is_not_shown(world, client):
    place = world.halden
    with place.scope():
        Notification.deliver(
            place.employee, "welcome", subject_id=1, due_at=now() + timedelta(days=1)
        )
    place.sign_in(client, place.employee)
    assert "Nothing yet" in client.get(place.path("notifications")).content.decode()


def test_reading_one_and_all(world, client):
    place = world.halden
    tell(place, place.employee, 3)
    place.sign_in(client, place.employee)
    with place.scope():
        first = Notification.objects.filter(recipient=place.employee).first()
        unread = Notification.objects.visible_to(place.employee).unread
    path = place.path("notification_read", public_id=first.public_id)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 302
    with place.scope():
        assert unread().count() == 2
    client.post(place.path("notifications_read"))
    with place.scope():
        assert unread().count() == 0


def test_opening_one_marks_it_read(world, client):
    place = world.halden
    tell(place, place.employee)
    place.sign_in(client, place.employee)
    with place.scope():
        one = Notification.objects.get(recipient=place.employee)
        one.show(title="Booked", path=place.path("my_sessions") + "#levels-h", at=now())
    path = place.path("notification_open", public_id=one.public_id)
    assert path in client.get(place.path("notifications")).content.decode()
    answer = client.post(path)
    assert answer.url == place.path("my_sessions") + "#levels-h"
    with place.scope():
        one.refresh_from_db()
    assert one.read_at is not None
    page = client.get(place.path("notifications")).content.decode()
    assert path not in page
    assert f'href="{one.path}"' in page


def test_phones_have_a_bell_with_what_is_unread(world, client):
    place = world.halden
    place.sign_in(client, place.employee)
    bell = f'<a class="icon-btn bell" href="{place.path("notifications")}">'
    page = " ".join(client.get(place.path("teams")).content.decode().split())
    top = page[page.index('<header class="topbar">') : page.index("</header>")]
    assert bell in top
    assert "unread" not in top
    tell(place, place.employee, 2)
    page = " ".join(client.get(place.path("teams")).content.decode().split())
    top = page[page.index('<header class="topbar">') : page.index("</header>")]
    assert '<span class="count"> 2' in top
    assert "unread" in top


def test_nobody_reads_anothers(world, client):
    place = world.halden
    tell(place, place.colleague)
    with place.scope():
        theirs = Notification.objects.get(recipient=place.colleague)
    place.sign_in(client, place.employee)
    path = place.path("notification_read", public_id=theirs.public_id)
    absent = place.path("notification_read", public_id="absentabsent")
    assert client.post(path).status_code == client.post(absent).status_code == 404
    client.post(place.path("notifications_read"))
    with place.scope():
        theirs.refresh_from_db()
    assert theirs.read_at is None


def test_the_inbox_costs_the_same_with_ten_and_a_hundred(
    world, client, django_assert_max_num_queries
):
    place = world.halden
    place.sign_in(client, place.employee)
    tell(place, place.employee, 10)
    with django_assert_max_num_queries(12) as ten:
        client.get(place.path("notifications"))
    tell(place, place.employee, 100)
    with django_assert_max_num_queries(12) as hundred:
        page = client.get(place.path("notifications"))
    assert len(ten) == len(hundred)
    assert page.content.count(b"Booked with Aisha</button>") == 50


# --- Deliveries --------------------------------------------------------------------------------
def test_an_admin_sees_what_was_given_up_and_tries_again(world, client):
    place = world.halden
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=1, due_at=now())
    row = bury(place)
    place.sign_in(client, place.admin)
    page = client.get(place.path("deliveries")).content.decode()
    assert "Welcome to the organization" in page
    assert "for Nils Eriksen" in page
    assert "The mail server broke off." in page
    response = client.post(place.path("delivery_resend", public_id=row.public_id), follow=True)
    assert "tried again" in response.content.decode()
    row.refresh_from_db()
    assert (row.dead_at, row.attempts) == (None, 0)
    bury(place)
    client.post(place.path("deliveries_resend"))
    assert not Outbox.objects.dead().exists()
    waiting = client.get(place.path("deliveries")).content.decode()
    assert "Nothing was given up" in waiting
    assert "Due since" in waiting


def test_an_admin_reaches_no_other_organization(world, client):
    other, place = world.nordfjord, world.halden
    with other.scope():
        Notification.deliver(other.employee, "welcome", subject_id=1, due_at=now())
    row = bury(other)
    place.sign_in(client, place.admin)
    assert "Welcome" not in client.get(place.path("deliveries")).content.decode()
    path = place.path("delivery_resend", public_id=row.public_id)
    assert client.post(path).status_code == 404
    client.post(place.path("deliveries_resend"))
    assert Outbox.objects.dead().count() == 1


@pytest.mark.parametrize("who", ["employee", "manager", "hr"])
def test_only_admins(world, client, who):
    place = world.halden
    place.sign_in(client, getattr(place, who))
    assert client.get(place.path("deliveries")).status_code == 403
    assert client.post(place.path("deliveries_resend")).status_code == 403


def test_dead_letters_on_the_command_line(world):
    place = world.halden
    out = StringIO()
    call_command("dead_letters", stdout=out)
    assert out.getvalue() == "no dead letters\n"
    with place.scope():
        Notification.deliver(place.employee, "welcome", subject_id=1, due_at=now())
    bury(place)
    call_command("dead_letters", "--organization", place.organization.slug, stdout=out)
    assert f"{place.organization.slug}  notification" in out.getvalue()
    assert "SMTPServerDisconnected" in out.getvalue()
    assert "Nils" not in out.getvalue()
    call_command("dead_letters", "--resend", stdout=out)
    assert "1 will be tried again" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("dead_letters", "--organization", "nowhere")


# --- The demo's mailbox --------------------------------------------------------------------------
@pytest.fixture
def box(settings, tmp_path):
    settings.DEMO, settings.MAILBOX = True, tmp_path / "mailbox"

    def send(subject, to):
        mail = EmailMultiAlternatives(subject, "See http://localhost:8000/here <b>", to=[to])
        mail.attach_alternative("<p style='color:#123456'>Hei <script>x</script></p>", "text/html")
        MaildirBackend().send_messages([mail])

    return send


def test_the_mailbox_lists_newest_first_and_filters(client, box):
    assert "No mail yet" in client.get("/mailbox/").content.decode()
    box("First <i>", "Nils Eriksen <nils@halden.example>")
    box("Second", "Aisha Rahman <aisha@halden.example>")
    page = client.get("/mailbox/").content.decode()
    assert page.index("Second") < page.index("First &lt;i&gt;")
    page = client.get("/mailbox/?to=NILS").content.decode()
    assert "First" in page
    assert "Second" not in page
    assert "No mail to that recipient" in client.get("/mailbox/?to=nobody").content.decode()


def test_a_mail_is_shown_safely(client, box, settings):
    box("First", "nils@halden.example")
    [file] = (settings.MAILBOX / "new").iterdir()
    page = client.get(f"/mailbox/{file.name}/").content.decode()
    assert "&lt;b&gt;" in page
    assert '<a href="http://localhost:8000/here"' in page
    html = client.get(f"/mailbox/{file.name}/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert b"#123456" in html.content
    for absent in ("absent", "..", "%2e%2e%2fsettings"):
        assert client.get(f"/mailbox/{absent}/").status_code == 404


def test_outside_the_demo_there_is_no_mailbox(client, box, settings):
    box("First", "nils@halden.example")
    [file] = (settings.MAILBOX / "new").iterdir()
    settings.DEMO = False
    for path in ("/mailbox/", f"/mailbox/{file.name}/", f"/mailbox/{file.name}/html"):
        assert client.get(path).status_code == 404


# --- The demo's clock ----------------------------------------------------------------------------
def test_the_demos_clock_moves(settings, tmp_path):
    settings.DEMO, settings.HOME = True, tmp_path
    before, out = now(), StringIO()
    call_command("demo_clock", "+30d", stdout=out)
    assert timedelta(days=30) <= now() - before < timedelta(days=30, minutes=1)
    call_command("demo_clock", "--", "-2h", stdout=out)
    assert now() - before < timedelta(days=30)
    call_command("demo_clock", "show", stdout=out)
    assert "29 days, 22:00:00" in out.getvalue()
    call_command("demo_clock", "reset", stdout=out)
    assert now() - before < timedelta(minutes=1)
    for bad in ("30", "+30y", "+99999d", "tomorrow"):
        with pytest.raises(CommandError):
            call_command("demo_clock", bad, stdout=out)
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_clock", "+1d", stdout=out)
