"""What ten people do with days beside each other, each in front of their own browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.db import connection

from peerlearn.clock import now
from peerlearn.notifications import outbox, tasks
from peerlearn.notifications.models import Outbox
from sessions.calendar_entries import CALENDAR_MESSAGE
from sessions.models import Claim, Participation
from tests.notifications.kit import let_delay_pass, let_lease_pass, process, wait_until
from tests.operations.conftest import Broker
from tests.operations.monday_kit import (
    Browser,
    Company,
    OwnCalendar,
    at_once,
    events,
    let_all_be_done,
    path_in,
    twice,
)
from tests.operations.test_bad_days import GONE

SKILL = "Relévern og innstilling"
HOURS = {"starts": "07:30", "ends": "15:30"}
OFFER = {"days": "3", "hours": "7", "starts_at": "08:00", "notice_days": "3", "per_month": "20"}
OVER_THE_CHANGE = "2026-10-22"  # a Thursday; Friday, and the Monday after the clocks changed


class Ten:
    """By name: their browsers, e-mails and calendars."""

    def __init__(
        self, company: Company, browsers: dict[str, Browser], emails: dict[str, str]
    ) -> None:
        self.company, self.browsers, self.emails = company, browsers, emails
        self.calendars = {name: OwnCalendar() for name in browsers}

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]

    def came(self, name: str) -> list[tuple[str, str]]:
        """What their calendar was told since it was asked last, once all is done that is due."""
        let_all_be_done()
        return self.calendars[name].take_in(self.company.post.new(self.emails[name]))

    def told(self, name: str) -> list[str]:
        """The methods alone."""
        return [method for method, _uid in self.came(name)]

    def page(self, path: str) -> str:
        return f"{self.company.home}{path}"


def offer_days(ten: Ten, hr: Browser) -> dict[str, str]:
    """Two veterans say when they are there, and offer days; the paths of their offers."""
    hr.go(ten.page("skills/begin/"))
    hr.press("Add these skills", own_list=SKILL, category="Nett")
    hr.says("1 skill added")
    week = {f"day_{day}_0_{end}": at for day in range(5) for end, at in HOURS.items()}
    found = {}
    for name in ("marit", "oystein"):
        host = ten[name]
        host.go(ten.page("shadowing/availability/"))
        host.press("Save my week", **week)
        host.says("Saved.")
        host.go(ten.page("shadowing/add/"))
        skill = host.tree().xpath(f"//select[@name='another']/option[text()={SKILL!r}]/@value")
        host.press("Open for booking", **OFFER, another=skill)
        host.go(ten.page("shadowing/mine/"))
        edit = host.link(rf"{ten.company.home}shadowing/[\w-]+/edit/")
        found[name] = edit.removesuffix("edit/")
    return found


def hold(learner: Browser, offer: str, day: str) -> None:
    learner.go(f"{offer}?start={day}")
    learner.press("Hold these 3 days")


def book(learner: Browser, offer: str, day: str) -> str:
    """The path of the booking."""
    hold(learner, offer, day)
    learner.says("Held for you until")
    learner.press("Book 3 days", goal="Sette et vern alene")
    learner.says("Booked.")
    return learner.at


# --- Redis is away -------------------------------------------------------------------------------
def while_redis_is_away(ten: Ten, offer: str, broker: Broker) -> str:
    """Line books over the change of the clocks, with double clicks; the mails wait."""
    broker.freeze()
    line = ten["line"]
    line.go(f"{offer}?start={OVER_THE_CHANGE}")
    twice(line, "Hold these 3 days")
    with ten.company.scope():
        assert Participation.objects.learners().filter(state="held").count() == 1
    line.go(line.at)  # whichever was answered last
    line.says("Held for you until")
    twice(line, "Book 3 days", goal="Sette et vern alene")
    line.says("Booked.")
    rows = outbox.hand_over()
    assert rows
    assert tasks.publish(rows) == 0
    assert not ten.company.post.new(ten.emails["line"])
    broker.thaw()
    let_lease_pass()
    assert ten.told("line") == ten.told("marit") == ["REQUEST"] * 3
    starts = sorted(start for start, _end in ten.calendars["line"].days.values())
    assert [(at.day, at.hour) for at in starts] == [(22, 6), (23, 6), (26, 7)]  # 08:00 in Oslo
    return line.at


# --- Two want the same ---------------------------------------------------------------------------
def one_place(ten: Ten, offer: str) -> tuple[str, str, str]:
    """Who gets it, who waits, and the path of the booking."""
    two = {name: ten[name] for name in ("jorg", "anja")}
    for browser in two.values():
        browser.go(f"{offer}?start=2026-10-28")
    at_once(*(lambda one=one: one.press("Hold these 3 days") for one in two.values()))
    ((got, first),) = [one for one in two.items() if one[1].status == 200]
    ((waits, second),) = [one for one in two.items() if one[1].status == 409]
    first.press("Book 3 days")
    second.press("Wait for a place")
    second.says("You are on the waiting list.", "You wait as number 1")
    assert ten.told(got) == ["REQUEST"] * 3
    assert ten.told(waits) == []
    return got, waits, first.at


def freed(ten: Ten, got: str, waits: str, booking: str) -> None:
    """Who has it moves; who waits is told, and takes it."""
    mover, heir = ten[got], ten[waits]
    mover.go(f"{booking}move/?start=2026-11-10")
    mover.press("Hold these 3 days")
    mover.says("Move to", "Tue 10")
    twice(mover, "Move my booking")
    mover.says("Booked.", "Tue 10")
    before = dict(ten.calendars[got].sequences)
    let_all_be_done()
    mails = ten.company.post.new(ten.emails[got])
    assert {uid for _method, uid in ten.calendars[got].take_in(mails)} == set(before)
    assert all(ten.calendars[got].sequences[uid] == number + 1 for uid, number in before.items())
    (offered,) = ten.company.post.new(ten.emails[waits])
    heir.go(path_in(offered, rf"{ten.company.home}sessions/[\w-]+/"))
    heir.says("A place became free.")
    heir.press("Book 3 days", goal="Det samme")
    heir.says("Booked.")
    assert ten.told(waits) == ["REQUEST"] * 3


# --- Other bad moments ---------------------------------------------------------------------------
def run_out(ten: Ten, offer: str) -> str:
    """Bjørn thinks for longer than his hold lasts; the same days are still free."""
    bjorn = ten["bjorn"]
    hold(bjorn, offer, "2026-11-03")
    ten.company.clock.later(minutes=11)
    let_all_be_done()
    bjorn.press("Book 3 days", goal="Måle")
    bjorn.says("Your ten minutes were over. The days were still free and are held again.")
    bjorn.press("Book 3 days")
    bjorn.says("Booked.", "Måle")
    assert ten.told("bjorn") == ["REQUEST"] * 3
    return bjorn.at


def cancelled(ten: Ten, booking: str) -> None:
    bjorn = ten["bjorn"]
    bjorn.go(f"{booking}cancel/")
    twice(bjorn, "Cancel booking", reason="Syk")
    assert ten.told("bjorn") == ["CANCEL"] * 3
    assert not ten.calendars["bjorn"].days


def while_no_mail_goes(ten: Ten, offer: str) -> None:
    """Åse books; what fails is tried again, and comes once."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    book(ten["ase"], offer, "2026-11-17")
    for _try in range(3):
        assert let_all_be_done()
        let_delay_pass()
    settings.EMAIL_PORT = port
    assert ten.told("ase") == ["REQUEST"] * 3


