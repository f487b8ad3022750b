"""Offers and their free days over the API: look, hold, wait."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response

from peerlearn.api.fields import Nothing, about
from peerlearn.api.filters import YesOrNo, of_one
from peerlearn.api.refusals import NotInQuery
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView, ShowView
from peerlearn.clock import now
from peerlearn.organizations.access import get_visible_or_404
from sessions import holding, waiting
from sessions.api_answers import (
    BookingAnswer,
    FreeDaysAnswer,
    HoldBody,
    OfferAnswer,
    StartsAnswer,
    WaitingAnswer,
    free_day_told,
    start_told,
)
from sessions.api_bookings import BookingView, refusals_told, refuse_wrong_days
from sessions.api_scopes import READ_BOOKINGS, WRITE_BOOKINGS
from sessions.availability import LOOK_AHEAD, Availability
from sessions.limits import count_hold
from sessions.models import ShadowingOffer

_USUALLY, _LONGEST = timedelta(days=45), timedelta(days=92)


class OfferFilters(filters.FilterSet):
    q = filters.CharFilter(
        method="about", max_length=200, **about("a skill, a title, or the name of a host")
    )
    host = of_one("host", "the id of who offers it")
    skill = of_one("offer_skills__skill", "the id of a skill")
    open = YesOrNo("active", **about("takes bookings"))

    def about(self, queryset: Any, name: str, text: str) -> Any:
        return queryset.about(text)


class _Offers(ApiView):
    needs = {"GET": READ_BOOKINGS, "POST": WRITE_BOOKINGS, "DELETE": WRITE_BOOKINGS}

    def offers(self) -> Any:
        found = ShadowingOffer.objects.visible_to(self.employee).with_subject().with_queue()
        return found.prefetch_related("skills")

    def offer(self, public_id: str) -> ShadowingOffer:
        found: ShadowingOffer = get_visible_or_404(self.offers(), public_id)
        return found


class Offers(_Offers, ListView):
    """Days that hosts let learners spend beside them: what can be booked, and one's own."""

    serializer_class = OfferAnswer
    filterset_class = OfferFilters

    def rows(self) -> Any:
        return self.offers()


class OneOffer(_Offers, ShowView):
    """One offer."""

    serializer_class = OfferAnswer

    def found(self, **kwargs: str) -> Any:
        return self.offer(kwargs["public_id"])


class FreeStarts(_Offers):
    """The days on which the person could begin: 45 days unless said, 92 at most at a time."""

    takes = ("from", "to")

    @answers(
        StartsAnswer,
        query={
            "from": ("the first day; today unless said", OpenApiTypes.DATE),
            "to": ("the last day on which it may begin", OpenApiTypes.DATE),
        },
    )
    def get(self, request: Any, public_id: str) -> Response:
        found, at = self.offer(public_id), now()
        first, last = self._days(at.astimezone(found.zone).date())
        ahead = Availability([found], self.employee, first=first, last=last, at=at)
        starts = ahead.starts(found) if found.host_id != self.employee.pk else []
        return Response({"starts": [start_told(one) for one in starts]})

    def _days(self, today: date) -> tuple[date, date]:
        first = max(self._day("from") or today, today)
        last = self._day("to") or first + _USUALLY
        if last - first > _LONGEST:
            words = _("At most %s days at a time.") % _LONGEST.days
            raise NotInQuery({"to": [words]})
        return first, min(last, today + LOOK_AHEAD)

    def _day(self, name: str) -> date | None:
        text = self.request.query_params.get(name)
        if text is None:
            return None
        try:
            day = parse_date(text) if len(text) == 10 else None
        except ValueError:
            day = None
        if day is None or not 2000 <= day.year < 2200:
            raise NotInQuery({name: [_("A day, such as 2026-12-01.")]})
        return day


class FreeDays(FreeStarts):
    """The days that the person can choose one by one: none where they follow one another. All that
    are held together lie within `within_days` of the offer."""

    @answers(
        FreeDaysAnswer,
        query={
            "from": ("the first day; today unless said", OpenApiTypes.DATE),
            "to": ("the last day", OpenApiTypes.DATE),
        },
    )
    def get(self, request: Any, public_id: str) -> Response:
        found, at = self.offer(public_id), now()
        first, last = self._days(at.astimezone(found.zone).date())
        if found.within_days is None or found.host_id == self.employee.pk:
            return Response({"days": []})
        ahead = Availability([found], self.employee, first=first, last=last, at=at)
        days = [free_day_told(one) for one in ahead.singles(found, first, last)]
        return Response(dict(FreeDaysAnswer({"days": days}).data))


class Hold(_Offers, BookingView):
    """Keep the days that begin on `start` for ten minutes, or those that were chosen one by one. An
    earlier hold is let go."""

    @answers(BookingAnswer, body=HoldBody, status=201)
    def post(self, request: Any, public_id: str) -> Response:
        body, found = self.body(HoldBody), self.offer(public_id)
        refuse_wrong_days(found, body["days"])
        with refusals_told():
            count_hold(self.employee, found)
            held = holding.hold(
                found,
                self.employee,
                body["start"],
                days=body["days"],
                goal=body["goal"],
                at=now(),
            )
        return self.made(held.session.public_id)


class Wait(_Offers):
    """Wait for a place of an offer, or wait no more."""

    @answers(WaitingAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        with refusals_told():
            waiting.join(self.offer(public_id), self.employee, at=now())
        position, many = waiting.position(self.offer(public_id), self.employee)
        return Response({"position": position, "waiting": many})

    @answers(None, status=204)
    def delete(self, request: Any, public_id: str) -> Response:
        waiting.leave(self.offer(public_id), self.employee, at=now())
        return Response(status=204)
