"""People in front of their browsers, their letter boxes, and the time of that week."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Any, cast

import lxml.html
from django.test import Client
from icalendar import Calendar

from peerlearn.organizations.models import Organization
from tests.factories import inside
from tests.notifications.kit import SmtpSink, in_threads, work

ANSWERS: Counter[int] = Counter()  # of the run: how often which status


class Browser:
    """Cookies, pages and their forms. Every form is sent with its token, as browsers do."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.at, self.page, self.status = "/", "", 200

    def go(self, path: str) -> str:
        return self._read(path, self.client.get(path, follow=True))

    def press(self, words: str, **typed: Any) -> str:
        """Press the button on which these words stand; its form is sent as it is shown, but for
        what is typed."""
        return self.send(*self.form(words, **typed))

    def form(self, words: str, **typed: Any) -> tuple[str, dict[str, Any]]:
        """Where that form goes, and what it holds."""
        for form in self.tree().forms:
            for button in form.iterfind(".//button"):
                if words in " ".join(button.text_content().split()):
                    filled: dict[str, Any] = {}
                    for name, value in form.form_values():
                        filled.setdefault(name, []).append(value)
                    if button.get("name"):
                        filled[button.get("name")] = button.get("value", "")
                    return form.get("action") or self.at, {**filled, **typed}
        raise AssertionError(f"no button says {words!r} on {self.at}\n{self.words()}")

    def send(self, path: str, filled: dict[str, Any]) -> str:
        return self._read(path, self.client.post(path, filled, follow=True))

    def _read(self, path: str, answer: Any) -> str:
        ANSWERS[answer.status_code] += 1
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        self.page, self.status = answer.content.decode(), answer.status_code
        return self.page

    def tree(self) -> Any:
        return lxml.html.fromstring(self.page)

    def words(self) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.page).split())

    def link(self, pattern: str) -> str:
        found = re.search(rf'href="({pattern})"', self.page)
        assert found, f"no link to {pattern} on {self.at}\n{self.words()}"
        return found[1]

    def says(self, *words: str) -> None:
        for one in words:
            assert one in self.words(), f"{one!r} is not on {self.at}\n{self.words()[:3000]}"


@dataclass
class Post:
    """The mail server, and which mails somebody has opened."""

    sink: SmtpSink
    _opened: Counter[str] = field(default_factory=Counter)

    def of(self, email: str) -> list[Message]:
        """All mails to this e-mail, the oldest first."""
        return [one for one in self.sink.mails if parseaddr(str(one["To"]))[1] == email]

    def new(self, email: str) -> list[Message]:
        """Those that they had not opened yet."""
        found = self.of(email)
        new = found[self._opened[email] :]
        self._opened[email] = len(found)
        return new


def subject(message: Message) -> str:
    return str(make_header(decode_header(str(message["Subject"]))))


def text(message: Message) -> str:
    (part, *_) = (one for one in message.walk() if one.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def path_in(message: Message, pattern: str) -> str:
    """The path of the first link in it that is like that."""
    found = re.search(rf"https?://[^/\s]+({pattern})", text(message))
    assert found, text(message)
    return found[1]


def let_all_be_done(workers: int = 1) -> int:
    """What is due now and what follows from it, as finders and workers do it."""
    done = 0
    while rows := sum(in_threads(workers, work) if workers > 1 else [work()]):
        done += rows
    return done


@dataclass
class Clock:
    """Business time; stands still until it is moved."""

    traveller: Any

    def on(self, to: datetime) -> None:
        self.traveller.move_to(to)

    def later(self, **amount: int) -> None:
        self.traveller.shift(timedelta(**amount))


@dataclass(frozen=True)
class Company:
    home: str  # its path
    clock: Clock
    post: Post

    def scope(self) -> Any:
        return inside(Organization.objects.get(slug=self.home.split("/")[2]))


# --- Their own calendars -------------------------------------------------------------------------
class OwnCalendar:
    """Somebody's calendar, as a mail program keeps it: by UID, from the mails alone."""

    def __init__(self) -> None:
        self.days: dict[str, tuple[datetime, datetime]] = {}
        self.sequences: dict[str, int] = {}

    def take_in(self, mails: list[Message]) -> list[tuple[str, str]]:
        """What came, as (method, UID). Of one UID each message is newer than the one before."""
        came = []
        for part in (part for mail in mails for part in mail.walk()):
            if part.get_content_type() != "text/calendar":
                continue
            calendar: Any = Calendar.from_ical(cast(bytes, part.get_payload(decode=True)))
            (event,) = calendar.walk("VEVENT")
            method, uid = str(calendar["METHOD"]), str(event["UID"])
            assert event["SEQUENCE"] > self.sequences.get(uid, -1), (method, uid)
            self.sequences[uid] = event["SEQUENCE"]
            if method == "CANCEL":
                del self.days[uid]  # it stood there
            else:
                self.days[uid] = _stretch(event)
            came.append((method, uid))
        return came


def _stretch(event: Any) -> tuple[datetime, datetime]:
    return event.start.astimezone(UTC), event.end.astimezone(UTC)


def events(content: str) -> dict[str, tuple[datetime, datetime]]:
    """What stands in a feed, by UID."""
    found: Any = Calendar.from_ical(content).walk("VEVENT")
    return {str(event["UID"]): _stretch(event) for event in found}


# --- Two at a time -------------------------------------------------------------------------------
def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Done at the same moment; what came of each, in their order."""
    waiting = list(enumerate(acts))
    gate = threading.Lock()

    def one() -> tuple[int, Any]:
        with gate:
            at, act = waiting.pop()
        return at, act()

    return [result for _at, result in sorted(in_threads(len(acts), one), key=lambda one: one[0])]


def twice(browser: Browser, words: str, **typed: Any) -> None:
    """A double click: the same form, from the same browser, two times at the same moment. It shows
    what was answered last."""
    path, filled = browser.form(words, **typed)
    other = Browser()
    other.client.cookies.update(browser.client.cookies)
    last: list[Browser] = []

    def send(one: Browser) -> None:
        one.send(path, filled)
        last.append(one)

    at_once(lambda: send(browser), lambda: send(other))
    browser.at, browser.page, browser.status = last[-1].at, last[-1].page, last[-1].status
