"""Finding a manager by what a cell says. Pure; no Django."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from peerlearn.organizations.importing.values import Wrong, squeezed, turned


class Marks(NamedTuple):
    """By what somebody is known; "" is nothing."""

    number: str
    email: str
    name: str


class Finder:
    """Finds whom a cell names: by number, e-mail or a name that only one of them has."""

    def __init__(self, marks: Mapping[int, Marks], left: Collection[int]) -> None:
        self.left = left
        self.found: list[dict[str, list[int]]] = []
        for at in range(len(Marks._fields)):
            keys: dict[str, list[int]] = defaultdict(list)
            for key, texts in marks.items():
                if texts[at]:
                    keys[squeezed(texts[at])].append(key)
            self.found.append(keys)

    def one(self, wanted: str, present: int | None) -> int:
        """Their key; of several of one name the `present` one. Raises Wrong."""
        numbers, emails, names = self.found
        text = squeezed(wanted)
        for found in (numbers.get(text), emails.get(text), names.get(text)):
            if found:
                return self._only(found, present)
        if found := names.get(squeezed(turned(wanted))):
            return self._only(found, present)
        raise Wrong("nobody")

    def _only(self, found: list[int], present: int | None) -> int:
        here = [key for key in found if key not in self.left]
        if present is not None and present in here:
            return present
        if len(here) > 1:
            raise Wrong("several", str(len(here)))
        if not here:
            raise Wrong("left")
        return here[0]
