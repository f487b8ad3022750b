"""How many mails an import may cause: none but those to whose e-mail it changes.

They count together with those that HR causes in forms.
"""

from __future__ import annotations

from peerlearn.organizations.importing.reading import Unreadable
from peerlearn.organizations.throttles import WELCOME, Try, a_day_of


def refuse_too_many(mails: int, organization_id: int) -> None:
    """Raises Unreadable where the day has no room for so many; counts nothing."""
    today = Try.within(a_day_of(WELCOME, organization_id))
    today.look()
    if mails > today.left:
        raise Unreadable("mails")


def count(mails: int, organization_id: int) -> None:
    """The last act of a writing: until then others count without waiting for it."""
    if mails and not Try.within(a_day_of(WELCOME, organization_id)).count(mails):
        raise Unreadable("mails")
