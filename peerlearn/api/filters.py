"""Filters of lists: what is not right is refused, since a list that ignores it would be longer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters

from peerlearn.api.fields import about
from peerlearn.api.refusals import NotInQuery

PAGING = ("cursor", "page_size")


def of_one(path: str, words: str) -> filters.CharFilter:
    """By the public id of what the rows belong to."""
    return filters.CharFilter(f"{path}__public_id", "exact", max_length=12, **about(words))


class _YesOrNo(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **kwargs)

    def clean(self, value: Any) -> bool | None:
        typed = super().clean(value)
        return None if typed == "" else typed == "true"


class YesOrNo(filters.Filter):
    """Of `true` and `false` alone."""

    field_class = _YesOrNo


class _PlainDay(forms.CharField):
    default_error_messages = {"invalid": gettext_lazy("A day, such as 2026-12-01.")}

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        try:
            day = parse_date(typed) if typed and len(typed) == 10 else None
        except ValueError:
            day = None
        if typed and day is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class PlainDay(filters.Filter):
    """2026-12-01."""

    field_class = _PlainDay


class Filters(filters.DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        given = getattr(view, "filterset_class", None)
        refuse_unknown(request, [*(given.base_filters if given else ()), *PAGING])
        if given is None:
            return queryset
        found = given(request.query_params, queryset=queryset, request=request)
        if not found.is_valid():
            raise NotInQuery({name: list(words) for name, words in found.errors.items()})
        return found.qs


def refuse_unknown(request: Any, known: Any) -> None:
    """Parameters of the query that nobody asks for, empty ones, and those that are there twice."""
    wrong: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name not in known:
            wrong[name] = [_("There is no such parameter.")]
        elif len(values) > 1:
            wrong[name] = [_("Give it once.")]
        elif values[0].strip() == "":
            wrong[name] = [_("Leave it out, or give a value.")]
    if wrong:
        raise NotInQuery(wrong)
