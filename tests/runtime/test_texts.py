"""What people read is marked for translation; the check finds what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peerlearn.runtime import texts
from peerlearn.runtime.environment import ROOT


def test_everything_that_people_read_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(texts.files()) > 200
    assert texts.main([]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", ["sessions/_booked.html", "emails/booking_booked.txt"])
def test_twin_without_its_marks_it_is_found(name: str) -> None:
    path = ROOT / "templates" / name
    assert texts.in_file(path) == []
    bare = re.sub(r"{% (end)?blocktranslate.*?%}", "", path.read_text())
    assert len(texts.in_template(bare, html=path.suffix == ".html")) > 1


UNMARKED_IN_TEMPLATES = {
    "<p>Three days beside a host</p>": "Three days beside a host",
    "<p>{{ count }} people</p>": "people",
    "<p>{% if count %}{{ count }}{% else %}nobody{% endif %}</p>": "nobody",
    '<button aria-label="Close"></button>': "Close",
    '<input placeholder="Search">': "Search",
    '<input type="submit" value="Send">': "Send",
    '<img alt="A chart">': "A chart",
    '<abbr title="Monday">': "Monday",
    '<a {% if here %}title="You are here"{% endif %}>': "You are here",
    '{% include "x.html" with heading="Nothing here" only %}': "Nothing here",
    "{{ name|default:'Nobody' }}": "Nobody",
    '{{ done|yesno:"was kept,was lost" }}': "was kept,was lost",
    '{{ day|date:"j F Y" }}': "j F Y",
    "{{ count }}{{ count|pluralize }}": "pluralize",
    "{% blocktranslate %}a{% endblocktranslate %}<b>bold words</b>": "bold words",
}


@pytest.mark.parametrize("source", UNMARKED_IN_TEMPLATES)
def test_unmarked_in_a_template(source: str) -> None:
    assert [found.text for found in texts.in_template(source)] == [UNMARKED_IN_TEMPLATES[source]]


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Three days" %} · 3 – {{ name }}</p>',
        "{% blocktranslate count n=n %}one day{% plural %}{{ n }} days{% endblocktranslate %}",
        '{% translate "Nothing" as heading %}{% include "x.html" with heading=heading only %}',
        "{{ name|default:_('Nobody') }}{{ day|date:'Y-m-d' }}{{ day|date:_('j F Y') }}",
        '<a class="btn big" href="{% url "offer" id %}" data-state="open">{% icon "left" %}</a>',
        '<input type="text" name="goal" value="as typed">',
        "{# A word to developers #}{% comment %}Another {{ a|default:'Word' }}{% endcomment %}",
        "<a>peerlearn</a> CSV",
        '<code translate="no">Message-ID <b>of a mail</b></code>',
        "<script>const words = 'not read';</script>",
        '<time datetime="2026-12-01">{{ day }}</time>',
    ],
)
def test_marked_or_no_words(source: str) -> None:
    assert texts.in_template(source) == []


def test_a_text_template_is_all_words() -> None:
    assert [found.line for found in texts.in_template("{{ a }}\nHello {{ b }}\n", html=False)] == [
        2
    ]


def test_lines_are_those_of_the_file() -> None:
    source = "{% comment %}\n\n{% endcomment %}<p>\n\n  Hello\n  there</p>"
    assert texts.in_template(source) == [texts.Unmarked(5, "text", "Hello there")]


UNMARKED_IN_PYTHON = {
    'messages.success(request, "kept")': "kept",
    'messages.error(request, f"{name} is gone")': " is gone",
    'messages.success(request, "%s is kept" % name)': "%s is kept",
    'raise ValidationError("too late")': "too late",
    'raise ValidationError({"name": "taken"})': "taken",
    'raise ValidationError(_("ok") if a else "too late")': "too late",
    'name = forms.CharField(label="name")': "name",
    'name = forms.CharField(help_text="as on the badge")': "as on the badge",
    'name = models.CharField("name", max_length=3)': "name",
    'x = forms.CharField(error_messages={"required": "give a name"})': "give a name",
    'class Kind(models.TextChoices):\n    A = "a", "first"': "first",
    '@renders("welcome", "hello")\ndef welcome(notification): ...': "hello",
    'form.add_error("name", "taken")': "taken",
    'words = "Nobody has time then."': "Nobody has time then.",
    'words = say("Nobody has time then.")': "Nobody has time then.",  # xgettext knows no `say`
    'words = _("Half of ") + _("a sentence.")': "Half of ",
    "words = f'{wait} {_(\"Or later.\")}'": "_('Or later.')",
    'words = date_format(day, "j F Y")': "j F Y",
    'words = dateformat.format(day, "j F Y")': "j F Y",
    "def title():\n    return 'A skill is gone'": "A skill is gone",
}


@pytest.mark.parametrize("source", UNMARKED_IN_PYTHON)
def test_unmarked_in_python(source: str) -> None:
    assert UNMARKED_IN_PYTHON[source] in [found.text for found in texts.in_python(source)]


@pytest.mark.parametrize(
    "source",
    [
        'messages.success(request, _("Kept as you typed.") % {"a": 1})',
        'raise ValidationError(ngettext("%s day", "%s days", n) % n)',
        'raise LookupError("No app declares this")',
        'assert here, "Nobody comes here"',
        '"""Words of a module."""\nclass A:\n    """Words of a class."""\n    "Words of a field."',
        'log.error("mail failed", name=name)',
        'class Kind(models.TextChoices):\n    A = "a", _("first")',
        'words = date_format(day, _("j F Y")) + dateformat.format(day, "F")',
        'cursor.execute("SELECT count(*) FROM a")',
        'field = models.ForeignKey("Team", related_name="people")',
        'x = checks.Error("Meta must inherit from it")',
    ],
)
def test_marked_or_not_read_in_python(source: str) -> None:
    assert texts.in_python(source) == []


def test_the_command_names_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>\nNot marked</h1>")
    assert texts.main([str(page)]) == 1
    assert f"{page}:2: not marked for translation (text): Not marked" in capsys.readouterr().out
