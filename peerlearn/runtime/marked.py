"""Which texts are marked for translation, as gettext's xgettext would collect them; pure Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from peerlearn.runtime import texts
from peerlearn.runtime.environment import ROOT

Key = tuple[str, str]  # the context, "" without one, and the text; of two forms the first

_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")


def in_product() -> set[Key]:
    """Of every file whose words reach people."""
    return {key for path in [*texts.files(), *_WORDS_OF_THE_DEMO] for key in in_file(path)}


_WORDS_OF_THE_DEMO = sorted((ROOT / "demo").rglob("*.py"))


def in_file(path: Path) -> Iterator[Key]:
    source = path.read_text(encoding="utf-8")
    return in_python(source) if path.suffix == ".py" else in_template(source)


def in_python(source: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and texts.is_mark(node):
            given = [part.value for part in node.args if isinstance(part, ast.Constant)]
            yield from _keys(texts.last_name(node.func), [str(text) for text in given])


def in_template(source: str) -> Iterator[Key]:
    """Django makes of a template what looks like Python to xgettext."""
    for name, arguments in _CALL.findall(templatize(source)):
        yield from _keys(name, [ast.literal_eval(text) for text in re.findall(_STRING, arguments)])


def _keys(name: str, given: list[str]) -> Iterator[Key]:
    has_context = name.removesuffix("_lazy") in {"pgettext", "npgettext"}
    if len(given) > has_context:
        yield (given[0], given[1]) if has_context else ("", given[0])
