"""Loading an organization chapter by chapter, so that a crash leaves whole chapters.

A chapter is one transaction. Whether it is there is asked of the rows that it wrote, never of a
mark beside them: loading again goes on where it stopped, and does nothing when all is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peerlearn.organizations.models import Organization
from peerlearn.organizations.scoping import scope

Say = Callable[[str], None]


@dataclass(frozen=True)
class Chapter:
    """`is_there` and `write` run in the organization's scope."""

    title: str
    is_there: Callable[[], bool]
    write: Callable[[], None]


def load(organization: Organization, chapters: Sequence[Chapter], say: Say) -> int:
    """Write what is missing; returns how many chapters that were."""
    written = 0
    for chapter in chapters:
        with scope(organization.pk):
            # A second loader waits here, and then finds the chapter.
            Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
            if chapter.is_there():
                continue
            chapter.write()
        written += 1
        say(f"{organization.name}: {chapter.title}")
    return written
