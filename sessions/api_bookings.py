"""Bookings over the API: hold → book → move → cancel, by the verbs of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from peerlearn.api.fields import Nothing, about
from peerlearn.api.filters import PlainDay, YesOrNo, of_one
from peerlearn.api.refusals import Conflict
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView
from peerlearn.clock import now
from peerlearn.organizations.access import get_visible_or_404
from sessions import booking, cancelling, holding, moving, proposing, waiting
from sessions.api_answers import (
    BookingAnswer,
    DeclineBody,
    GoalBody,
    MoveBody,
    ReasonBody,
    booking_told,
    start_told,
    with_people,
)
from sessions.api_scopes import READ_BOOKINGS, WRITE_BOOKINGS
from sessions.choices import Kept, Seat, SessionState
from sessions.limits import count_booking, count_hold, count_move_of_all
from sessions.models import LearningSession, Participation, Proposal, ShadowingOffer
from sessions.receipt import latest
from sessions.refusals import Refused


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refusal is a conflict, with what is free instead."""
    try:
        yield
    except Refused as refusal:
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(refusal).__name__).lower()
        starts = [start_told(one) for one in refusal.next_starts]
        raise Conflict(str(refusal.reason), code=kind, next_starts=starts) from refusal


def refuse_wrong_days(offer: ShadowingOffer, days: list[date]) -> None:
    """Days that are chosen one by one, where that can be, are as many as the offer has."""
    if not days:
        return
    if offer.within_days is None:
        words = _("The days of this offer follow one another. Send the start alone.")
        raise ValidationError({"days": [words]})
    if len(set(days)) != len(days) or len(days) != offer.days:
        words = _("Choose %(days)s days, each of them once.") % {"days": offer.days}
        raise ValidationError({"days": [words]})


class BookingFilters(filters.FilterSet):
    host = of_one("host", "the id of the host")
    offer = of_one("offer", "the id of an offer")
    begins_from = PlainDay("starts_at", "date__gte", **about("the first day lies there or later"))
    begins_to = PlainDay("starts_at", "date__lte", **about("the first day lies there or before"))
    mine = YesOrNo(method="of_mine", **about("one takes part oneself, or does not"))

    def of_mine(self, queryset: Any, name: str, wanted: bool | None) -> Any:
        own = Participation.objects.filter(employee=self.request.user).values("session")
        return queryset.filter(pk__in=own) if wanted else queryset.exclude(pk__in=own)


class BookingView(ApiView):
    """Finds a booking, and tells it."""

    needs = {"GET": READ_BOOKINGS, "POST": WRITE_BOOKINGS}

    def session(self, public_id: str) -> Any:
        visible = LearningSession.objects.visible_to(self.employee, once_held=True)
        found = get_visible_or_404(with_people(visible), public_id)
        self.refuse_stale(self._told(found))
        return found

    def mine(self, session: Any, seat: Seat | None = None) -> Participation:
        """One's own part; 403 for those who only may see that it is."""
        found = latest([one for one in session.people if one.employee_id == self.employee.pk])
        if found is None or (seat is not None and found.seat != seat):
            raise PermissionDenied
        found.session = session
        return found

    def learner(self, session: Any, public_id: str) -> Participation:
        """A learner who takes part or took part; anybody else is nowhere."""
        theirs = [
            one
            for one in session.people
            if one.seat == Seat.SHADOW and one.employee.public_id == public_id
        ]
        found = latest([one for one in theirs if one.booked_at is not None])
        if found is None or found.state == SessionState.MOVED:
            raise Http404
        found.session = session
        return found

    def told(self, public_id: str) -> Response:
        visible = LearningSession.objects.visible_to(self.employee, once_held=True)
        return Response(self._told(get_visible_or_404(with_people(visible), public_id)))

    def made(self, public_id: str) -> Response:
        """Of a new one, with its address."""
        answer = self.told(public_id)
        answer.status_code = 201
        base = re.sub(r"/api/v1/.*", "/api/v1/bookings/", self.request.path)
        answer.headers["Location"] = f"{base}{public_id}/"
        return answer

    def _told(self, session: Any) -> dict[str, Any]:
        return booking_told(session, self.employee, at=now())


