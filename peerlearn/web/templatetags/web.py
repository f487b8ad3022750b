"""Tags of the presentation kit: `{% load web %}`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from peerlearn.clock import now
from peerlearn.web import dates
from peerlearn.web.dates import Reader
from peerlearn.web.numbers import percent
from peerlearn.web.people import initials

register = template.Library()
register.filter(initials)
register.filter(percent)

CHOICES_LOOK = ("choices", "checks", "pills", "seg")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of static/img/icons.svg; words beside it carry the meaning."""
    return format_html(
        '<svg aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name
    )


@register.simple_tag
def avatar(person: Any, look: str = "") -> SafeString:
    """A person's initials in a circle; `person` has a name or is one. Looks: big, pine."""
    name = person if isinstance(person, str) else person.name
    classes = f"avatar {look}".strip()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials(name))


@register.inclusion_tag("components/_field.html")
def field(
    bound: BoundField, look: str = "", label_link: str = "", link_text: str = ""
) -> dict[str, Any]:
    """Label, widget, hint and error of a form's field, wired for screen readers.

    `look` says how a list of choices is drawn: "choices" (cards, the default for radio buttons),
    "checks" (plain, the default for tick boxes), "pills" or "seg"; for a text field "code" or
    "short". `label_link` and `link_text` put a link opposite the label. What is not required
    is called optional, unless it carries `one_of_several`.
    """
    widget = bound.field.widget
    kind = _kind(widget)
    error_id, hint_id = f"{bound.auto_id}_error", f"{bound.auto_id}_hint"
    described = " ".join(
        identity
        for identity, present in ((error_id, bound.errors), (hint_id, bound.help_text))
        if present
    )
    attributes: dict[str, str | bool] = {"aria-describedby": described or False}
    if kind == "input":
        attributes["class"] = f"{_text_class(widget)} {look}".strip()
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if kind == "group":
        look = look or ("checks" if widget.allow_multiple_selected else "choices")
    return {
        "field": bound,
        "kind": kind,
        "optional": not (bound.field.required or getattr(bound.field, "one_of_several", False)),
        "look": look if look in CHOICES_LOOK else "",
        "described": described,
        "error_id": error_id,
        "hint_id": hint_id,
        "widget": bound.as_widget(attrs=attributes) if kind != "group" else "",
        "options": list(bound.subwidgets) if kind == "group" else [],
        "label_link": label_link,
        "link_text": link_text,
    }


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "input"


def _text_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.Textarea):
        return "area"
    return "input file" if isinstance(widget, forms.FileInput) else "input"


@register.inclusion_tag("components/_form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, Any]:
    """What is wrong with the whole form, and a list of the wrong fields when there are several."""
    wrong = [bound for bound in form if bound.errors]
    hidden = [bound for bound in wrong if bound.is_hidden]
    return {
        "form": form,
        "whole": [*form.non_field_errors(), *(error for bound in hidden for error in bound.errors)],
        "wrong": [bound for bound in wrong if not bound.is_hidden],
    }


def _today(reader: Reader | None) -> date:
    return dates.as_day(now(), reader)


@register.filter
def clock_time(value: datetime | time, reader: Reader | None = None) -> str:
    """`{{ block.starts_at|clock_time:request.employee }}`: 14:30, or 2:30 pm."""
    return dates.clock_time(value, reader)


@register.filter
def day_words(value: datetime | date, reader: Reader | None = None) -> str:
    """Tue 1 December, with the year when it is another."""
    return dates.day_words(value, reader, _today(reader))


@register.filter
def moment(value: datetime, reader: Reader | None = None) -> str:
    """Sun 22 November, 06:00."""
    return dates.moment(value, reader, _today(reader))


@register.filter
def until(value: datetime, reader: Reader | None = None) -> str:
    """After "until": Sun 22 November, 06:00; the end of Sat 21 November at midnight."""
    return dates.until(value, reader, _today(reader))


@register.simple_tag
def time_range(start: datetime | time, end: datetime | time, reader: Reader | None = None) -> str:
    """`{% time_range block.starts_at block.ends_at request.employee %}`: 08:00–16:00."""
    return dates.time_range(start, end, reader)


@register.simple_tag
def days_of(blocks: Sequence[Any], reader: Reader | None = None) -> str:
    """`{% days_of blocks request.employee %}`: the days of a session, in a row or apart."""
    days = [one.starts_at if hasattr(one, "starts_at") else one.start for one in blocks]
    return dates.days_words(days, reader, _today(reader))


@register.simple_tag
def day_range(first: datetime | date, last: datetime | date, reader: Reader | None = None) -> str:
    """`{% day_range first last request.employee %}`: Tue 1 – Thu 3 December."""
    return dates.day_range(first, last, reader, _today(reader))
