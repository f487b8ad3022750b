"""People meet: what is offered, the sessions with their claims on time, and what came of them."""

from sessions.models.calendars import CalendarChoice, CalendarEntry
from sessions.models.hand_over import HandOver, HandOverRequest
from sessions.models.hours import AvailabilityException, WeeklyHours
from sessions.models.learning import (
    Block,
    Claim,
    LearningSession,
    Participation,
    Place,
    SessionSkill,
    SessionStep,
)
from sessions.models.offers import OfferSkill, PlanStep, ShadowingOffer, Waiting
from sessions.models.outcome import Debrief, Interaction, NoShow, Note, ProposedLevel
from sessions.models.requests import Proposal, Request
from sessions.models.shifts import ShiftPattern, ShiftWork
from sessions.models.suggestions import Suggestion

__all__ = [
    "AvailabilityException",
    "Block",
    "CalendarChoice",
    "CalendarEntry",
    "Claim",
    "Debrief",
    "HandOver",
    "HandOverRequest",
    "Interaction",
    "LearningSession",
    "NoShow",
    "Note",
    "OfferSkill",
    "Participation",
    "Place",
    "PlanStep",
    "Proposal",
    "ProposedLevel",
    "Request",
    "SessionSkill",
    "SessionStep",
    "ShadowingOffer",
    "ShiftPattern",
    "ShiftWork",
    "Suggestion",
    "Waiting",
    "WeeklyHours",
]
