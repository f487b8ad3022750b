"""What a token may be for. Each floor declares its own at start, in a module for that alone:

READ_SKILLS = declare("read:skills", _("Read the catalogue and who can do what"))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class TokenScope:
    """A token with it may do so much of what its employee may, never more."""

    name: str
    words: Text


_declared: dict[str, TokenScope] = {}


def declare(name: str, words: Text) -> TokenScope:
    scope = TokenScope(name, words)
    _declared[name] = scope
    return scope


def declared() -> list[TokenScope]:
    """All, the lower floors first."""
    return list(_declared.values())


def in_words(names: Iterable[str]) -> list[Text]:
    """What a token may do; a scope that is declared no more stays as it was written."""
    return [_declared[name].words if name in _declared else name for name in names]
