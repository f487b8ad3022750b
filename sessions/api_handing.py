"""Handing over over the API: a host cannot go on, what becomes of the days, who takes them over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import F, Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, Nothing, PublicId, Text, Whole, about
from peerlearn.api.filters import YesOrNo
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.api.views import ListView
from peerlearn.clock import now
from peerlearn.organizations.access import get_visible_or_404
from sessions import cutting, going_on, handing
from sessions.api_answers import BlockAnswer, BookingAnswer, StartAnswer, StartBody, start_told
from sessions.api_bookings import BookingView, refusals_told
from sessions.choices import Answer, BlockState, Outcome, Stage
from sessions.limits import count_hand_over
from sessions.models import (
    HandOver,
    HandOverRequest,
    Participation,
    SessionStep,
    ShadowingOffer,
)
from sessions.refusals import Refused

_MOST_DAYS = 32_767  # of a number of a day in Postgres


# --- Answers ------------------------------------------------------------------------------------
class AskedAnswer(serializers.Serializer[Any]):
    host = PersonName()
    answer = serializers.ChoiceField(choices=Answer.choices)
    expires_at = serializers.DateTimeField()


class HandOverAnswer(serializers.Serializer[Any]):
    booking = serializers.CharField(**about("the id of the booking whose days look for a host"))
    subject = serializers.CharField()
    host = PersonName(**about("who cannot go on"))
    reason = serializers.CharField(**about("what the learners read"))
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    asked = AskedAnswer(many=True, **about("which hosts, in order"))


class CandidateAnswer(serializers.Serializer[Any]):
    offer = serializers.CharField(**about("to be sent when asking"))
    host = PersonName()
    first_start = serializers.DateField(allow_null=True, **about("their own first free day"))


class ChoicesAnswer(HandOverAnswer):
    days = BlockAnswer(many=True)
    learners = PersonName(many=True)
    candidates = CandidateAnswer(many=True, **about("hosts who are free on these very days"))
    later_starts = StartAnswer(many=True, **about("on which the same host could go on"))
    last_answer = serializers.DateTimeField(
        allow_null=True, **about("whoever is asked has a day, and at most until then")
    )


class StepAnswer(serializers.ModelSerializer[SessionStep]):
    stage = serializers.ChoiceField(choices=Stage.choices)

    class Meta:
        model = SessionStep
        fields = ["day", "stage", "text"]


class TakeOverAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    answer = serializers.ChoiceField(choices=Answer.choices)
    open = serializers.BooleanField(**about("can be answered now"))
    expires_at = serializers.DateTimeField()
    subject = serializers.CharField()
    host = PersonName(**about("who cannot go on"))
    asked_by = PersonName()
    booking = serializers.CharField(allow_null=True, **about("its id, once one has accepted"))
    place = serializers.CharField(**about("this and what follows is there while it is open"))
    days = BlockAnswer(many=True)
    learners = PersonName(many=True)
    plan = StepAnswer(many=True)


def _hand_over_told(one: Any) -> dict[str, Any]:
    return {
        "booking": one.session.public_id,
        "subject": one.session.subject,
        "host": one.host,
        "reason": one.reason,
        "outcome": one.outcome,
        "starts_at": one.session.starts_at,
        "ends_at": one.session.ends_at,
        "asked": [_asked_told(request) for request in one.asked],
    }


def _asked_told(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": {"public_id": request["host"], "name": request["name"]},
        "answer": request["answer"],
        "expires_at": datetime.fromisoformat(request["expires_at"]),
    }


def choices_told(one: Any, *, at: datetime) -> dict[str, Any]:
    """What can become of the days; of what is settled, that it is."""
    told = _hand_over_told(one)
    if one.outcome != Outcome.OPEN:
        nothing: dict[str, Any] = dict.fromkeys(_OF_WHAT_IS_OPEN, ())
        return dict(ChoicesAnswer({**told, **nothing, "last_answer": None}).data)
    rest = handing.Rest.of(one, at=at)
    told |= {
        "days": [{"starts_at": day.start, "ends_at": day.end} for day in rest.days],
        "learners": [learner.employee for learner in rest.learners],
        "candidates": [_candidate_told(each) for each in rest.candidates()],
        "later_starts": [start_told(start) for start in rest.later_starts()],
        "last_answer": handing.answered_until(one.session, at=at),
    }
    return dict(ChoicesAnswer(told).data)


_OF_WHAT_IS_OPEN = ("days", "learners", "candidates", "later_starts")


def _candidate_told(one: handing.Candidate) -> dict[str, Any]:
    first = one.start.day if one.start is not None else None
    return {"offer": one.offer.public_id, "host": one.host, "first_start": first}


def take_over_told(one: Any, *, at: datetime) -> dict[str, Any]:
    """What it is about is for who can take it over still."""
    session, is_open = one.hand_over.session, one.is_open(at)
    days = [day for day in session.blocks.all() if day.state == BlockState.PLANNED]
    told = {
        "id": one.public_id,
        "answer": one.answer,
        "open": is_open,
        "expires_at": one.expires_at,
        "subject": session.subject,
        "host": one.hand_over.host,
        "asked_by": one.asked_by,
        "booking": session.public_id if one.answer == Answer.ACCEPTED else None,
        "place": (one.offer.place or session.place) if is_open else "",
        "days": days if is_open else (),
        "learners": [each.employee for each in session.learners] if is_open else (),
        "plan": session.steps.all() if is_open else (),
    }
    return dict(TakeOverAnswer(told).data)


# --- Bodies -------------------------------------------------------------------------------------
class CutBody(Body):
    day = Whole(
        min_value=1, max_value=_MOST_DAYS, **about("the number of the first day that falls away")
    )
    reason = Text(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        **about("a word for the learners; why one cannot come is one's own"),
    )


class AskBody(Body):
    offer = PublicId(
        required=False, default="", **about("of a candidate; the first of them unless said")
    )


# --- A host cannot go on ------------------------------------------------------------------------
class CutOff(BookingView):
    """From a day on the host cannot go on; the host, their reporting line and HR say so. Answers
    with what looks for another host now, or with the booking itself where no other day is left."""

    @answers(BookingAnswer, body=CutBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, session, at = self.body(CutBody), self.session(public_id), now()
        if not cutting.may_hand_over(session, self.employee):
            raise PermissionDenied
        with refusals_told():
            if body["day"] not in {one.number for one in cutting.days_ahead(session, at=at)}:
                raise Refused(_("No such day is to come."))
            count_hand_over(self.employee)
            made = cutting.cut_off(
                session, body["day"], by=self.employee, reason=body["reason"], at=at
            )
        return self.told(made.session.public_id if made else public_id)


class HandOvers(ListView):
    """What is to be handed over: of one's own days, of those below one, and for HR of everybody."""

    needs = BookingView.needs
    serializer_class = HandOverAnswer
    ordering: ClassVar[tuple[str, ...]] = ("begins_at", "pk")

    def rows(self) -> Any:
        found = HandOver.objects.visible_to(self.employee).open().with_requests()
        return found.select_related("host", "session").annotate(begins_at=F("session__starts_at"))

    def get(self, request: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.rows()))
        told = [dict(HandOverAnswer(_hand_over_told(one)).data) for one in page or ()]
        return self.get_paginated_response(told)


