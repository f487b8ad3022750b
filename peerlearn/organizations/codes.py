"""Codes by e-mail, the same for all ways in: how long they are, and who may guess how often.

Six digits are easy to type. Once too many wrong ones were tried for an account, or from a network,
six digits work there no longer: whoever asks gets twelve, which nobody guesses. So a stranger's
guesses cost the right person one more mail at most, and lock nobody out.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import generate_user_code
from django.http import HttpRequest

from peerlearn.organizations.throttles import CONFIRM, GUESS, SAME_CODE, SEND, Try

# Beginning an organization signs in; AGAIN is for who is in and changes how they sign in.
SIGN_IN, RESET, AGAIN = "sign in", "reset", "again"
SHORT, LONG = 6, 12


def refuse_to_send(request: HttpRequest, way: str, email: str) -> str:
    """Count one mail with a code and settle how long it is; how long to wait if there were too
    many, else "".

    The same for accounts that exist and that do not.
    """
    sending = Try(request, SEND, email)
    if not sending.count():
        return sending.wait
    few_guesses = Try(request, GUESS, email).look()
    request.session[_remembered(way)] = SHORT if few_guesses else LONG
    return ""


def digits(request: HttpRequest, way: str) -> int:
    """How many the last code of this session has, sent or only pretended."""
    return int(request.session.get(_remembered(way), SHORT))


def new_code(request: HttpRequest, way: str) -> str:
    """Random digits; long ones in groups, which may be typed or not."""
    length = digits(request, way)
    return str(generate_user_code(length=length, numeric=True, dashed=length == LONG))


def _remembered(way: str) -> str:
    return f"digits to {way}"


class TooManyOfThisCode(Exception):
    """This code is gone."""


class TooManyGuesses(Exception):
    """Six digits no longer work for this account, or from this network."""


class TooMany(Exception):
    """Too many codes from this network; its text says how long to wait."""


class Guess:
    """A code that somebody typed. `expected` is "" where there is no account."""

    def __init__(self, request: HttpRequest, way: str, *, email: str, expected: str) -> None:
        same = f"{request.session.session_key} {expected}"
        self._typing = Try(request, CONFIRM)
        self._of_this_code = Try(request, SAME_CODE, same)
        short = digits(request, way) == SHORT or len(expected) == SHORT
        self._of_this_account = Try(request, GUESS, email) if short else None

    def count(self) -> None:
        """Before it is compared, so that many at once are counted one by one."""
        if not self._typing.count():
            raise TooMany(self._typing.wait)
        if not self._of_this_code.count():
            raise TooManyOfThisCode
        if self._of_this_account and not self._of_this_account.count():
            raise TooManyGuesses

    def was_right(self) -> None:
        self._of_this_code.take_back()
        if self._of_this_account:
            self._of_this_account.take_back()
