"""A language that shows what is not translated, and what does not fit when words grow longer.

Every text stands in ⟦brackets⟧ and is a third longer, as German and Finnish are. What stands on a
page outside the brackets and is nobody's data was not marked for translation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models
from playwright.sync_api import Page

from peerlearn.organizations.fence import FencedModel
from peerlearn.organizations.models import Organization
from peerlearn.runtime.catalogues import catalogue_files
from skills.catalogue import pack_categories

CODE = "xx"
LIBRARIES = ("django.conf", "django.contrib.auth", "django.contrib.humanize", "allauth")
THE_SAME_EVERYWHERE = {"peerlearn", "CSV", "XLSX", "UTC", "English", "Deutsch", "Pseudo"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_INNERMOST = re.compile("⟦[^⟦⟧]*⟧")

# All that is shown or heard; initials are cut out of names, zones are the same everywhere, and
# CLDR names countries in every language but a made-up one.
_GATHER = """() => {
    const told = [];
    const quiet = "script, style, noscript, [translate=no], .avatar, "
        + "select[name=time_zone] option, select[name=country] option, select[name=region] option";
    const walker = document.createTreeWalker(document.documentElement,
        NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        if (element.closest(quiet)) continue;
        if (node.nodeType === Node.TEXT_NODE) { told.push(node.data); continue; }
        for (const name of ["aria-label", "title", "alt", "placeholder"])
            if (node.hasAttribute(name)) told.push(node.getAttribute(name));
        if (node.matches("input[type=submit], input[type=button]")) told.push(node.value);
    }
    return told.join("\\n");
}"""


def lengthened(text: str) -> str:
    """A third more, in words as long as those of the text."""
    if not _WORD.search(text):
        return text
    dots = "·" * max(len(text) // 3, 1)
    return f"⟦{text}{' '.join(['', *re.findall('.{1,6}', dots)]) if ' ' in text else dots}⟧"


def make_catalogue(folder: Path) -> None:
    """Of every text of ours, and of those of the libraries whose words reach our pages."""
    pseudo = Catalog(locale="en")
    sources = [*catalogue_files(), *(_english(library) for library in LIBRARIES)]
    for source in sources:
        with source.open("rb") as file:
            for message in read_po(file):
                if not message.id or (message.id, message.context) in pseudo:
                    continue
                if isinstance(message.id, str):
                    pseudo.add(message.id, lengthened(message.id), context=message.context)
                else:
                    forms = tuple(map(lengthened, message.id))
                    pseudo.add(message.id, forms, context=message.context)
    target = folder / CODE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, pseudo)


def _english(library: str) -> Path:
    path = resources.files(library) / "locale" / "en" / "LC_MESSAGES" / "django.po"
    assert isinstance(path, Path)
    return path


def untranslated(page: Page, data: set[str]) -> list[str]:
    """The words of the page that are neither translated nor anybody's data."""
    told = page.evaluate(_GATHER)
    for text in sorted(data, key=len, reverse=True):
        told = told.replace(text, " ")
    while _INNERMOST.search(told):
        told = _INNERMOST.sub(" ", told)
    lines = (" ".join(line.split()) for line in told.splitlines())
    return [line for line in lines if set(_WORD.findall(line)) - THE_SAME_EVERYWHERE]


def typed_by_people(organization: Organization) -> set[str]:
    """Every text in the organization's tables that somebody wrote, inside its scope, and the parts
    of the ESCO pack, whose words the Commission wrote.
    """
    parts = {part for part, _ in pack_categories()}
    return {organization.name, *parts, *(text for model in _fenced() for text in _texts(model))}


def _fenced() -> Iterator[type[FencedModel]]:
    return (model for model in apps.get_models() if issubclass(model, FencedModel))


def _texts(model: type[FencedModel]) -> set[str]:
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in {"kind", "state", "public_id", "occurrence", "path"}
    ]
    rows = model.objects.values_list(*fields) if fields else []
    return {text for row in rows for text in row if text and _WORD.search(text)}