def a_worker_is_killed(ten: Ten, offer: str) -> None:
    """Jürgen books; a real process has taken the row of a mail, and dies before the mail is
    sent. The next does it."""
    book(ten["jurgen"], offer, "2026-11-24")
    sink = ten.company.post.sink
    handed = [row for row, _long in outbox.hand_over()]
    row = Outbox.objects.filter(pk__in=handed, kind=CALENDAR_MESSAGE).values_list("pk", flat=True)[
        0
    ]
    script = (
        f"import django, time_machine; time_machine.travel('{now().isoformat()}').start();"
        f"django.setup(); from peerlearn.notifications.outbox import run; run({row})"
    )
    with process("-c", script, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}") as child:
        sink.on_verb = lambda verb: child.kill() if verb == b"MAIL" else None
        wait_until(lambda: child.poll() is not None, 60)
    sink.on_verb = lambda verb: None
    assert Outbox.objects.get(pk=row).taken_at is not None
    let_lease_pass()
    outbox.hand_over()
    assert Outbox.objects.get(pk=row).failure == "WorkerLost"
    let_lease_pass()
    let_delay_pass()
    assert ten.told("jurgen") == ["REQUEST"] * 3
    assert not Outbox.objects.filter(pk=row).exists()


def postgres_ends_all(ten: Ten, server: Any) -> None:
    """While Nils looks at his days, over one connection to a real server: one page at most that
    says so, then all is well."""
    kept = ten["nils"].client.cookies[settings.SESSION_COOKIE_NAME].value
    web = HTTPConnection(server.thread.host, server.thread.port, timeout=60)

    def page() -> tuple[int, str]:
        cookie = f"{settings.SESSION_COOKIE_NAME}={kept}"
        web.request("GET", ten.page("sessions/"), headers={"Cookie": cookie})
        answer = web.getresponse()
        return answer.status, answer.read().decode()

    assert page()[0] == 200
    with connection.cursor() as cursor:
        cursor.execute(GONE)
    first, words = page()
    assert first == 200 or (first == 500 and "That went wrong on our side." in words)
    assert [page()[0] for _time in range(3)] == [200] * 3
    web.close()


