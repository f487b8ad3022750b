"""Kinds, states and formats of reports, and what may be asked of each. Knows no model."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportKind(models.TextChoices):
    SKILL_COVERAGE = "skill_coverage", _("Skill coverage")
    SHADOWING_PARTICIPATION = "shadowing_participation", _("Shadowing participation")
    SINGLE_PERSON_RISK = "single_person_risk", _("Single-person risk")


class Risk(models.TextChoices):
    """The words for `skills.levels_by_team.Danger`."""

    HIGH = "high", pgettext_lazy("risk", "High")
    SOME = "some", pgettext_lazy("risk", "Some")
    LOW = "low", pgettext_lazy("risk", "Low")


class Names(models.TextChoices):
    GROUPS = "groups", _("Groups only")
    NAMED = "named", _("Named people")


class FileFormat(models.TextChoices):
    XLSX = "xlsx", _("Excel (.xlsx)")
    CSV = "csv", _("CSV")


class ReportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Deleted")


class Failure(models.TextChoices):
    """Why a report was not made, in words for whoever asked for it."""

    NONE = "", ""
    NOT_ALLOWED = "not_allowed", _("Stopped: you may not see these figures any more")
    TOO_MANY_ROWS = "too_many_rows", _("Too many rows for Excel. Choose CSV or a shorter period")
    ERROR = "error", _("Something went wrong on our side, three times")
