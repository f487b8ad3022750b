"""What stands in a body is what it says: no number for a text, no field that nobody knows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def about(words: str) -> dict[str, Any]:
    """What the description of the API says of a field or filter: in English, as all of it."""
    return {"help_text": words}


NOT_TEXT = _("This must be a text.")


class Text(serializers.CharField):
    """DRF takes numbers for texts, too."""

    default_error_messages = {"invalid": NOT_TEXT}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}$"})
class WallTime(serializers.TimeField):
    """08:00:00 on the clock of a person or an offer: no instant, so that it has no zone."""


class PublicId(Text):
    """Of something in this organization."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 12, **kwargs})


class Day(serializers.DateField):
    """2026-12-01."""

    default_error_messages = {"text": NOT_TEXT}

    def to_internal_value(self, value: Any) -> datetime.date:
        if not isinstance(value, str):
            self.fail("text")
        return super().to_internal_value(value)


class Whole(serializers.IntegerField):
    """DRF takes "3" and 3.0 for 3, too."""

    default_error_messages = {"whole": _("This must be a whole number.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("whole")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """DRF takes "yes" and 1 for true, too."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Body(serializers.Serializer[Any]):
    """What a write takes. Refuses what it does not know, so that no typing error goes unseen."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: [_("There is no such field.")] for name in sorted(map(str, unknown))}
            )
        return super().to_internal_value(data)


class Nothing(Body):
    """The body of a write that wants to know nothing."""
