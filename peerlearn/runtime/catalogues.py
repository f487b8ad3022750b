"""The catalogues of `locale/`: made into what gettext reads, and looked at for what is wrong.

`python -m peerlearn.runtime.catalogues` prints which share of the texts each language has and
ends with 1 when a catalogue is broken or leaves too much untranslated. Pure Python: gettext's
programs are needed by `make messages` alone.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from peerlearn.runtime.environment import ROOT

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

    from peerlearn.runtime.marked import Key

LOCALE = ROOT / "locale"
ENOUGH = 0.95  # of the texts, in every language that is offered
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}|</?\w+[^>]*>")


def catalogue_files(folder: Path = LOCALE) -> list[Path]:
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def compile_stale(folder: Path = LOCALE) -> list[Path]:
    """Make the .mo of every .po that is newer; those that were made.

    Two processes at once both write the same, each in one step.
    """
    made = []
    for source in catalogue_files(folder):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except PermissionError:
            print(f"note: {target} cannot be written: its texts stay English", file=sys.stderr)
        else:
            made.append(target)
    return made


def _compile(source: Path, target: Path) -> None:

    from babel.messages.mofile import write_mo

    draft = target.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, read(source))
    draft.replace(target)


def read(source: Path) -> Catalog:
    """A .po file."""
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        return read_po(file, locale=source.parents[1].name)


def faults(catalogue: Iterable[Message]) -> Iterator[str]:
    """What would break a page or tell people something else than was meant."""
    for message in catalogue:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        if message.fuzzy:
            yield f"fuzzy: {name}"
        given = message.string if isinstance(message.string, tuple) else (message.string,)
        if not any(given):
            continue
        asked = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if not all(given):
            yield f"a form of the plural is empty: {name}"
        elif broken := _broken(asked, tuple(map(str, given))):
            yield f"{broken}: {name}"


def _broken(asked: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Placeholders and tags are the original's; the form for one may leave out its number."""
    wanted, whole = _placeholders(asked[-1]), _placeholders(given[-1])
    if wanted != whole:
        return f"placeholders {sorted(wanted)} became {sorted(whole)}"
    if any(not _placeholders(form) <= wanted | _placeholders(asked[0]) for form in given):
        return "a placeholder that the original lacks"
    if any(asked[0].startswith("\n") != form.startswith("\n") for form in given):
        return "begins with a new line, or does not"
    return ""


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def untranslated(catalogue: Iterable[Message], marked: Iterable[Key]) -> list[str]:
    """The texts that people would read in English."""
    done = set()
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if all(forms) and not message.fuzzy:
            name = message.id if isinstance(message.id, str) else message.id[0]
            done.add((message.context or "", name))
    return sorted(text for context, text in set(marked) - done)


def main() -> int:
    """Print what is wrong and how much is translated; 1 when a language may not be shipped."""
    from peerlearn.runtime.marked import in_product

    marked, wrong = in_product(), False
    for source in catalogue_files():
        catalogue = read(source)
        missing = untranslated(catalogue, marked)
        share = 1 - len(missing) / len(marked)
        print(f"{source.parents[1].name}: {share:.1%} of {len(marked)} texts are translated")
        broken = list(faults(catalogue))
        if share < ENOUGH:
            broken += [f"not translated: {text}" for text in missing]
        for fault in broken:
            print(f"{source}: {fault}")
        wrong = wrong or bool(broken)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
