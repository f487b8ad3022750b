"""What waits for approval, over the API: look, approve, decline, withdraw."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, Nothing, Text, about
from peerlearn.api.filters import YesOrNo
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView
from peerlearn.clock import now
from peerlearn.organizations.access import get_visible_or_404
from peerlearn.organizations.models import Employee
from sessions import approving
from sessions.api_answers import BlockAnswer
from sessions.api_bookings import refusals_told
from sessions.api_kept import KeptDaysAnswer, kept_days_told
from sessions.api_scopes import READ_BOOKINGS, WRITE_BOOKINGS
from sessions.asking import may_answer
from sessions.choices import Answer
from sessions.models import Request


class RequestAnswer(KeptDaysAnswer):
    goal = serializers.CharField()
    instead_of = BlockAnswer(
        allow_null=True,
        **about("of a move: first and last instant of what stays booked until then"),
    )
    asked = PersonName(allow_null=True, **about("whose answer is asked; null for HR"))
    may_approve = serializers.BooleanField(**about("whether one may oneself"))
    may_decline = serializers.BooleanField()
    answered_by = PersonName(allow_null=True)
    reason = serializers.CharField(**about("of a declined one, for the learner and who declined"))


class OneRequestAnswer(RequestAnswer):
    beside_others = serializers.ListField(
        child=serializers.CharField(),
        **about("for who may approve: who of the same manager is beside somebody on these days"),
    )


class WhyBody(Body):
    reason = Text(max_length=500, **about("the learner reads it"))


def request_told(one: Any, reader: Employee, *, at: datetime) -> dict[str, Any]:
    """It comes with `is_led`: whether the reader is above the learner, or of HR."""
    held = one.participation
    told = kept_days_told(one, reader, at=at)
    leads = one.is_led and held.employee_id != reader.pk
    before = held.moves.session if held.moves and one.answer == Answer.OPEN else None
    return told | {
        "goal": held.goal,
        "instead_of": before and {"starts_at": before.starts_at, "ends_at": before.ends_at},
        "asked": one.asked,
        "may_approve": told["open"] and leads,
        "may_decline": told["open"] and (leads or held.session.host_id == reader.pk),
        "answered_by": one.answered_by,
        "reason": one.reason if reader.pk in (held.employee_id, one.answered_by_id) else "",
    }


class RequestFilters(filters.FilterSet):
    asked = YesOrNo(method="of_asked", **about("one's own answer is asked for, or is not"))
    mine = YesOrNo(method="of_mine", **about("one asks oneself, or somebody else does"))

    def of_asked(self, queryset: Any, name: str, wanted: bool | None) -> Any:
        asked = Request.objects.asked_of(self.request.user).values("pk")
        return queryset.filter(pk__in=asked) if wanted else queryset.exclude(pk__in=asked)

    def of_mine(self, queryset: Any, name: str, wanted: bool | None) -> Any:
        mine = {"participation__employee": self.request.user}
        return queryset.filter(**mine) if wanted else queryset.exclude(**mine)


class RequestView(ApiView):
    """Finds a request: the learner's, the host's, of those above the learner and of HR."""

    needs = {"GET": READ_BOOKINGS, "POST": WRITE_BOOKINGS}

    def rows(self) -> Any:
        led: Any = Value(True, output_field=BooleanField())
        if not self.employee.is_hr:
            below = Employee.objects.below(self.employee).values("pk")
            led = ExpressionWrapper(
                Q(participation__employee__in=below), output_field=BooleanField()
            )
        rows = Request.objects.visible_to(self.employee).with_days().annotate(is_led=led)
        return rows.select_related("participation__moves__session__host").prefetch_related(
            "participation__session__blocks", "participation__moves__session__blocks"
        )

    def one(self, public_id: str) -> Any:
        found = get_visible_or_404(self.rows(), public_id)
        if "If-Match" in self.request.headers:
            self.refuse_stale(self._told(found))
        return found

    def told(self, public_id: str) -> Response:
        return Response(self._told(get_visible_or_404(self.rows(), public_id)))

    def _told(self, found: Any) -> dict[str, Any]:
        told = request_told(found, self.employee, at=now())
        others = approving.who_is_away(found.participation) if told["may_approve"] else []
        return dict(OneRequestAnswer({**told, "beside_others": others}).data)


class Requests(RequestView, ListView):
    """What waits for approval and that one sees, what runs out first before the others."""

    serializer_class = RequestAnswer
    filterset_class = RequestFilters
    ordering: ClassVar[tuple[str, ...]] = ("until", "pk")

    def get(self, request: Any) -> Response:
        at = now()
        waiting = self.rows().open(at).annotate(until=F("participation__held_until"))
        page = self.paginate_queryset(self.filter_queryset(waiting))
        told = [request_told(one, self.employee, at=at) for one in page or ()]
        return self.get_paginated_response([dict(RequestAnswer(one).data) for one in told])


class OneRequest(RequestView):
    """One request, whatever has become of it."""

    @answers(OneRequestAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.told(public_id)


class Approve(RequestView):
    """Let it stand; the host and the learner are told. For those above the learner and HR."""

    @answers(OneRequestAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        found = self.one(public_id)
        if not may_answer(self.employee, found.participation.employee):
            raise PermissionDenied
        with refusals_told():
            approving.approve(found, by=self.employee, at=now())
        return self.told(public_id)


class DeclineRequest(RequestView):
    """The days are free at once, and the learner reads why. The host may decline, too."""

    @answers(OneRequestAnswer, body=WhyBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, found = self.body(WhyBody), self.one(public_id)
        held = found.participation
        hosting = held.session.host_id == self.employee.pk
        if not (hosting or may_answer(self.employee, held.employee)):
            raise PermissionDenied
        with refusals_told():
            approving.decline(found, by=self.employee, reason=body["reason"], at=now())
        return self.told(public_id)


class Withdraw(RequestView):
    """The learner does not want it any more."""

    @answers(OneRequestAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        found = self.one(public_id)
        if found.participation.employee_id != self.employee.pk:
            raise PermissionDenied
        with refusals_told():
            approving.withdraw(found, by=self.employee, at=now())
        return self.told(public_id)
