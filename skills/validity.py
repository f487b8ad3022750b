"""What reports must know as of a past day: rows that follow one another and never overlap."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from peerlearn.organizations.fence import FencedModel, PublicIdField


class Validity(FencedModel):
    """A row that holds from `valid_from` until before `valid_to` (open while it is None)."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta(FencedModel.Meta):
        abstract = True

    def succeed(self, *, on: date, **values: Any) -> Self:
        """Let other values hold from the day `on`: in a row of their own, so that this one still
        tells how it was, unless this one began that very day."""
        self._refuse_before(on)
        for name, value in values.items():
            setattr(self, name, value)
        if on != self.valid_from:
            type(self).objects.filter(pk=self.pk).update(valid_to=on)
            self.pk, self.valid_from, self._state.adding = None, on, True
            for field in self._meta.local_fields:
                if isinstance(field, PublicIdField):
                    setattr(self, field.attname, field.get_default())
        self.save()
        return self

    def end(self, *, on: date) -> None:
        """Let it hold until before the day `on`; one that began that day never was."""
        self._refuse_before(on)
        if on == self.valid_from:
            self.delete()
        else:
            self.valid_to = on
            self.save(update_fields=["valid_to"])

    def _refuse_before(self, day: date) -> None:
        if day < self.valid_from:
            raise ValidationError(
                _("The last change was on %(day)s; a new one cannot lie before it.")
                % {"day": self.valid_from.isoformat()}
            )
