"""Many rows of offers, sessions, claims and what came of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from peerlearn.organizations.fence import FencedManager, FencedQuerySet
from peerlearn.organizations.models import Employee
from peerlearn.organizations.written import written
from sessions.choices import Answer, Decision, Kept, Seat, SessionState
from skills.models import Need, Proficiency, Skill

if TYPE_CHECKING:
    from sessions.models import (  # noqa: F401 - in quotes
        CalendarEntry,
        Claim,
        Interaction,
        LearningSession,
        Note,
        Participation,
        Proposal,
        ProposedLevel,
        Request,
        ShadowingOffer,
        Suggestion,
        Waiting,
    )

MOST_WORDS = 8  # of a search
SUGGESTED_FOR = timedelta(days=60)
ONCE_BOOKED = Q(booked_at__isnull=False)
STANDS_OR_STOOD = Q(state=SessionState.HELD) | ONCE_BOOKED


class OfferQuerySet(FencedQuerySet["ShadowingOffer"]):
    def visible_to(self, employee: Employee) -> OfferQuerySet:
        """Everyone sees what can be booked; the host also what is closed."""
        return self.shown_to(employee) if employee.active else self.none()

    def shown_to(self, employee: Any) -> OfferQuerySet:
        """The same to somebody who works here, as that is known."""
        return self.filter(Q(active=True, host__active=True) | Q(host=employee))

    def open_to(self, learner: Employee) -> OfferQuerySet:
        """What that learner could book: other people's open offers."""
        return self.filter(active=True, host__active=True).exclude(host=learner)

    def for_all_of(self, session: Any) -> OfferQuerySet:
        """By which the days of a session could be hosted: open, with every skill of it, and of
        nobody who learns in it. In a subquery, `session` is a reference out of two of them."""
        from sessions.models import OfferSkill, Participation, SessionSkill

        offered = OfferSkill.objects.filter(offer=OuterRef(OuterRef("pk"))).values("skill")
        missing = SessionSkill.objects.filter(session=session).exclude(skill__in=offered)
        learns = Participation.objects.learners().filter(
            session=session,
            employee=OuterRef("host"),
            state__in=[SessionState.BOOKED, SessionState.OPEN],
        )
        return self.filter(~Exists(missing), ~Exists(learns), active=True, host__active=True)

    def with_subject(self) -> OfferQuerySet:
        """With the host and their team, and the names of the skills for `subject`."""
        from sessions.models import OfferSkill

        names = OfferSkill.objects.filter(offer=OuterRef("pk")).order_by("id")
        return self.select_related("host__team").annotate(
            skill_names=ArraySubquery(names.values("skill__name"))
        )

    def with_wish_of(self, learner: Employee) -> Any:
        """With how urgently that learner wants one of the skills (0: not), and which."""
        from sessions.models import OfferSkill

        skills = OfferSkill.objects.filter(offer=OuterRef(OuterRef("pk"))).values("skill")
        wants = Need.objects.filter(employee=learner, skill__in=skills).order_by("-urgency", "pk")
        return self.annotate(
            wished=Coalesce(Subquery(wants.values("urgency")[:1]), 0),
            wished_skill=Subquery(wants.values("skill__name")[:1]),
        )

    def with_queue(self) -> OfferQuerySet:
        """With the employees who wait for a place, in order, as `queue`."""
        from sessions.models import Waiting

        waits = Waiting.objects.standing().filter(offer=OuterRef("pk"))
        return self.annotate(queue=ArraySubquery(waits.values("employee")))

    def about(self, text: str) -> OfferQuerySet:
        """Of a skill that is called something like it, or by a host of that name."""
        skills = Skill.objects.matching(text).order_by().values("pk")
        return self.filter(
            Q(offer_skills__skill__in=skills)
            | Q(title__icontains=text)
            | Q(host__name__icontains=text)
        ).distinct()


class WaitingQuerySet(FencedQuerySet["Waiting"]):
    def standing(self) -> WaitingQuerySet:
        """Who waits now, in order."""
        return self.filter(left_at=None).order_by("joined_at", "pk")


