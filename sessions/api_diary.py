"""The plan and the notes of a booking over the API, for those who take part."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, Text, Truth, about
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.clock import now
from peerlearn.organizations.fence import random_public_id
from sessions.api_bookings import BookingView
from sessions.choices import Stage
from sessions.diary import STANDS
from sessions.models import Note, SessionStep

_MOST = 32_767  # of a number in Postgres


class PlannedStepAnswer(serializers.ModelSerializer[SessionStep]):
    stage = serializers.ChoiceField(choices=Stage.choices)
    done_by = PersonName(allow_null=True)

    class Meta:
        model = SessionStep
        fields = ["day", "position", "stage", "text", "done_at", "done_by"]


class StepsAnswer(serializers.Serializer[Any]):
    steps = PlannedStepAnswer(many=True)


class NoteAnswer(serializers.ModelSerializer[Note]):
    author = PersonName()

    class Meta:
        model = Note
        fields = ["author", "text", "shared", "written_at"]


class NotesAnswer(serializers.Serializer[Any]):
    notes = NoteAnswer(many=True)


class StepBody(Body):
    done = Truth()


class NoteBody(Body):
    text = Text(max_length=2000)
    shared = Truth(
        required=False, default=False, **about("the others in this booking read it, too")
    )


class DiaryView(BookingView):
    def standing(self, public_id: str) -> Any:
        """The booking, for those who take part, and took part until the end."""
        session = self.session(public_id)
        if self.mine(session).state not in STANDS:
            raise PermissionDenied
        return session

    def steps_told(self, session: Any) -> Response:
        steps = SessionStep.objects.filter(session=session).select_related("done_by")
        return Response(dict(StepsAnswer({"steps": steps}).data))

    def notes_told(self, session: Any) -> Response:
        notes = Note.objects.visible_to(self.employee).filter(session=session)
        return Response(dict(NotesAnswer({"notes": notes.select_related("author")}).data))


class Steps(DiaryView):
    """The plan, day by day, and what of it was done."""

    @answers(StepsAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.steps_told(self.standing(public_id))


class Step(DiaryView):
    """Tick a line of the plan, or take the tick away."""

    @answers(StepsAnswer, body=StepBody)
    def post(self, request: Any, public_id: str, day: int, position: int) -> Response:
        body, session = self.body(StepBody), self.standing(public_id)
        if max(day, position) > _MOST:
            raise Http404
        step = SessionStep.objects.filter(session=session, day=day, position=position).first()
        if step is None:
            raise Http404
        if body["done"]:
            step.tick(by=self.employee, at=now())
        else:
            step.untick()
        return self.steps_told(session)


class Notes(DiaryView):
    """One's own notes, and those that were shared; also of what was called off."""

    @answers(NotesAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        session = self.session(public_id)
        self.mine(session)
        return self.notes_told(session)

    @answers(NotesAnswer, body=NoteBody, status=201)
    def post(self, request: Any, public_id: str) -> Response:
        """Keep a note; sent again without an Idempotency-Key it is another one."""
        body, session = self.body(NoteBody), self.standing(public_id)
        token = random_public_id()
        Note.write(session=session, author=self.employee, token=token, at=now(), **body)
        answer = self.notes_told(session)
        answer.status_code = 201
        return answer
