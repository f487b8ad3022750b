"""The days themselves over the API: done, not done after all, who did not come, closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, Nothing, Text, about
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.clock import now
from sessions import absent, running
from sessions.api_answers import BookingAnswer
from sessions.api_bookings import BookingView, refusals_told
from sessions.api_scopes import READ_BOOKINGS, WRITE_BOOKINGS
from sessions.models import NoShow


class NoShowAnswer(serializers.Serializer[Any]):
    booking = serializers.CharField(**about("its id"))
    day = serializers.IntegerField(**about("its number"))
    learner = PersonName()
    said_at = serializers.DateTimeField()
    answer = serializers.CharField(**about("what the learner says to it"))
    answered_at = serializers.DateTimeField(allow_null=True)


class TextBody(Body):
    text = Text(max_length=500, **about("the host reads it"))


class DayView(BookingView):
    """Finds a day of a booking, by its number."""

    def day(self, session: Any, number: int) -> Any:
        found = next((one for one in session.blocks.all() if one.number == number), None)
        if found is None:
            raise Http404
        return found

    def mark(self, public_id: str, number: int, verb: Callable[..., object]) -> Response:
        """For those who take part."""
        self.body(Nothing)
        session = self.session(public_id)
        self.mine(session)
        self.day(session, number)
        with refusals_told():
            verb(session, number, by=self.employee, at=now())
        return self.told(public_id)


class DayDone(DayView):
    """A day took place; the last one completes the booking. Said twice is said once."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str, number: int) -> Response:
        return self.mark(public_id, number, running.complete_day)


class DayUndone(DayView):
    """It was a mistake that a day is marked as done: nothing of it counts for now. On the day of
    the marking alone, and until somebody has given the debrief."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str, number: int) -> Response:
        return self.mark(public_id, number, running.take_back_day)


class Close(BookingView):
    """The days that are over and were not done did not take place."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        session = self.session(public_id)
        self.mine(session)
        with refusals_told():
            running.close(session, by=self.employee, at=now())
        return self.told(public_id)


class NoShowView(DayView):
    """What is said of one learner on one day: for the host and that learner alone."""

    needs = {"GET": READ_BOOKINGS, "POST": WRITE_BOOKINGS, "DELETE": WRITE_BOOKINGS}

    def said(self, session: Any, number: int, learner: str) -> NoShow | None:
        booking = self.learner(session, learner)
        rows = NoShow.objects.filter(block=self.day(session, number), participation=booking)
        found: NoShow | None = rows.select_related(
            "block__session__host", "participation__employee"
        ).first()
        return found

    def said_told(self, session: Any, number: int, learner: str) -> Response:
        found = self.said(session, number, learner)
        if found is None:
            raise Http404
        told = {
            "booking": session.public_id,
            "day": number,
            "learner": found.participation.employee,
            "said_at": found.said_at,
            "answer": found.answer,
            "answered_at": found.answered_at,
        }
        return Response(dict(NoShowAnswer(told).data))

    def hosted(self, public_id: str) -> Any:
        """The host alone says it, or takes it back."""
        session = self.session(public_id)
        if session.host_id != self.employee.pk:
            raise PermissionDenied
        return session


class DidNotCome(NoShowView):
    """A learner did not come on a day that has begun: nothing of it counts for them."""

    @answers(NoShowAnswer)
    def get(self, request: Any, public_id: str, number: int, learner: str) -> Response:
        session = self.session(public_id)
        if self.employee.pk != session.host_id and self.employee.public_id != learner:
            raise PermissionDenied
        return self.said_told(session, number, learner)

    @answers(NoShowAnswer, body=Nothing)
    def post(self, request: Any, public_id: str, number: int, learner: str) -> Response:
        self.body(Nothing)
        session = self.hosted(public_id)
        self.day(session, number)
        with refusals_told():
            booking = self.learner(session, learner)
            absent.say_absent(booking, number, by=self.employee, at=now())
        return self.said_told(session, number, learner)

    @answers(None, status=204)
    def delete(self, request: Any, public_id: str, number: int, learner: str) -> Response:
        """Taken back: the learner was there."""
        found = self.said(self.hosted(public_id), number, learner)
        if found is not None:
            with refusals_told():
                absent.take_back(found, by=self.employee, at=now())
        return Response(status=204)


class AnswerNoShow(NoShowView):
    """What a learner says to it that they did not come; it stands beside it."""

    @answers(NoShowAnswer, body=TextBody)
    def post(self, request: Any, public_id: str, number: int) -> Response:
        body, session, me = self.body(TextBody), self.session(public_id), self.employee.public_id
        found = self.said(session, number, me)
        if found is None:
            raise Http404
        with refusals_told():
            absent.answer(found, body["text"], by=self.employee, at=now())
        return self.said_told(session, number, me)