class SessionQuerySet(FencedQuerySet["LearningSession"]):
    def visible_to(self, employee: Employee, *, once_held: bool = False) -> SessionQuerySet:
        """Those one takes part in or had booked, those that the reporting line below had; HR sees
        all that was booked. What is only held is seen by those in it, and with `once_held` by
        those who have let it go or whose hold is over."""
        if not employee.active:
            return self.none()
        there = Q() if once_held else STANDS_OR_STOOD
        own = self._has_participant(Q(employee=employee) & there)
        agreed = ~Q(state__in=[SessionState.HELD, SessionState.EXPIRED])
        if employee.is_hr:
            return self.filter(own | agreed)
        below = Employee.objects.below(employee).values("pk")
        return self.filter(
            own | (agreed & self._has_participant(Q(employee__in=below) & ONCE_BOOKED))
        )

    def with_another_host(self) -> SessionQuerySet:
        """Those whose days somebody else could host."""
        from sessions.models import ShadowingOffer

        others = ShadowingOffer.objects.for_all_of(OuterRef(OuterRef("pk")))
        return self.filter(Exists(others.exclude(host=OuterRef("host"))))

    def agreed(self) -> SessionQuerySet:
        """Those that were booked and stand where they were booked, or were cancelled there."""
        elsewhere = [SessionState.HELD, SessionState.EXPIRED, SessionState.MOVED]
        return self.exclude(state__in=elsewhere)

    def over(self, at: datetime) -> SessionQuerySet:
        """Whose last day is behind, and what was cancelled."""
        return self.filter(Q(ends_at__lte=at) | Q(state=SessionState.CANCELLED))

    def with_somebody_called(self, text: str) -> SessionQuerySet:
        """Those in which somebody of that name takes part, or whose subject says it."""
        from sessions.models import Participation

        people = Participation.objects.who_stand().filter(session=OuterRef("pk"))
        found = self
        for word in text.split()[:MOST_WORDS]:
            named = Exists(people.filter(employee__name__icontains=word))
            found = found.filter(Q(subject__icontains=word) | named)
        return found

    def never_booked(self, before: datetime) -> SessionQuerySet:
        """Those that were only held and ran out, made before that instant."""
        return self.filter(state=SessionState.EXPIRED, booked_at=None, created_at__lt=before)

    def locked(self, pk: int) -> LearningSession:
        """That session, for nobody else to change until the transaction ends; with its
        organization."""
        session: LearningSession | None = next(iter(_locked(pk=pk)), None)
        if session is None:
            raise self.model.DoesNotExist
        return session

    def _has_participant(self, who: Q) -> Exists:
        from sessions.models import Participation

        there = Participation.objects.filter(who, session=OuterRef("pk"))
        return Exists(there)


@written
def _locked(pk: Any) -> Any:
    from sessions.models import LearningSession

    rows = LearningSession.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.filter(pk=pk).order_by()


class SuggestionQuerySet(FencedQuerySet["Suggestion"]):
    def visible_to(self, employee: Employee) -> SuggestionQuerySet:
        """Those to whom it was made and who made it."""
        if not employee.active:
            return self.none()
        return self.filter(Q(to=employee) | Q(by=employee))

    def open_for(self, learner: Employee, at: datetime) -> SuggestionQuerySet:
        """Days that this learner could still book: neither declined nor booked since."""
        from sessions.models import Participation

        booked = Participation.objects.filter(
            employee=learner,
            session__offer=OuterRef("offer"),
            state__in=[SessionState.BOOKED, SessionState.COMPLETED],
        )
        return self.filter(
            ~Exists(booked),
            to=learner,
            declined_at=None,
            made_at__gt=at - SUGGESTED_FOR,
            offer__active=True,
            offer__host__active=True,
        )


class ParticipationQuerySet(FencedQuerySet["Participation"]):
    def visible_to(self, employee: Employee) -> ParticipationQuerySet:
        """One's own."""
        return self.filter(employee=employee) if employee.active else self.none()

    def learners(self) -> ParticipationQuerySet:
        return self.filter(seat=Seat.SHADOW)

    def who_stand(self) -> ParticipationQuerySet:
        """Those who are in it still, or were when all of it was called off."""
        stands = Q(state__in=[SessionState.BOOKED, SessionState.COMPLETED, SessionState.OPEN])
        gone = [SessionState.CANCELLED, SessionState.DECLINED]
        went_with_it = Q(state__in=gone, session__state=SessionState.CANCELLED)
        return self.filter(stands | went_with_it)

    def who_stand_or_wait(self) -> ParticipationQuerySet:
        """And those whose booking waits for approval."""
        waits = Q(state=SessionState.HELD, kept=Kept.REQUEST)
        return self.who_stand() | self.filter(waits)

    def instead_of(self, run_out: Participation, at: datetime) -> ParticipationQuerySet:
        """The very same days, held anew by the same learner or booked by now: a second click of
        theirs was quicker than the first."""
        days = ("offer", "starts_at", "ends_at")
        same = {f"session__{one}": getattr(run_out.session, one) for one in days}
        stands = Q(state=SessionState.HELD, held_until__gt=at) | Q(state=SessionState.BOOKED)
        return self.learners().filter(stands, employee=run_out.employee_id, **same)

    def run_out(self, at: datetime) -> ParticipationQuerySet:
        """Holds of learners that ended at or before that instant."""
        return self.filter(seat=Seat.SHADOW, state=SessionState.HELD, held_until__lte=at)


