from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from peerlearn.web import charts
from tests.web.kit_form import KitForm


def render(source: str, **context: object) -> str:
    return Template("{% load web %}" + source).render(Context(context))


def attributes(html: str, identity: str) -> str:
    found = re.search(rf'<[^>]*\bid="{identity}"[^>]*>', html)
    assert found, f"nothing has the id {identity}"
    return found[0]


def test_an_icon_is_hidden_from_screen_readers_and_escaped() -> None:
    assert 'aria-hidden="true"' in render('{% icon "home" %}')
    assert "<b>" not in render("{% icon name %}", name="<b>")


def test_every_icon_that_a_template_names_is_drawn() -> None:
    base = Path(settings.BASE_DIR)
    drawn = set(re.findall(r'id="([^"]+)"', (base / "static/img/icons.svg").read_text()))
    for page in (base / "templates").rglob("*.html"):
        named = set(re.findall(r'(?:% icon |icon=)"([^"]+)"', page.read_text()))
        assert named <= drawn, page


def test_an_avatar_shows_initials_and_escapes() -> None:
    assert render("{% avatar person 'big pine' %}", person="Nils Eriksen") == (
        '<span class="avatar big pine" aria-hidden="true">NE</span>'
    )
    assert "<x" not in render("{% avatar person look %}", person="<x> <y>", look='"><x')


def test_a_field_is_wired_to_its_label_and_hint() -> None:
    html = render("{% field form.name %}", form=KitForm())
    assert '<label for="id_name">' in html
    assert 'aria-describedby="id_name_hint"' in attributes(html, "id_name")
    assert "aria-invalid" not in html
    assert "As colleagues know you." in html


def test_a_wrong_field_says_so_beside_itself() -> None:
    html = render("{% field form.name %}", form=KitForm({}))
    field = attributes(html, "id_name")
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_name_error id_name_hint"' in field
    assert 'id="id_name_error"' in html


def test_every_kind_of_field_keeps_what_was_typed() -> None:
    typed = {"name": "<b>Nils", "goal": "Set a relay", "shift": "e", "days": ["tu"], "zone": "w"}
    html = render("{% for f in form %}{% field f %}{% endfor %}", form=KitForm(typed))
    assert 'value="&lt;b&gt;Nils"' in html
    assert "Set a relay" in html
    assert len(re.findall(r"<option[^>]* selected", html)) == 1
    assert len(re.findall(r"<input[^>]* checked", html)) == 2


def test_a_group_of_choices_is_a_fieldset_with_its_error() -> None:
    html = render("{% field form.shift %}", form=KitForm({}))
    assert 'aria-describedby="id_shift_error"' in re.findall(r"<fieldset[^>]*>", html, re.DOTALL)[0]
    assert '<div class="mt choices">' in html
    assert '<div class="mt pills">' in render('{% field form.shift "pills" %}', form=KitForm())


def test_one_wrong_field_needs_no_summary_and_several_do() -> None:
    complete = {
        "email": "n@halden.example",
        "password": "x",
        "zone": "o",
        "goal": "g",
        "starts": "2026-12-01",
        "agreed": "on",
        "shift": "d",
        "level": "1",
        "minutes": "5",
    }
    assert "note bad" not in render("{% form_errors form %}", form=KitForm(complete))
    html = render("{% form_errors form %}", form=KitForm({}))
    assert 'role="alert"' in html
    assert '<a href="#id_name">Name</a>' in html
    assert '<a href="#id_shift">Shift</a>' in html


def test_what_is_wrong_with_the_whole_form_stands_on_top() -> None:
    form = KitForm({})
    form.add_error(None, "1–3 December was just taken.")
    assert "1–3 December was just taken." in render("{% form_errors form %}", form=form)


def test_charts_keep_the_decimal_point_in_every_language() -> None:
    with translation.override("de"):
        html = Template("{% include 'components/_bars.html' %}").render(
            Context({"chart": charts.bars([1, 2, 4], ["A", "B", "C"]), "words": "w"})
        )
    assert re.search(r'x="\d+\.\d"', html)
    assert not re.search(r'(x|y|height|width)="\d+,', html)
