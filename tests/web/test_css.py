"""Every class of the style sheets is used by a page, so that none outlives its page."""

from __future__ import annotations

import re
from pathlib import Path

from peerlearn.runtime.environment import ROOT

SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
APPS = ("peerlearn", "skills", "sessions", "analytics")
_CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")


def classes_of(sheet: str) -> set[str]:
    """The classes that the rules of a sheet name."""
    bare = re.sub(r'/\*.*?\*/|url\([^)]*\)|"[^"]*"|@[a-z-]+[^{;]*', "", sheet, flags=re.DOTALL)
    selectors = re.findall(r"(?:^|[{};])([^{};]+)(?={)", bare)
    return {name for selector in selectors for name in _CLASS.findall(selector)}


def classes_of_pages() -> set[str]:
    """What stands in class attributes and scripts, and what tags and modules may put there."""
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    modules = "".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
    scripts = "".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))
    places = [
        *re.findall(r'class="((?:[^"{]|{%.*?%}|{{.*?}})*)"', templates, re.DOTALL),
        *re.findall(r"{% (?:avatar|field|include|with) [^%]*%}", templates),
        *re.findall(r'"([a-z][a-z -]{1,40})"', modules),
        scripts,
    ]
    return {word for place in places for word in re.findall(r"-?[a-zA-Z_][\w-]*", place)}


def unused(sheets: list[Path]) -> list[str]:
    used = classes_of_pages()
    return [
        f"{sheet.name}: .{name}"
        for sheet in sheets
        for name in sorted(classes_of(sheet.read_text()) - used)
    ]


def test_every_class_is_used() -> None:
    assert unused(SHEETS) == []


def test_twin_a_class_that_no_page_has_is_found(tmp_path: Path) -> None:
    sheet = tmp_path / "page.css"
    sheet.write_text(
        "@layer pages {\n  .nobody-has-this:hover > .btn.big::before { color: red; }\n}"
    )
    assert unused([sheet]) == ["page.css: .nobody-has-this"]
    rules = "@media (x) { .a.b { margin: .5rem } } .c { d: url(e.f) }"
    assert classes_of(rules) == {"a", "b", "c"}
