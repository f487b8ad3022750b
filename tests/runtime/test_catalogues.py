"""The catalogues are whole, hold no broken translation, and are compiled without gettext."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from peerlearn.runtime import catalogues, marked


def test_every_offered_language_is_translated(capsys: pytest.CaptureFixture[str]) -> None:
    offered = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert {source.parents[1].name for source in catalogues.catalogue_files()} == offered
    assert catalogues.main() == 0, capsys.readouterr().out


def test_twin_a_catalogue_with_gaps_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Team"\nmsgstr "Team"\n')
    monkeypatch.setattr(catalogues, "catalogue_files", lambda: [folder / "django.po"])
    assert catalogues.main() == 1
    told = capsys.readouterr().out
    assert "not translated: Your offer is open again." in told
    assert "not translated: Team\n" not in told


def one(text: str | tuple[str, str], translation: str | tuple[str, str], **more: object) -> Catalog:
    catalogue = Catalog(locale="de")
    catalogue.add(text, translation, **more)
    return catalogue


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Hello %(name)s", "Hallo"),
        ("Hello %(name)s", "Hallo %(nam)s"),
        ("Hello", "Hallo %(name)s"),
        ("%s of 5", "5 von %d"),
        ("until <b>%(time)s</b>", "bis <b>%(time)s"),
        (("%(n)s day", "%(n)s days"), ("ein Tag", "Tage")),
        (("%(n)s day", "%(n)s days"), ("%(tag)s Tag", "%(n)s Tage")),
        (("%(n)s day", "%(n)s days"), ("", "%(n)s Tage")),
    ],
)
def test_broken_translations_are_found(text: str, translation: str) -> None:
    assert list(catalogues.faults(one(text, translation)))


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Hello %(name)s", "Hallo %(name)s"),
        (("%(n)s day", "%(n)s days"), ("ein Tag", "%(n)s Tage")),
        (("%(name)s alone", "%(n)s people"), ("%(name)s allein", "%(n)s Personen")),
        ("Not yet translated %s", ""),
    ],
)
def test_whole_translations_pass(text: str, translation: str) -> None:
    assert list(catalogues.faults(one(text, translation))) == []


def test_a_guess_is_no_translation() -> None:
    guessed = one("Close", "Schließen", flags=["fuzzy"])
    assert list(catalogues.faults(guessed)) == ["fuzzy: Close"]
    assert catalogues.untranslated(guessed, [("", "Close")]) == ["Close"]
    assert catalogues.untranslated(one("Close", "Schließen"), [("", "Close")]) == []
    assert catalogues.untranslated(one("Close", "Schließen"), [("door", "Close")]) == ["Close"]


def test_marked_texts_are_collected_from_templates() -> None:
    source = (
        '{% translate "One" %}{% translate "Day" context "of work" %}{{ a|default:_("Two") }}'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
        "{% blocktranslate trimmed %}\n Three\n four{% endblocktranslate %}{# _('No') #}"
    )
    found = set(marked.in_template(source))
    assert found == {
        ("", "One"),
        ("of work", "Day"),
        ("", "Two"),
        ("", "%(n)s day"),
        ("", "Three four"),
    }


def test_marked_texts_are_collected_from_python() -> None:
    source = "a = _('One' ' two') + ngettext('%s day', '%s days', n) + pgettext_lazy('x', 'Mo')"
    assert set(marked.in_python(source)) == {("", "One two"), ("", "%s day"), ("x", "Mo")}


def test_compiled_once_and_again_when_the_source_is_newer(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, target = folder / "django.po", folder / "django.mo"
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Team"\nmsgstr "Mannschaft"\n')
    assert catalogues.compile_stale(tmp_path) == [target]
    assert gettext.translation("django", tmp_path, ["de"]).gettext("Team") == "Mannschaft"
    assert catalogues.compile_stale(tmp_path) == []
    later = target.stat().st_mtime + 5
    os.utime(source, (later, later))
    assert catalogues.compile_stale(tmp_path) == [target]
    assert [path.name for path in folder.iterdir() if path.suffix not in {".po", ".mo"}] == []
