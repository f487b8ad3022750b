"""What the API tells of offers, starts and bookings: to each reader as much as the pages do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from peerlearn.api.fields import Body, Day, PublicId, Text, WallTime, about
from peerlearn.api.people import PersonName
from peerlearn.organizations.models import Employee
from sessions import waiting
from sessions.choices import BlockState, Seat, SessionState
from sessions.models import Participation, ShadowingOffer
from sessions.receipt import REQUESTED, is_shown, is_told_of_days, latest, reason_for, state_for
from sessions.starts import Start
from skills.api import SkillNameAnswer

STATES = [*SessionState.choices, (REQUESTED, "waits for approval")]


# --- Offers -----------------------------------------------------------------------------------
class OfferAnswer(serializers.ModelSerializer[ShadowingOffer]):
    id = serializers.CharField(source="public_id")
    subject = serializers.CharField()
    host = PersonName()
    skills = SkillNameAnswer(many=True)
    starts_at = WallTime()
    within_days = serializers.IntegerField(
        allow_null=True, **about("its days may lie apart, within so many; null: one after another")
    )
    minutes = serializers.IntegerField(**about("of each day"))
    open = serializers.BooleanField(source="active")
    waiting = serializers.SerializerMethodField(**about("how many wait for a place"))
    position = serializers.SerializerMethodField(**about("one's own among them; 0: not waiting"))

    class Meta:
        model = ShadowingOffer
        fields = [
            "id",
            "subject",
            "host",
            "skills",
            "days",
            "within_days",
            "starts_at",
            "minutes",
            "time_zone",
            "place",
            "bring",
            "notice_days",
            "per_month",
            "capacity",
            "open",
            "waiting",
            "position",
        ]

    def get_waiting(self, offer: ShadowingOffer) -> int:
        return waiting.position(offer, self.context["view"].employee)[1]

    def get_position(self, offer: ShadowingOffer) -> int:
        return waiting.position(offer, self.context["view"].employee)[0]


class BlockAnswer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class StartAnswer(serializers.Serializer[Any]):
    day = serializers.DateField(**about("to be sent as start; in the offer's time zone"))
    blocks = BlockAnswer(many=True)
    places_left = serializers.IntegerField()
    joins = serializers.BooleanField(**about("a place beside somebody who is booked already"))


class StartsAnswer(serializers.Serializer[Any]):
    starts = StartAnswer(many=True)


class FreeDayAnswer(BlockAnswer):
    day = serializers.DateField(**about("to be sent among days; in the offer's time zone"))


class FreeDaysAnswer(serializers.Serializer[Any]):
    days = FreeDayAnswer(many=True)


class WaitingAnswer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    waiting = serializers.IntegerField()


def free_day_told(start: Start) -> dict[str, Any]:
    block = start.blocks[0]
    return {"day": start.day, "starts_at": block.start, "ends_at": block.end}


def start_told(start: Start) -> dict[str, Any]:
    blocks = [{"starts_at": block.start, "ends_at": block.end} for block in start.blocks]
    told = {"day": start.day, "blocks": blocks, "places_left": start.places_left}
    return dict(StartAnswer({**told, "joins": start.session_id is not None}).data)


# --- Bookings ---------------------------------------------------------------------------------
class DayAnswer(BlockAnswer):
    number = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=BlockState.choices, allow_null=True, **about("null for who does not take part")
    )


class MineAnswer(serializers.Serializer[Any]):
    seat = serializers.ChoiceField(choices=Seat.choices)
    goal = serializers.CharField()
    held_until = serializers.DateTimeField(allow_null=True)
    moves = serializers.CharField(
        allow_null=True, **about("the id of the booking that comes here, or is there now")
    )


class BookingAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    state = serializers.ChoiceField(
        choices=STATES, **about("of one's own part, where one takes part")
    )
    subject = serializers.CharField()
    host = PersonName()
    offer = serializers.CharField(allow_null=True)
    place = serializers.CharField()
    bring = serializers.CharField()
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    days = DayAnswer(many=True)
    learners = PersonName(many=True)
    mine = MineAnswer(allow_null=True)
    reason = serializers.CharField(**about("why it was called off or declined"))


def booking_told(session: Any, reader: Employee, *, at: datetime) -> dict[str, Any]:
    """The session comes with its blocks and `people`. Whether a day took place is attendance:
    those who take part are told, nobody else."""
    people: list[Participation] = session.people
    mine = latest([one for one in people if one.employee_id == reader.pk])
    if mine is not None:
        mine.session = session
    state = state_for(session, people, mine, at=at)
    if mine is None and state == SessionState.COMPLETED:
        state = SessionState.BOOKED
    run_out = state == SessionState.EXPIRED
    told_of_days = is_told_of_days(session, mine)
    shown = [] if run_out else [one for one in people if is_shown(one, mine, session, at=at)]
    told = {
        "id": session.public_id,
        "state": state,
        "subject": session.subject,
        "host": session.host,
        "offer": session.offer and session.offer.public_id,
        "place": session.place,
        "bring": session.bring,
        "time_zone": session.time_zone,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "days": [_day(block, told=told_of_days) for block in session.blocks.all()],
        "learners": [one.employee for one in shown],
        "mine": mine and _mine(mine),
        "reason": reason_for(session, mine) if mine is not None else "",
    }
    return dict(BookingAnswer(told).data)


def _day(block: Any, *, told: bool) -> dict[str, Any]:
    return {
        "number": block.number,
        "starts_at": block.starts_at,
        "ends_at": block.ends_at,
        "state": block.state if told else None,
    }


def _mine(mine: Participation) -> dict[str, Any]:
    return {
        "seat": mine.seat,
        "goal": mine.goal,
        "held_until": mine.held_until,
        "moves": mine.moves and mine.moves.session.public_id,
    }


def with_people(sessions: Any) -> Any:
    """What `booking_told` needs, in two statements more."""
    people = Participation.objects.select_related("employee", "moves__session").order_by("pk")
    return sessions.select_related("host", "offer__host").prefetch_related(
        "blocks", Prefetch("participations", people, to_attr="people")
    )


# --- Bodies -----------------------------------------------------------------------------------
class StartBody(Body):
    start = Day()


class DaysBody(StartBody):
    days = serializers.ListField(
        child=Day(),
        required=False,
        default=list,
        max_length=30,
        **about("all of them, where they lie apart; the first is start"),
    )

    def validate_days(self, days: list[date]) -> list[date]:
        return sorted(days)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["days"] and data["days"][0] != data["start"]:
            raise serializers.ValidationError({"days": [_("The first of them must be the start.")]})
        return data


class HoldBody(DaysBody):
    goal = Text(max_length=300, required=False, allow_blank=True, default="")


class GoalBody(Body):
    goal = Text(max_length=300, required=False, allow_blank=True, default="")


class MoveBody(DaysBody):
    reason = Text(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        **about("of a host; the learners read it"),
    )


class ReasonBody(Body):
    reason = Text(max_length=500, required=False, allow_blank=True, default="")


class DeclineBody(Body):
    learner = PublicId(**about("the id of the learner"))
    reason = Text(max_length=500, **about("the learner reads it"))