class RequestQuerySet(FencedQuerySet["Request"]):
    def visible_to(self, employee: Employee) -> RequestQuerySet:
        """The learner, the host, whoever leads the learner, and HR."""
        if not employee.active:
            return self.none()
        if employee.is_hr:
            return self
        below = Employee.objects.below(employee).values("pk")
        return self.filter(
            Q(participation__employee=employee)
            | Q(participation__session__host=employee)
            | Q(participation__employee__in=below)
        )

    def open(self, at: datetime) -> RequestQuerySet:
        """Those that can still be answered, what runs out first before the others."""
        return self.filter(
            answer=Answer.OPEN,
            participation__state=SessionState.HELD,
            participation__held_until__gt=at,
        ).order_by("participation__held_until", "pk")

    def asked_of(self, employee: Employee) -> RequestQuerySet:
        """Those whose answer is asked of them, by name or as one of HR; never their own."""
        whose = Q(asked=employee) | Q(asked=None) if employee.is_hr else Q(asked=employee)
        return self.filter(whose).exclude(participation__employee=employee)

    def with_days(self) -> RequestQuerySet:
        """With whom and what it is about."""
        return self.select_related(
            "asked",
            "answered_by",
            "participation__employee__team",
            "participation__session__host",
            "participation__moves__session",
        )


class ProposalQuerySet(FencedQuerySet["Proposal"]):
    def visible_to(self, employee: Employee) -> ProposalQuerySet:
        """Those to whom it was made and who made it."""
        if not employee.active:
            return self.none()
        return self.filter(Q(participation__employee=employee) | Q(by=employee))

    def open(self, at: datetime) -> ProposalQuerySet:
        """Those that can still be confirmed, what runs out first before the others."""
        return self.filter(
            answer=Answer.OPEN,
            participation__state=SessionState.HELD,
            participation__held_until__gt=at,
        ).order_by("participation__held_until", "pk")

    def with_days(self) -> ProposalQuerySet:
        """With whom and what it is about."""
        return self.select_related("by", "participation__employee", "participation__session__host")


class ClaimQuerySet(FencedQuerySet["Claim"]):
    def standing(self, at: datetime) -> ClaimQuerySet:
        """Confirmed, or held and not run out."""
        return self.filter(Q(held_until=None) | Q(held_until__gt=at), active=True)


class NoteQuerySet(FencedQuerySet["Note"]):
    def visible_to(self, employee: Employee) -> NoteQuerySet:
        """One's own, and what was shared in sessions one takes part in or took part in, those that
        were called off among them."""
        from sessions.models import Participation

        there = Participation.objects.who_stand().filter(
            employee=employee, session=OuterRef("session")
        )
        return self.filter(Q(author=employee) | (Q(shared=True) & Exists(there)))


class ProposedLevelQuerySet(FencedQuerySet["ProposedLevel"]):
    def waiting(self, day: date) -> ProposedLevelQuerySet:
        """Those that a host can still answer: the learner has not come as far by another way."""
        return self.filter(~self._surpassed(day), decision=Decision.OPEN)

    def surpassed(self, day: date) -> ProposedLevelQuerySet:
        """The learner is above that level by now, or confirmed at it."""
        return self.filter(self._surpassed(day))

    def _surpassed(self, day: date) -> Exists:
        now = Proficiency.objects.current().filter(
            employee=OuterRef("participation__employee"), skill=OuterRef("skill")
        )
        level = OuterRef("level")
        return Exists(now.filter(Q(level__gt=level) | Q(level=level, confirmed_until__gte=day)))


class InteractionQuerySet(FencedQuerySet["Interaction"]):
    def visible_to(self, employee: Employee) -> InteractionQuerySet:
        """One's own giving and receiving; figures over others come from analytics."""
        return self.filter(Q(giver=employee) | Q(receiver=employee))


class CalendarEntryQuerySet(FencedQuerySet["CalendarEntry"]):
    def standing(self) -> CalendarEntryQuerySet:
        return self.filter(cancelled_at=None)

    def between(self, first: datetime, last: datetime) -> CalendarEntryQuerySet:
        """Which touch that stretch of time."""
        return self.filter(starts_at__lt=last, ends_at__gt=first)


CalendarEntryManager = FencedManager.from_queryset(CalendarEntryQuerySet)
WaitingManager = FencedManager.from_queryset(WaitingQuerySet)
OfferManager = FencedManager.from_queryset(OfferQuerySet)
SessionManager = FencedManager.from_queryset(SessionQuerySet)
ParticipationManager = FencedManager.from_queryset(ParticipationQuerySet)
SuggestionManager = FencedManager.from_queryset(SuggestionQuerySet)
RequestManager = FencedManager.from_queryset(RequestQuerySet)
ProposalManager = FencedManager.from_queryset(ProposalQuerySet)
ClaimManager = FencedManager.from_queryset(ClaimQuerySet)
ProposedLevelManager = FencedManager.from_queryset(ProposedLevelQuerySet)
NoteManager = FencedManager.from_queryset(NoteQuerySet)
InteractionManager = FencedManager.from_queryset(InteractionQuerySet)
