"""The states, kinds and roles of a learning session."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    SHADOWING = "shadowing", _("shadowing")


class SessionState(models.TextChoices):
    HELD = "held", _("held")
    BOOKED = "booked", _("booked")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("run out")
    MOVED = "moved", _("moved to other days")
    DECLINED = "declined", _("declined")
    OPEN = "open", _("looks for another host")
    HANDED = "handed", _("handed to another host")  # the part of who was the host


class Kept(models.TextChoices):
    """For whose word a hold is kept longer than ten minutes; empty when for nobody's but one's
    own."""

    REQUEST = "request", _("waits for approval")
    PROPOSAL = "proposal", _("proposed")


class Answer(models.TextChoices):
    """What became of a request or a proposal."""

    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RUN_OUT = "run_out", _("run out")
    ENDED = "ended", _("fell away")


class Seat(models.TextChoices):
    """In what role an employee takes part."""

    HOST = "host", _("host")
    SHADOW = "shadow", _("shadow")


class BlockState(models.TextChoices):
    PLANNED = "planned", _("planned")
    DONE = "done", _("done")
    MISSED = "missed", _("did not take place")
    CANCELLED = "cancelled", _("cancelled")


class Stage(models.TextChoices):
    WATCH = "watch", _("Watch")
    TOGETHER = "together", _("Do it together")
    LEAD = "lead", _("Lead")


class Channel(models.TextChoices):
    IN_PERSON = "in_person", _("in person")


class Decision(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    CONFIRMED = "confirmed", _("confirmed")
    NOT_YET = "not_yet", _("not yet")
    ENDED = "ended", _("no longer asked")


class Outcome(models.TextChoices):
    """What became of days that their host cannot host."""

    OPEN = "open", _("not settled yet")
    HANDED = "handed", _("another host took over")
    MOVED = "moved", _("moved to later days")
    ENDED = "ended", _("ended with what was done")
    BACK = "back", _("the host goes on after all")
