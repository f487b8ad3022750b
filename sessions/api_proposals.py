"""Proposed days over the API: propose, confirm, decline, take back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Nothing, PublicId, Text, about
from peerlearn.api.filters import YesOrNo
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.api.views import ListView
from peerlearn.clock import now
from peerlearn.organizations.access import HR, MANAGER, get_visible_or_404
from peerlearn.organizations.models import Employee
from sessions import booking, proposing
from sessions.api_answers import BookingAnswer, GoalBody, ReasonBody, StartBody
from sessions.api_bookings import BookingView, refusals_told
from sessions.api_kept import KeptDaysAnswer, kept_days_told
from sessions.limits import count_booking, count_proposal
from sessions.models import Proposal, ShadowingOffer


class ProposalAnswer(KeptDaysAnswer):
    by = PersonName()
    words = serializers.CharField(**about("to the learner"))
    reason = serializers.CharField(**about("of the learner, who has declined"))


class ProposeBody(StartBody):
    learner = PublicId(**about("the id of who reports to one; for HR of anybody"))
    words = Text(
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        **about("to the learner, who reads it"),
    )


def proposal_told(one: Any, reader: Employee, *, at: datetime) -> dict[str, Any]:
    told = {"by": one.by, "words": one.words, "reason": one.reason}
    return dict(ProposalAnswer({**kept_days_told(one, reader, at=at), **told}).data)


class ProposalFilters(filters.FilterSet):
    mine = YesOrNo(method="of_mine", **about("made to oneself, or by oneself"))

    def of_mine(self, queryset: Any, name: str, wanted: bool | None) -> Any:
        mine = {"participation__employee": self.request.user}
        return queryset.filter(**mine) if wanted else queryset.exclude(**mine)


class ProposalView(BookingView):
    """Finds a proposal: of who made it, and to whom it was made."""

    def rows(self) -> Any:
        rows = Proposal.objects.visible_to(self.employee).with_days()
        return rows.prefetch_related("participation__session__blocks")

    def one(self, public_id: str) -> Any:
        found = get_visible_or_404(self.rows(), public_id)
        self.refuse_stale(proposal_told(found, self.employee, at=now()))
        return found

    def to_me(self, public_id: str) -> Any:
        """403 for who made it."""
        found = self.one(public_id)
        if found.participation.employee_id != self.employee.pk:
            raise PermissionDenied
        return found

    def told_of(self, public_id: str) -> Response:
        found = get_visible_or_404(self.rows(), public_id)
        return Response(proposal_told(found, self.employee, at=now()))


class Propose(ProposalView):
    """Keep the days that begin on `start` for somebody, 48 hours at most; they are told, and
    confirm. For whoever leads them and HR."""

    roles = (MANAGER, HR)

    @answers(ProposalAnswer, body=ProposeBody, status=201)
    def post(self, request: Any, public_id: str) -> Response:
        body, at = self.body(ProposeBody), now()
        offers = ShadowingOffer.objects.visible_to(self.employee).with_subject()
        offer = get_visible_or_404(offers, public_id)
        people = proposing.people_for(offer, self.employee)
        learner = get_visible_or_404(people, body["learner"])
        with refusals_told():
            count_proposal(self.employee, learner)
            made = proposing.propose(
                offer, learner, body["start"], by=self.employee, words=body["words"], at=at
            )
        answer = self.told_of(made.public_id)
        answer.status_code = 201
        base = re.sub(r"/api/v1/.*", "/api/v1/proposals/", self.request.path)
        answer.headers["Location"] = f"{base}{made.public_id}/"
        return answer


class Proposals(ProposalView, ListView):
    """Days that are kept for one, or by one for others, what runs out first before the others."""

    serializer_class = ProposalAnswer
    filterset_class = ProposalFilters
    ordering: ClassVar[tuple[str, ...]] = ("until", "pk")

    def get(self, request: Any) -> Response:
        at = now()
        waiting = self.rows().open(at).annotate(until=F("participation__held_until"))
        page = self.paginate_queryset(self.filter_queryset(waiting))
        told = [proposal_told(one, self.employee, at=at) for one in page or ()]
        return self.get_paginated_response(told)


class OneProposal(ProposalView):
    """One proposal, whatever has become of it."""

    @answers(ProposalAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.told_of(public_id)


class Confirm(ProposalView):
    """The learner takes the days. Answers with the booking."""

    @answers(BookingAnswer, body=GoalBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, mine = self.body(GoalBody), self.to_me(public_id).participation
        with refusals_told():
            count_booking(self.employee)
            booking.book(mine, goal=body["goal"] or mine.goal, at=now())
        return self.told(mine.session.public_id)


class DeclineProposal(ProposalView):
    """The learner does not want these days; who proposed them is told."""

    @answers(ProposalAnswer, body=ReasonBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, found = self.body(ReasonBody), self.to_me(public_id)
        with refusals_told():
            proposing.decline(found, by=self.employee, reason=body["reason"], at=now())
        return self.told_of(public_id)


class TakeBack(ProposalView):
    """Whoever proposed it does not mean it any more."""

    @answers(ProposalAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        found = self.one(public_id)
        if found.by_id != self.employee.pk:
            raise PermissionDenied
        with refusals_told():
            proposing.take_back(found, by=self.employee, at=now())
        return self.told_of(public_id)
