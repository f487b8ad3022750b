"""How often one may try to prove who one is, and how long to wait, in words.

Counted by account, by network and by browser, in Postgres (docs/operations.md). One count serves
all ways in: signing in, a new password, beginning an organization. A browser in which that account
has signed in before counts for itself, so that tries of strangers keep nobody out of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerlearn.organizations.known_browsers import knows
from peerlearn.organizations.models.employees import Employee
from peerlearn.organizations.models.tries import Counted, TryCount
from peerlearn.organizations.queries import normalized_email

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
SEND, GUESS, PASSWORD, CONFIRM, SAME_CODE = "send", "guess", "password", "confirm", "same code"
BEGIN, WELCOME, UPLOAD, TEST_MAIL = "begin", "welcome", "upload", "test mail"
FACTOR, RECOVERY, PASSKEY = "factor", "recovery", "passkey"
INVITE, INVITER, INVITED = "invite", "inviter", "invited"
UNKNOWN_KEY = "unknown key"
MAILS_A_DAY, UPLOADS_A_DAY = 300, 30
INVITED_A_DAY = 3  # one person
BROWSER = "browser"  # that knows the account
HERE = "account from this network"
ACCOUNT = "account"
NETWORK = "network"  # a whole company may stand behind one

# Act → whose tries are counted together → (how many, in how many seconds). A window begins with
# its first try, so that any day may see twice the amount of one.
LIMITS: dict[str, dict[str, tuple[tuple[int, int], ...]]] = {
    # Mails with a code.
    SEND: {
        BROWSER: ((3, _MINUTE), (20, _HOUR)),
        HERE: ((3, _MINUTE), (10, _HOUR)),
        ACCOUNT: ((30, _HOUR),),
        NETWORK: ((60, _MINUTE),),
    },
    # Wrong codes of six digits: 2 x (20 + 20) a day at most, a chance of 8 in 100,000. Nobody has
    # to wait: from then on only a code of twelve digits works (codes.py).
    GUESS: {
        BROWSER: ((20, _DAY),),
        ACCOUNT: ((20, _DAY),),
        NETWORK: ((100, _HOUR),),
    },
    # Wrong passwords. Who has to wait can have a code sent.
    PASSWORD: {
        BROWSER: ((5, 5 * _MINUTE), (100, _DAY)),
        HERE: ((5, 5 * _MINUTE), (30, _DAY)),
        ACCOUNT: ((100, _DAY),),
        NETWORK: ((30, _MINUTE), (300, _HOUR)),
    },
    # Wrong codes of an authenticator app, by who has the password or the mail already: 40 a day
    # with three that work at a time, a chance of 12 in 100,000. Who has to wait can use a passkey
    # or a recovery code.
    FACTOR: {
        BROWSER: ((5, 5 * _MINUTE), (20, _DAY)),
        ACCOUNT: ((5, 5 * _MINUTE), (20, _DAY)),
        NETWORK: ((100, _HOUR),),
    },
    # Wrong recovery codes, of 138 bits each: nobody guesses one, so that no account is locked.
    RECOVERY: {NETWORK: ((30, _MINUTE), (300, _HOUR))},
    # Questions to passkeys; nobody guesses an answer.
    PASSKEY: {NETWORK: ((120, _MINUTE),)},
    # Tokens of the API and addresses of feeds that open nothing; nobody guesses 192 bits.
    UNKNOWN_KEY: {NETWORK: ((600, 10 * _MINUTE),)},
    # Codes typed, right or wrong.
    CONFIRM: {NETWORK: ((120, _MINUTE),)},
    # Of one session with one code. The session counts too, but many at once would all read the
    # same number there.
    SAME_CODE: {ACCOUNT: ((3, 10 * _MINUTE),)},
    # Organizations that are begun: each may write to people whom nobody asked.
    BEGIN: {ACCOUNT: ((10, _DAY),), NETWORK: ((50, _DAY),)},
    # Mails that HR of one organization, the account, causes to e-mails that it types.
    WELCOME: {ACCOUNT: ((100, _HOUR), (MAILS_A_DAY, _DAY))},
    # Test messages of one admin, to their own e-mail.
    TEST_MAIL: {ACCOUNT: ((3, 5 * _MINUTE), (20, _DAY))},
    # Files that HR of one organization lets be imported.
    UPLOAD: {ACCOUNT: ((UPLOADS_A_DAY, _DAY),)},
}


class Limit(NamedTuple):
    whose: str
    key: str
    amount: int
    seconds: int


class Try:
    """One try of one act for one account.

    `allowed` and `left` speak of what was counted or looked at last.
    """

    def __init__(self, request: HttpRequest, act: str, account: str = "") -> None:
        self._begin(_limits(request, act, account))

    @classmethod
    def within(cls, *limits: Limit) -> Self:
        """One try that counts against limits of one's own, as of `limit_for`."""
        one = cls.__new__(cls)
        one._begin(limits)
        return one

    def _begin(self, limits: Iterable[Limit]) -> None:
        self._limits = list(limits)
        self._counts: dict[str, Counted] = {}

    def count(self, times: int = 1) -> bool:
        """Count it; False when there were too many. What is refused counts nowhere else."""
        self._counts = TryCount.objects.add({one.key: one.seconds for one in self._limits}, times)
        if not self.allowed:
            over = {one.key for one in self._over()}
            rest = [one.key for one in self._limits if one.key not in over]
            TryCount.objects.take_back(rest, times)
        return self.allowed

    def count_again(self) -> bool:
        """Count it if it was counted lately; False when it was not, and leaves no row."""
        self._counts = TryCount.objects.add_again(one.key for one in self._limits)
        return bool(self._counts)

    def look(self) -> bool:
        """Whether another try would be allowed."""
        self._counts = TryCount.objects.look(one.key for one in self._limits)
        return self.left > 0

    def take_back(self) -> None:
        """It was no wrong try."""
        TryCount.objects.take_back(one.key for one in self._limits)

    @property
    def allowed(self) -> bool:
        return not self._over()

    @property
    def left(self) -> int:
        """How many more tries there are."""
        return min(one.amount - self._tries(one) for one in self._limits)

    @property
    def wait(self) -> str:
        """How long, in words."""
        return wait_words(self.seconds)

    @property
    def seconds(self) -> int:
        """How long."""
        return max((self._counts[one.key].seconds for one in self._over()), default=0)

    def _over(self) -> list[Limit]:
        return [one for one in self._limits if self._tries(one) > one.amount]

    def _tries(self, limit: Limit) -> int:
        counted = self._counts.get(limit.key)
        return counted.tries if counted else 0