class Bookings(ListView):
    """One's own sessions, those of the reporting line below, and for HR all that were booked."""

    needs = {"GET": READ_BOOKINGS}
    serializer_class = BookingAnswer
    filterset_class = BookingFilters
    ordering: ClassVar[tuple[str, ...]] = ("starts_at", "public_id")

    def rows(self) -> Any:
        return with_people(LearningSession.objects.visible_to(self.employee))

    def get(self, request: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.rows()))
        told = [booking_told(one, self.employee, at=now()) for one in page or ()]
        return self.get_paginated_response(told)


class OneBooking(BookingView):
    """One session, as its page tells it."""

    @answers(BookingAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.told(public_id)


class Book(BookingView):
    """Make one's hold a booking."""

    @answers(BookingAnswer, body=GoalBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, mine = self.body(GoalBody), self.mine(self.session(public_id), Seat.SHADOW)
        with refusals_told():
            count_booking(self.employee)
            booking.book(mine, goal=body["goal"] or mine.goal, at=now())
        return self.told(public_id)


class MoreTime(BookingView):
    """Ten more minutes for one's hold, half an hour at most in all."""

    @answers(BookingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        mine = self.mine(self.session(public_id), Seat.SHADOW)
        with refusals_told():
            holding.extend_hold(mine, at=now())
        return self.told(public_id)


class LetGo(BookingView):
    """Let one's hold go; what is booked stays. Of days that were proposed: decline them."""

    @answers(None, body=Nothing, status=204)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        mine = self.mine(self.session(public_id), Seat.SHADOW)
        if mine.state == SessionState.HELD:
            with refusals_told():
                if mine.kept == Kept.PROPOSAL:
                    proposal = Proposal.objects.visible_to(self.employee).get(participation=mine)
                    proposing.decline(proposal, by=self.employee, at=now())
                else:
                    let_go = waiting.give_back if mine.waiting_id else holding.release
                    let_go(mine, at=now())
        return Response(status=204)


class Cancel(BookingView):
    """Give up one's place; of the host: call it off for everyone."""

    @answers(BookingAnswer, body=ReasonBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, session = self.body(ReasonBody), self.session(public_id)
        self.mine(session)
        with refusals_told():
            cancelling.cancel(session, by=self.employee, reason=body["reason"], at=now())
        return self.told(public_id)


class Move(BookingView):
    """To other days of the same offer. A learner gets a hold of them, to be confirmed; the old
    days stay until then. A host moves everybody at once."""

    @answers(BookingAnswer, body=MoveBody, status=201)
    def post(self, request: Any, public_id: str) -> Response:
        body, session = self.body(MoveBody), self.session(public_id)
        mine, at = self.mine(session), now()
        with refusals_told():
            if not mine.may_move(at):
                raise Refused(_("This booking cannot be moved any more."))
            if mine.seat == Seat.HOST:
                _refuse_days_of_a_host(body["days"])
                count_move_of_all(self.employee, session)
                new = moving.move_all(
                    session, body["start"], by=self.employee, reason=body["reason"], at=at
                )
            else:
                refuse_wrong_days(session.offer, body["days"])
                count_hold(self.employee, session.offer)
                new = holding.hold(
                    session.offer,
                    mine.employee,
                    body["start"],
                    days=body["days"],
                    goal=mine.goal,
                    moves=mine,
                    at=at,
                ).session
        return self.made(new.public_id)


def _refuse_days_of_a_host(days: list[date]) -> None:
    if days:
        words = _("A host moves to days that follow one another. Send the start alone.")
        raise ValidationError({"days": [words]})


class ConfirmMove(BookingView):
    """The days that are held for a move become those of the booking."""

    @answers(BookingAnswer, body=GoalBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, mine = self.body(GoalBody), self.mine(self.session(public_id), Seat.SHADOW)
        with refusals_told():
            goal = body["goal"] or mine.goal
            new = moving.confirm(mine, goal=goal, at=now())
        return self.told(new.public_id)


class Decline(BookingView):
    """The host refuses a learner's booking before it begins, and says why."""

    @answers(BookingAnswer, body=DeclineBody)
    def post(self, request: Any, public_id: str) -> Response:
        body, session = self.body(DeclineBody), self.session(public_id)
        if session.host_id != self.employee.pk:
            raise PermissionDenied
        one = self.learner(session, body["learner"])
        with refusals_told():
            cancelling.decline(one, by=self.employee, reason=body["reason"], at=now())
        return self.told(public_id)
