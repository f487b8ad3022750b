"""The words of levels, of how a level is known, and of urgency."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    LEARNING = 1, _("Learning")
    WITH_HELP = 2, _("With help")
    ALONE = 3, _("Alone")
    CAN_TEACH = 4, _("Can teach")


class Source(models.TextChoices):
    CLAIMED = "claimed", _("own word")
    CONFIRMED = "confirmed", _("confirmed")


class Urgency(models.IntegerChoices):
    SOME_DAY = 1, _("some day")
    THIS_YEAR = 2, _("this year")
    NOW = 3, _("now")
