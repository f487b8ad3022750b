"""Where a user is signed in: sessions that know whose they are, so that each can be ended.

Django's own sessions, in a table with one more column. A row that is gone signs nobody in any
more: ending one is deleting it, and whatever still runs in it cannot write it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from peerlearn.organizations.models import SignIn, User

_BEGAN, _USED, _BROWSER = "sign-in began", "sign-in used", "sign-in browser"
# As browsers call themselves, the particular before what it is made of.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung",
    "FxiOS": "Firefox",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "macOS",
    "Linux": "Linux",
}


class SessionStore(db.SessionStore):
    """What SESSION_ENGINE names."""

    @classmethod
    def get_model_class(cls) -> type[SignIn]:
        return SignIn

    def create_model_instance(self, data: dict[str, Any]) -> SignIn:
        row = super().create_model_instance(data)
        assert isinstance(row, SignIn)
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row

    def load(self) -> dict[str, Any]:
        """Notes the day on which it is used, once: that costs a statement a day."""
        data: dict[str, Any] = super().load()
        if SESSION_KEY in data and data.get(_USED) != _today():
            data[_USED] = _today()
            self.modified = True
        return data


@dataclass(frozen=True)
class Place:
    """One browser in which a user is signed in. `name` stands for its key, which is a secret."""

    name: str
    browser: str  # "" when it does not say
    began: date | None
    used: date | None
    here: bool


def begin(request: HttpRequest, **_more: Any) -> None:
    """Somebody signs in: remember in which browser, in words, and on which day. Django says when
    (`user_logged_in`), since there are several ways in."""
    request.session[_BROWSER] = browser_words(request.META.get("HTTP_USER_AGENT", ""))
    request.session[_BEGAN] = request.session[_USED] = _today()


def places(user: User, request: HttpRequest) -> list[Place]:
    """Where they are signed in: here first, then those used last. Not what another password has
    ended."""
    found = [
        Place(
            name=_name(row),
            browser=str(data.get(_BROWSER, "")),
            began=_day(data.get(_BEGAN)),
            used=_day(data.get(_USED)),
            here=row.session_key == request.session.session_key,
        )
        for row, data in _open(user)
    ]
    return sorted(found, key=lambda place: (place.here, place.used or date.min), reverse=True)


def end(user: User, name: str) -> bool:
    """Sign them out there; False when they are not signed in there."""
    keys = [row.pk for row, _data in _open(user) if constant_time_compare(_name(row), name)]
    return bool(SignIn.objects.filter(user=user, pk__in=keys).delete()[0])


def end_all(user: User, *, but: str | None = None) -> int:
    """Everywhere, but in the session of that key; in how many browsers that was."""
    return SignIn.objects.filter(user=user).exclude(pk=but or "").delete()[0]


def browser_words(user_agent: str) -> str:
    """Firefox, Windows: enough to know one's own again, and no more."""
    browser = next((words for token, words in _BROWSERS.items() if f"{token}/" in user_agent), "")
    system = next((words for token, words in _SYSTEMS.items() if token in user_agent), "")
    return ", ".join(filter(None, (browser, system)))


def _open(user: User) -> list[tuple[SignIn, dict[str, Any]]]:
    rows = SignIn.objects.filter(user=user, expire_date__gt=timezone.now())
    found = [(row, SessionStore().decode(row.session_data)) for row in rows]
    now = user.get_session_auth_hash()
    return [
        (row, data)
        for row, data in found
        if constant_time_compare(str(data.get(HASH_SESSION_KEY, "")), now)
    ]


def _name(row: SignIn) -> str:
    return salted_hmac("peerlearn.sign-in", row.session_key, algorithm="sha256").hexdigest()[:32]


def _today() -> str:
    return timezone.now().date().isoformat()


def _day(text: Any) -> date | None:
    known = isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    return date.fromisoformat(text) if known else None
