"""The entries of the rail and of the tabs on phones.

An entry is shown when its route exists in the organization's URLconf and the employee acts in one
of its roles, so an app switches on its entry by naming its route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.addresses import public_path
from peerlearn.organizations.roles import ADMIN, EVERYONE, HR, MANAGER, Role

Text = str | Promise


class Person(Protocol):
    """Whoever the rail is for, an employee."""

    @property
    def public_id(self) -> str: ...
    def has_role(self, role: Role) -> bool: ...


@dataclass(frozen=True)
class Entry:
    """`key` marks the current page (context variable `here`); roles are asked in their order."""

    key: str
    icon: str
    label: Text
    route: str
    roles: tuple[Role, ...] = (EVERYONE,)


@dataclass(frozen=True)
class Link:
    key: str
    icon: str
    label: Text
    href: str


@dataclass(frozen=True)
class Group:
    title: Text
    links: tuple[Link, ...]


ENTRIES: tuple[tuple[Text, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", "home", _("Home"), "home"),
            Entry("shadowing", "shadow", _("Shadowing"), "shadowing"),
            Entry("my_sessions", "cal", _("My sessions"), "my_sessions"),
            Entry("my_skills", "card", _("My skills"), "my_skills"),
            Entry("notifications", "bell", _("Notifications"), "notifications"),
        ),
    ),
    (
        _("Insight"),
        (
            Entry("dashboard", "grid", _("Overview"), "dashboard", (HR, MANAGER)),
            Entry("skills", "people", _("Skills"), "skills"),
        ),
    ),
    (
        _("Company"),
        (
            Entry("employees", "user", _("People"), "employees"),
            Entry("teams", "net", _("Teams"), "teams"),
            Entry("shifts", "clock", _("Shifts"), "shift_patterns", (HR, MANAGER)),
            Entry("imports", "upload", _("Import"), "imports", (HR,)),
            Entry("reports", "report", _("Reports"), "reports", (HR, MANAGER)),
            Entry("settings", "sliders", _("Settings"), "settings", (ADMIN, HR)),
        ),
    ),
)
TABS = ("home", "shadowing", "my_sessions", "my_skills", "skills")
TABS_OF_LEADERS = ("home", "dashboard", "shadowing", "reports", "my_sessions")
TABS_SHOWN = 4


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `rail` (groups), `tabs`, `more` and `bell` (links), and where signing out
    goes."""
    addresses = {
        "sign_out_url": _public("account_logout"),
        "organizations_url": _public("organizations"),
        "set_language_url": _public("set_language"),
    }
    employee: Person | None = getattr(request, "employee", None)
    if employee is None:
        return addresses
    groups = [
        Group(title, links)
        for title, entries in ENTRIES
        if (links := tuple(link for entry in entries if (link := _link(entry, employee))))
    ]
    by_key = {link.key: link for group in groups for link in group.links}
    wanted = TABS_OF_LEADERS if "dashboard" in by_key else TABS
    first = [by_key[key] for key in wanted if key in by_key]
    tabs = (first + [link for link in by_key.values() if link not in first])[:TABS_SHOWN]
    return addresses | {
        "rail": groups,
        "tabs": tabs,
        "more": [link for link in by_key.values() if link not in tabs],
        "bell": by_key.get("notifications"),
        "home_url": by_key["home"].href if "home" in by_key else get_script_prefix(),
        "profile_url": _address("employee", public_id=employee.public_id),
    }


def _link(entry: Entry, employee: Person) -> Link | None:
    href = _address(entry.route)
    if href and any(employee.has_role(role) for role in entry.roles):
        return Link(entry.key, entry.icon, entry.label, href)
    return None


def _address(route: str, **kwargs: str) -> str:
    try:
        return reverse(route, urlconf=settings.ORGANIZATION_URLCONF, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _public(route: str) -> str:
    try:
        return public_path(route)
    except NoReverseMatch:
        return ""