# --- A host falls ill ----------------------------------------------------------------------------
def handed_over(ten: Ten, booking: str) -> None:
    """Marit is ill from the second day on; Øystein has Line beside him instead."""
    ten.company.clock.on(datetime(2026, 10, 22, 16, tzinfo=UTC))
    for name in ("line", "marit", "oystein"):
        ten.came(name)
    marit, oystein = ten["marit"], ten["oystein"]
    marit.go(f"{booking}days/")
    marit.press("Mark day done")
    marit.go(f"{booking}hand-over/")
    marit.press("Cut these days off", reason="Fra i morgen")
    first = set(ten.calendars["line"].days)
    marit.press("Ask: Øystein")
    marit.says("is asked. Nothing changes until they answer.")
    let_all_be_done()
    (asked,) = ten.company.post.new(ten.emails["oystein"])
    oystein.go(path_in(asked, rf"{ten.company.home}sessions/asked/[\w-]+/"))
    oystein.press("Take over", answer="accept")
    came = ten.came("line")
    gone = {uid for method, uid in came if method == "CANCEL"}
    new = {uid for method, uid in came if method == "REQUEST"}
    assert (len(gone), len(new)) == (2, 2)
    assert gone < first
    assert not new & first
    assert ten.told("marit") == ["CANCEL"] * 2
    assert ten.told("oystein") == ["REQUEST"] * 2


# --- In the end ----------------------------------------------------------------------------------
def everybodys_calendar_is_right(ten: Ten) -> None:
    """What the mails made of it, what the feed shows, and whose time is whose."""
    for name, browser in ten.browsers.items():
        ten.came(name)
        browser.go(ten.page("calendar/"))
        browser.press("Make an address")
        (address,) = browser.tree().xpath("//input[@id='address']/@value")
        feed = events(Browser().go(re.sub(r"^https?://[^/]+", "", address)))
        assert feed == ten.calendars[name].days, name
        with ten.company.scope():
            claims = Claim.objects.filter(
                employee__email=ten.emails[name], active=True, held_until=None
            )
            theirs = sorted(
                (one.lower, one.upper) for one in claims.values_list("during", flat=True)
            )
        assert theirs == sorted(feed.values()), name


# --- All of it ------------------------------------------------------------------------------------
def all_of_it(
    ten: Ten, hr: Browser, broker: Broker, server: Any, *, meanwhile: Callable[[], None]
) -> None:
    """The days of the ten, one bad moment after the other."""
    offers = offer_days(ten, hr)
    marits, oysteins = offers["marit"], offers["oystein"]
    hers = while_redis_is_away(ten, marits, broker)
    got, waits, booking = one_place(ten, marits)
    his = run_out(ten, marits)
    postgres_ends_all(ten, server)
    freed(ten, got, waits, booking)
    while_no_mail_goes(ten, oysteins)
    a_worker_is_killed(ten, oysteins)
    meanwhile()
    cancelled(ten, his)
    handed_over(ten, hers)
    everybodys_calendar_is_right(ten)