class HandOverView(BookingView):
    """Finds what is to be settled of a booking, for those whose it is to settle."""

    def hand_over(self, public_id: str) -> Any:
        if "\x00" in public_id:  # Postgres refuses it
            raise Http404
        rows = HandOver.objects.visible_to(self.employee).filter(session__public_id=public_id)
        rows = rows.select_related("host", "session__host", "session__offer").with_requests()
        found = rows.order_by("-pk").first()
        if found is None:
            raise Http404
        if "If-Match" in self.request.headers:
            self.refuse_stale(choices_told(found, at=now()))
        return found


class OneHandOver(HandOverView):
    """What could become of the days of a booking, and who was asked."""

    @answers(ChoicesAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return Response(choices_told(self.hand_over(public_id), at=now()))


class Ask(HandOverView):
    """Ask another host; whoever was asked before is asked no more. Nothing changes until they
    accept."""

    @answers(ChoicesAnswer, body=AskBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, found, at = self.body(AskBody), self.hand_over(public_id), now()
        offers = ShadowingOffer.objects.visible_to(self.employee).select_related("host")
        offer = get_visible_or_404(offers, body["offer"]) if body["offer"] else None
        with refusals_told():
            count_hand_over(self.employee)
            if offer is None:
                handing.ask_first(found, by=self.employee, at=at)
            else:
                handing.ask(found, offer, by=self.employee, at=at)
        rows = HandOver.objects.visible_to(self.employee).with_requests()
        rows = rows.select_related("host", "session__host", "session__offer")
        return Response(choices_told(rows.get(pk=found.pk), at=at))


class MoveRest(HandOverView):
    """The same host goes on from a later day, with everybody."""

    @answers(BookingAnswer, body=StartBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, found = self.body(StartBody), self.hand_over(public_id)
        with refusals_told():
            handing.move_rest(found, body["start"], by=self.employee, at=now())
        return self.told(public_id)


class EndRest(HandOverView):
    """It ends with what was done; the learners are told what they can book instead."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        with refusals_told():
            handing.finish(self.hand_over(public_id), by=self.employee, at=now())
        return self.told(public_id)


class GoOn(HandOverView):
    """The host can host these days after all: they stand as before, and the learners are told.
    Answers with the booking in which they stand."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        found = self.hand_over(public_id)
        with refusals_told():
            count_hand_over(self.employee)
            whole = going_on.go_on(found, by=self.employee, at=now())
        return self.told(whole.public_id)


# --- Taking over --------------------------------------------------------------------------------
class TakeOverFilters(filters.FilterSet):
    open = YesOrNo(method="of_open", **about("can be answered now, or not any more"))

    def of_open(self, queryset: Any, name: str, wanted: bool | None) -> Any:
        waiting = HandOverRequest.objects.waiting(now()).values("pk")
        return queryset.filter(pk__in=waiting) if wanted else queryset.exclude(pk__in=waiting)


class TakeOverView(BookingView):
    """Finds what one is asked to take over."""

    def rows(self) -> Any:
        there = Participation.objects.learners().who_stand().select_related("employee")
        learners = "hand_over__session__participations"
        return (
            HandOverRequest.objects.visible_to(self.employee)
            .select_related("host", "offer", "asked_by", "hand_over__host")
            .select_related("hand_over__session__host")
            .prefetch_related("hand_over__session__blocks", "hand_over__session__steps")
            .prefetch_related(Prefetch(learners, there.order_by("pk"), to_attr="learners"))
        )

    def request_to_me(self, public_id: str) -> Any:
        found = get_visible_or_404(self.rows(), public_id)
        self.refuse_stale(take_over_told(found, at=now()))
        return found

    def told_of(self, public_id: str) -> Response:
        found = get_visible_or_404(self.rows(), public_id)
        return Response(take_over_told(found, at=now()))


class TakeOvers(TakeOverView, ListView):
    """Days of colleagues that one is or was asked to take over, the latest first."""

    serializer_class = TakeOverAnswer
    filterset_class = TakeOverFilters
    ordering: ClassVar[tuple[str, ...]] = ("-asked_at", "-pk")

    def get(self, request: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.rows()))
        return self.get_paginated_response([take_over_told(one, at=now()) for one in page or ()])


class OneTakeOver(TakeOverView):
    """One of them."""

    @answers(TakeOverAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.told_of(public_id)


class Accept(TakeOverView):
    """Take the days over; all sides are told. Answers with the booking."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        with refusals_told():
            session = handing.accept(self.request_to_me(public_id), by=self.employee, at=now())
        return self.told(session.public_id)


class CannotTakeOver(TakeOverView):
    """One would rather not; whoever asked is told, and can ask the next."""

    @answers(TakeOverAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        with refusals_told():
            handing.decline(self.request_to_me(public_id), by=self.employee, at=now())
        return self.told_of(public_id)
