"""Calendars that take our messages in: one that keeps to the rules, on a real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import caldav
from django.core import mail
from icalendar import Calendar

from peerlearn.runtime.processes import free_port
from tests.notifications.kit import process, wait_until, work


def calendar_mails(email: str = "") -> list[Message]:
    """What was sent for calendars since the last call, to everybody or to one e-mail."""
    work()
    sent = [message_from_bytes(one.message().as_bytes()) for one in mail.outbox]
    mail.outbox.clear()
    return [one for one in sent if _part(one) is not None and email in str(one["To"])]


def _part(message: Message) -> Message | None:
    parts = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return parts[0] if parts else None


def read(message: Message) -> Any:
    """The VCALENDAR of a message."""
    part = _part(message)
    assert part is not None
    return Calendar.from_ical(part.get_payload(decode=True))


class OwnCalendar:
    """Somebody's calendar, as RFC 5546 wants it: what is not newer than what it has is not taken.
    Kept on a server, in the collection `kept_in`."""

    def __init__(self, kept_in: Any) -> None:
        self.kept_in = kept_in

    def take_in(self, messages: list[Message]) -> None:
        for message in messages:
            calendar = read(message)
            (event,) = calendar.walk("VEVENT")
            uid, method = str(event["UID"]), calendar.pop("METHOD")
            known = self._known(uid)
            if known is not None and event["SEQUENCE"] <= known.icalendar_component["SEQUENCE"]:
                continue
            if method == "CANCEL":
                if known is not None:
                    known.delete()
                continue
            # Not by the client's own saving, which raises SEQUENCE by itself.
            address = self.kept_in.url.join(f"{uid}.ics")
            kind = {"Content-Type": "text/calendar; charset=utf-8"}
            self.kept_in.client.put(str(address), calendar.to_ical().decode(), kind)

    def _known(self, uid: str) -> Any:
        found = [one for one in self.kept_in.events() if one.icalendar_component["UID"] == uid]
        return found[0] if found else None

    def days(self) -> list[tuple[Any, Any]]:
        """Beginning and end of all that stands in it."""
        events = [one.icalendar_component for one in self.kept_in.events()]
        return sorted((event.start, event.end) for event in events)


@contextmanager
def radicale(folder: Path) -> Iterator[Any]:
    """A CalDAV server of its own; yields a client's principal."""
    port = free_port()
    arguments = [
        "--config=",
        f"--server-hosts=127.0.0.1:{port}",
        "--auth-type=none",
        "--rights-type=authenticated",
        f"--storage-filesystem-folder={folder}",
        "--logging-level=error",
    ]
    with process("-m", "radicale", *arguments):
        wait_until(lambda: _answers(port), 60)
        with caldav.DAVClient(
            f"http://127.0.0.1:{port}/", username="nils", password="nils"
        ) as client:
            yield client.principal()


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


__all__ = ["OwnCalendar", "calendar_mails", "radicale", "read"]
