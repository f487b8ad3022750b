"""Addresses that work in pages, mails and tasks alike: never from the Host header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

if TYPE_CHECKING:
    from peerlearn.organizations.models import Organization


@contextmanager
def script_prefix(prefix: str) -> Iterator[None]:
    """Within the block `reverse()` and `{% url %}` put this prefix before every path."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


def public_path(name: str, **kwargs: Any) -> str:
    """The path of a page outside every organization, such as /account/login/."""
    with script_prefix("/"):
        return reverse(name, urlconf=settings.ROOT_URLCONF, kwargs=kwargs)


def organization_path(organization: Organization, name: str, **kwargs: Any) -> str:
    """The path of an organization's page, such as /o/halden/skills/."""
    with script_prefix(f"/o/{organization.slug}/"):
        return reverse(name, urlconf=settings.ORGANIZATION_URLCONF, kwargs=kwargs)


def organization_home(organization: Organization) -> str:
    """Where an organization begins, such as /o/halden/."""
    return f"/o/{organization.slug}/"


def public_url(name: str, **kwargs: Any) -> str:
    """The whole address of a page outside every organization, for mails."""
    return settings.PUBLIC_ADDRESS + public_path(name, **kwargs)


def organization_url(organization: Organization, name: str, **kwargs: Any) -> str:
    """The whole address of an organization's page, for mails."""
    return settings.PUBLIC_ADDRESS + organization_path(organization, name, **kwargs)
