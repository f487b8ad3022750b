"""The demo's mail: kept in a Maildir below PEERLEARN_HOME and read on a page, sent nowhere."""

from __future__ import annotations

import mailbox
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_binary_file, policy
from email.message import EmailMessage as ParsedMail
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NEWEST = 200  # as many are listed


class MaildirBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        home = Path(settings.MAILBOX)
        for folder in ("tmp", "new", "cur"):  # by several processes at once, maybe
            (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        box = mailbox.Maildir(home, create=False)
        for message in email_messages:
            box.add(message.message().as_bytes())
        return len(email_messages)


@dataclass(frozen=True)
class Letter:
    """One mail as it arrived; `key` is its file's name."""

    key: str
    mail: Any  # email.message.EmailMessage: its headers are strings here

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"] or "")

    @property
    def sender(self) -> str:
        return str(self.mail["From"] or "")

    @property
    def to(self) -> str:
        return str(self.mail["To"] or "")

    @property
    def date(self) -> datetime:
        try:
            return parsedate_to_datetime(str(self.mail["Date"])).astimezone(UTC)
        except ValueError:
            return datetime.fromtimestamp(0, UTC)

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.mail.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


def letters(recipient: str = "") -> list[Letter]:
    """The newest first; those whose To holds `recipient`, if one is given."""
    files = sorted(_files(), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    found: list[Letter] = []
    for file in files:
        letter = _read(file)
        if recipient.casefold() in letter.to.casefold():
            found.append(letter)
        if len(found) == NEWEST:
            break
    return found


def letter(key: str) -> Letter | None:
    """None when there is no such mail. The key is compared, never made a path."""
    return next((_read(file) for file in _files() if file.name == key), None)


def _files() -> list[Path]:
    box = Path(settings.MAILBOX)
    return [
        file
        for folder in ("new", "cur")
        if (box / folder).is_dir()
        for file in (box / folder).iterdir()
    ]


def _read(file: Path) -> Letter:
    with file.open("rb") as opened:
        mail = message_from_binary_file(opened, _class=ParsedMail, policy=policy.default)
    return Letter(file.name, mail)
