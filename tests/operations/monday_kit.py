"""People in front of their browsers, their letter boxes, and the time of that week."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Any

import lxml.html
from django.test import Client

from peerlearn.organizations.models import Organization
from tests.factories import inside
from tests.notifications.kit import SmtpSink, work

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


def let_all_be_done() -> int:
    """What is due now and what follows from it, as finder and workers do it."""
    done = 0
    while rows := work():
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