def limit_for(act: str, whose: str, amount: int, seconds: int) -> Limit:
    """So many of one act for whoever or whatever `whose` names, in so many seconds."""
    return Limit(whose, _key(act, whose, str(seconds)), amount, seconds)


def a_day_of(act: str, organization_id: int) -> Limit:
    """What one organization may do in a day, counted as where it is the account."""
    amount, seconds = LIMITS[act][ACCOUNT][-1]
    return Limit(ACCOUNT, _key(act, ACCOUNT, str(organization_id), str(seconds)), amount, seconds)


def invitations(by: Employee) -> list[Limit]:
    """Mails that an organization sends to whoever is on its lists, and those of one of its people:
    a role that fell into wrong hands sends half of a day's at most."""
    amount, organization = settings.INVITATIONS_A_DAY, str(by.organization_id)
    return [
        Limit(INVITE, _key(INVITE, organization), amount, _DAY),
        Limit(INVITER, _key(INVITER, organization, str(by.pk)), -(-amount // 2), _DAY),
    ]


def invitation_of(employee: Employee) -> Limit:
    """One person is not asked all day long."""
    key = _key(INVITED, str(employee.organization_id), employee.email)
    return Limit(INVITED, key, INVITED_A_DAY, _DAY)


def _limits(request: HttpRequest, act: str, account: str) -> Iterator[Limit]:
    rules = LIMITS[act]
    account = normalized_email(account)
    known = BROWSER in rules and knows(request, account)
    network = get_ip(request)
    keys = {BROWSER: account, HERE: f"{account} {network}", ACCOUNT: account, NETWORK: network}
    for whose, amounts in rules.items():
        if (whose == BROWSER) == known:
            for amount, seconds in amounts:
                yield Limit(whose, _key(act, whose, keys[whose], str(seconds)), amount, seconds)


def _key(*parts: str) -> str:
    """A keyed hash: the table names no account and no network."""
    return salted_hmac("peerlearn.tries", "\n".join(parts), algorithm="sha256").hexdigest()


def wait_words(seconds: float) -> str:
    minutes = max(1, -int(-seconds // 60))
    if minutes < 100:
        waiting = ngettext(
            "Please wait %(count)d minute.", "Please wait %(count)d minutes.", minutes
        ) % {"count": minutes}
    else:
        hours = -(-minutes // 60)
        waiting = ngettext("Please wait %(count)d hour.", "Please wait %(count)d hours.", hours) % {
            "count": hours
        }
    return _("There were too many tries.") + " " + waiting
