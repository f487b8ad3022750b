"""Whatever people do and whenever: hold, book, join a group, ask, approve, move, cancel, decline,
stay away, let run out; cut off, ask another host, accept, refuse, let that run out."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from peerlearn.organizations.models import Employee
from sessions.absent import say_absent, take_back
from sessions.approving import approve, end_what_ran_out, withdraw
from sessions.approving import decline as decline_request
from sessions.booking import book
from sessions.cancelling import cancel, decline
from sessions.cutting import cut_off
from sessions.going_on import go_on
from sessions.handing import (
    Rest,
    accept,
    ask,
    end_with_the_first_day,
    finish,
    move_rest,
    run_out,
)
from sessions.handing import decline as decline_to_take_over
from sessions.holding import expire_holds, extend_hold, hold, release
from sessions.models import (
    Block,
    CalendarEntry,
    Claim,
    HandOver,
    HandOverRequest,
    Interaction,
    LearningSession,
    NoShow,
    Participation,
    Place,
    Proposal,
    Request,
    ShadowingOffer,
)
from sessions.moving import confirm, move_all
from sessions.proposing import decline as decline_proposal
from sessions.proposing import end_what_ran_out as end_proposal
from sessions.proposing import propose
from sessions.proposing import take_back as take_proposal_back
from sessions.refusals import Refused, RunOut
from sessions.running import complete_day, take_back_day
from sessions.waiting import give_back, join
from tests.factories import inside, make_employee, make_organization
from tests.sessions.kit import AT, make_offer

# Mondays before the Sundays on which the clock goes back and forward in Oslo.
AUTUMN = datetime(2026, 10, 19, 7, tzinfo=AT.tzinfo)
SPRING = datetime(2027, 3, 22, 7, tzinfo=AT.tzinfo)
PEOPLE = ("Marta", "Nils", "Aisha", "Jonas")
DAYS = st.integers(1, 15)  # after the beginning
APART = st.sets(DAYS, min_size=3, max_size=3)


class Undone(Exception):
    """Rolls the rows of one example back."""


class Booking(RuleBasedStateMachine):
    held = Bundle("held")
    begin = AUTUMN

    @initialize()
    def found(self) -> None:
        self.stack = ExitStack()
        self.stack.enter_context(pytest.raises(Undone))
        self.stack.enter_context(transaction.atomic())
        self.organization = make_organization(f"Halden {id(self)}")
        self.stack.enter_context(inside(self.organization))
        self.at = self.begin
        self.people: list[Employee] = [make_employee(name) for name in PEOPLE]
        self.offers: list[ShadowingOffer] = [
            make_offer(self.people[0], notice_days=0, within_days=10),
            make_offer(self.people[1], days=2, notice_days=0, capacity=2, per_month=2),
            make_offer(self.people[2], days=1, notice_days=1, minutes=240),
        ]
        self.boss = make_employee("Runa", is_hr=True)
        self.longest: dict[int, datetime] = {}  # the model: until when a hold stands at most

    def teardown(self) -> None:
        if hasattr(self, "stack"):

            def undo() -> None:
                raise Undone

            try:
                undo()
            except Undone as end:
                self.stack.__exit__(type(end), end, end.__traceback__)

    # --- What people do ------------------------------------------------------------------------
    @rule(target=held, offer=st.integers(0, 2), who=st.integers(0, 3), day=DAYS)
    def hold(self, offer: int, who: int, day: int) -> Any:
        learner = self.people[who]
        start = self.begin.date() + timedelta(days=day)
        before = set(self._live_holds(learner))
        try:
            made = hold(self.offers[offer], learner, start, at=self.at)
        except Refused as refusal:
            assert set(self._live_holds(learner)) == before  # nothing changed
            for start in refusal.next_starts:
                assert start.blocks[0].start >= self.at
            return multiple()  # nothing for the rules below
        self.longest[made.pk] = self.at + timedelta(minutes=10)
        return made.pk

    @rule(target=held, who=st.integers(1, 3), days=APART, number=st.none() | held)
    def book_days_apart(self, who: int, days: set[int], number: int | None) -> Any:
        """Or move what is booked there."""
        booking = None
        if number is not None:
            rows = Participation.objects.select_related("session__offer", "employee")
            booking = rows.get(pk=number)
            if booking.session.offer != self.offers[0]:
                return multiple()
        learner = booking.employee if booking else self.people[who]
        chosen = [self.begin.date() + timedelta(days=day) for day in sorted(days)]
        before = set(self._live_holds(learner))
        try:
            made = hold(self.offers[0], learner, chosen[0], days=chosen, moves=booking, at=self.at)
        except Refused:
            assert set(self._live_holds(learner)) == before
            return multiple()
        zone = made.session.zone
        assert [
            one.starts_at.astimezone(zone).date() for one in made.session.blocks.all()
        ] == chosen
        self.longest[made.pk] = self.at + timedelta(minutes=10)
        self.book(made.pk)
        return made.pk

    @rule(target=held, offer=st.integers(0, 2), who=st.integers(0, 3), day=DAYS)
    def hold_and_book(self, offer: int, who: int, day: int) -> Any:
        made = self.hold(offer, who, day)
        if isinstance(made, int):
            self.book(made)
        return made

    @rule(target=held, number=held, who=st.integers(0, 3))
    def join_a_group(self, number: int, who: int) -> Any:
        """A second learner on the days of somebody who is booked."""
        session = Participation.objects.select_related("session__offer").get(pk=number).session
        offer = next((one for one in self.offers if one == session.offer), None)
        if offer is None:
            return multiple()
        day = (session.first_day - self.begin.date()).days
        return self.hold_and_book(self.offers.index(offer), who, day)

    @rule(target=held, number=held, day=DAYS)
    def hold_to_move(self, number: int, day: int) -> Any:
        """Of what is booked, most often to days that overlap."""
        booking = Participation.objects.select_related("session__offer__host").get(pk=number)
        if booking.session.offer is None:  # what was cut off is as long as no offer
            return multiple()
        start = self.begin.date() + timedelta(days=day)
        before = set(self._live_holds(booking.employee))
        try:
            made = hold(booking.session.offer, booking.employee, start, moves=booking, at=self.at)
        except Refused:
            assert set(self._live_holds(booking.employee)) == before
            return multiple()
        assert booking.state == "booked"
        self.longest[made.pk] = self.at + timedelta(minutes=10)
        return made.pk

    @rule(target=held, number=held, day=DAYS)
    def move(self, number: int, day: int) -> Any:
        made = self.hold_to_move(number, day)
        if isinstance(made, int):
            self.book(made)
        return made

    @rule(number=held, day=DAYS)
    def move_everybody(self, number: int, day: int) -> None:
        session = Participation.objects.get(pk=number).session
        start = self.begin.date() + timedelta(days=day)
        try:
            new = move_all(session, start, by=session.host, at=self.at)
        except Refused:
            return
        assert new.first_day == start
        assert not Claim.objects.filter(block__session=session, active=True).exists()

    def _stands(self, mine: Participation) -> bool:
        if mine.kept or mine.waiting_id:
            return mine.is_held(self.at)
        return mine.state == "held" and self.at < self.longest[mine.pk]

    def _confirm(self, mine: Participation) -> None:
        booking = mine.moves
        assert booking
        stood = self._stands(mine)
        try:
            session = confirm(mine, goal="alone", at=self.at)
        except RunOut:
            assert not stood or mine.kept
        except Refused:  # it has begun, or others have booked the old days
            assert stood
        else:
            assert stood or mine.state == "moved"
            booking.refresh_from_db()
            mine.refresh_from_db()
            assert booking.session_id == session.pk or mine.is_requested(self.at)

    @rule(number=held)
    def book(self, number: int) -> None:
        mine = Participation.objects.get(pk=number)
        if mine.moves is not None:
            self._confirm(mine)
            return
        stood = self._stands(mine)
        try:
            book(mine, goal="alone", at=self.at)
        except RunOut:
            assert not stood or mine.kept
            assert mine.state != "booked"
        except Refused:  # five wait already
            assert Request.objects.open(self.at).count() >= 5
        else:
            assert stood or mine.state == "booked" or mine.is_requested(self.at)

    @rule(needed=st.booleans())
    def approval_is_needed(self, needed: bool) -> None:
        self.organization.shadowings_need_approval = needed
        self.organization.save()

    @rule(
        number=held, how=st.sampled_from(["approve", "approve", "decline", "withdraw", "run out"])
    )
    def answer_a_request(self, number: int, how: str) -> None:
        request = Request.objects.filter(participation=number).last()
        if request is None:
            return
        held = Participation.objects.get(pk=number)
        stood = request.answer == "open" and held.is_requested(self.at)
        try:
            if how == "approve":
                approve(request, by=self.boss, at=self.at)
            elif how == "decline":
                decline_request(request, by=self.boss, reason="Ill", at=self.at)
            elif how == "withdraw":
                withdraw(request, by=held.employee, at=self.at)
            else:
                end_what_ran_out(number, at=self.at)
        except Refused:  # or it was to move what cannot be moved any more
            assert not stood or held.moves_id is not None
            return
        held.refresh_from_db()
        request.refresh_from_db()
        if stood and how == "approve":
            assert held.state == ("booked" if held.moves_id is None else "moved")
        if stood and how in ("decline", "withdraw"):
            assert held.state == "expired"
        assert (request.answer == "open") == held.is_requested(self.at)

    @rule(target=held, offer=st.integers(0, 2), who=st.integers(0, 3), day=DAYS)
    def propose(self, offer: int, who: int, day: int) -> Any:
        learner = self.people[who]
        start = self.begin.date() + timedelta(days=day)
        before = self._live_holds(learner)
        try:
            made = propose(self.offers[offer], learner, start, by=self.boss, at=self.at)
        except Refused:
            return multiple()
        assert self._live_holds(learner) == before, "their own hold stays"
        return made.participation_id

    @rule(number=held, how=st.sampled_from(["decline", "take back", "run out"]))
    def answer_a_proposal(self, number: int, how: str) -> None:
        found = Proposal.objects.filter(participation=number).first()
        if found is None:
            return
        held = Participation.objects.get(pk=number)
        stood = found.answer == "open" and held.is_held(self.at)
        with suppress(Refused):
            if how == "decline":
                decline_proposal(found, by=held.employee, at=self.at)
            elif how == "take back":
                take_proposal_back(found, by=self.boss, at=self.at)
            else:
                end_proposal(number, at=self.at)
        held.refresh_from_db()
        if stood:
            assert (held.state == "held") == (how == "run out")

    @rule()
    def everybody_approves_everything(self) -> None:
        for request in Request.objects.open(self.at):
            with suppress(Refused):
                approve(request, by=self.boss, at=self.at)

    @rule(number=held)
    def ask_for_more_time(self, number: int) -> None:
        mine = Participation.objects.get(pk=number)
        stood = self._stands(mine)
        try:
            self.longest[number] = extend_hold(mine, at=self.at)
        except RunOut:
            assert not stood or mine.kept
        else:
            assert stood
            assert not mine.kept

    @rule(number=held)
    def let_go(self, number: int) -> None:
        mine = Participation.objects.get(pk=number)
        release(mine, at=self.at)
        if mine.is_requested(self.at):
            mine.refresh_from_db()
            assert mine.is_requested(self.at), "what others decide about is not let go"

    @rule(number=held, by_host=st.booleans())
    def cancel_in_it(self, number: int, by_host: bool) -> None:
        mine = Participation.objects.get(pk=number)
        person = mine.session.host if by_host else mine.employee
        self.cancel(number, self.people.index(person))

    @rule(number=held, who=st.integers(0, 3))
    def cancel(self, number: int, who: int) -> None:
        session = Participation.objects.get(pk=number).session
        try:
            cancel(session, by=self.people[who], at=self.at)
        except Refused:
            return
        assert not Claim.objects.filter(
            block__session=session, employee=self.people[who], active=True
        ).exists()

    @rule(offer=st.integers(0, 2), who=st.integers(0, 3))
    def wait_for_a_place(self, offer: int, who: int) -> None:
        with suppress(Refused):
            join(self.offers[offer], self.people[who], at=self.at)

    @rule(take=st.booleans(), who=st.integers(0, 3))
    def answer_an_offered_place(self, take: bool, who: int) -> None:
        rows = Participation.objects.filter(employee=self.people[who], state="held")
        for place in rows.exclude(waiting=None).filter(kept=""):
            if not take:
                give_back(place, at=self.at)
                place.refresh_from_db()
                assert place.state == "expired"
            elif place.is_held(self.at):
                self.book(place.pk)
            else:
                with pytest.raises(RunOut):
                    book(place, goal="", at=self.at)

    @rule(number=held)
    def decline(self, number: int) -> None:
        booking = Participation.objects.get(pk=number)
        try:
            decline(booking, by=booking.session.host, reason="Ill", at=self.at)
        except Refused:
            return
        booking.refresh_from_db()
        assert booking.state == "declined"
        assert not Claim.objects.filter(held_for=booking, active=True).exists()

    @rule(number=held, day=st.integers(1, 3))
    def does_not_come(self, number: int, day: int) -> None:
        booking = Participation.objects.get(pk=number)
        block = Block.objects.filter(session=booking.session, number=day).first()
        if block is None:
            return
        try:
            say_absent(booking, day, by=booking.session.host, at=self.at)
        except Refused:
            return
        assert self.at >= block.starts_at
        counted = Interaction.objects.filter(block=block, receiver=booking.employee)
        assert not counted.aggregate(total=Sum("minutes"))["total"]

    @rule(number=held)
    def came_after_all(self, number: int) -> None:
        for said in NoShow.objects.filter(participation=number):
            with suppress(Refused):
                take_back(said, by=said.block.session.host, at=self.at)

    @rule(number=held, day=st.integers(1, 3))
    def finish_a_day(self, number: int, day: int) -> None:
        session = Participation.objects.get(pk=number).session
        block = Block.objects.filter(session=session, number=day).first()
        if block is None:
            return
        try:
            complete_day(session, day, by=session.host, at=self.at)
        except Refused:
            return
        assert self.at >= block.starts_at

    # --- Another host ----------------------------------------------------------------------------
    @rule(number=held, day=st.integers(1, 3))
    def cut_off(self, number: int, day: int) -> None:
        session = Participation.objects.get(pk=number).session
        host = session.host
        try:
            made = cut_off(session, day, by=host, at=self.at)
        except Refused:
            return
        ahead = Claim.objects.filter(employee=host, active=True, block__starts_at__gt=self.at)
        assert not ahead.filter(block__session=session, block__number__gte=day).exists()
        if made is not None:
            assert made.session.state == "open"
            assert made.session.starts_at > self.at

    @rule(which=st.integers(0, 5))
    def ask_another_host(self, which: int) -> None:
        for hand_over in HandOver.objects.open().select_related("session__host", "session__offer"):
            able = Rest.of(hand_over, at=self.at).candidates()
            if not able or hand_over.session.starts_at <= self.at:
                continue
            request = ask(hand_over, able[which % len(able)].offer, by=hand_over.host, at=self.at)
            assert (
                self.at
                < request.expires_at
                <= min(self.at + timedelta(hours=24), hand_over.session.starts_at)
            )

    @rule(takes=st.booleans())
    def answer_who_asks(self, takes: bool) -> None:
        for request in HandOverRequest.objects.filter(answer="open").select_related("host"):
            stood = request.is_open(self.at) and request.hand_over.session.state == "open"
            try:
                if takes:
                    session = accept(request, by=request.host, at=self.at)
                    assert stood
                    assert (session.state, session.host) == ("booked", request.host)
                else:
                    decline_to_take_over(request, by=request.host, at=self.at)
            except Refused:
                continue

    @rule(number=held, day=st.integers(1, 3), takes=st.booleans())
    def cut_off_and_ask(self, number: int, day: int, takes: bool) -> None:
        self.cut_off(number, day)
        self.ask_another_host(day)
        self.answer_who_asks(takes)

    @rule(day=DAYS, moves=st.booleans())
    def settle_without_another_host(self, day: int, moves: bool) -> None:
        for hand_over in HandOver.objects.open().select_related("host"):
            if not moves:
                finish(hand_over, by=hand_over.host, at=self.at)
                continue
            start = self.begin.date() + timedelta(days=day)
            with suppress(Refused):
                session = move_rest(hand_over, start, by=hand_over.host, at=self.at)
                assert session.first_day == start

    @rule(number=held, day=st.integers(1, 3), waits=st.booleans())
    def cut_off_by_mistake(self, number: int, day: int, waits: bool) -> None:
        self.cut_off(number, day)
        if waits:
            self.wait(60)
        self.go_on_after_all()

    @rule()
    def go_on_after_all(self) -> None:
        for hand_over in HandOver.objects.open().select_related("session__host", "host"):
            days = Block.objects.filter(session=hand_over.session)
            ahead = set(days.values_list("pk", flat=True))
            try:
                whole = go_on(hand_over, by=hand_over.host, at=self.at)
            except Refused:
                continue
            assert (whole.state, whole.host) == ("booked", hand_over.host)
            assert ahead <= set(whole.blocks.values_list("pk", flat=True))
            assert whole.starts_at == whole.blocks.exclude(state="cancelled")[0].starts_at

    @rule()
    def let_what_nobody_answered_end(self) -> None:
        for request in HandOverRequest.objects.filter(answer="open"):
            run_out(request, at=self.at)
            assert request.expires_at > self.at or request.answer == "run_out"
        for hand_over in HandOver.objects.open().select_related("host", "session"):
            end_with_the_first_day(hand_over, at=self.at)

    @rule(number=held, day=st.integers(1, 3))
    def it_was_not_done_after_all(self, number: int, day: int) -> None:
        session = Participation.objects.get(pk=number).session
        block = Block.objects.filter(session=session, number=day).first()
        if block is None:
            return
        with suppress(Refused):
            if take_back_day(session, day, by=session.host, at=self.at):
                counted = Interaction.objects.filter(block=block)
                assert not counted.aggregate(total=Sum("minutes"))["total"]

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 60, 24 * 60, 4 * 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        expire_holds(at=self.at)

    # --- What always holds ---------------------------------------------------------------------
    def _live_holds(self, learner: Employee) -> list[int]:
        live = Participation.objects.filter(
            seat="shadow", state="held", held_until__gt=self.at, waiting=None, kept=""
        )
        return list(live.filter(employee=learner).values_list("pk", flat=True))

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        if not hasattr(self, "stack"):
            return
        for person in self.people:
            rows = Claim.objects.filter(employee=person, active=True)
            for stands in (rows.filter(held_until=None), rows.exclude(held_until=None)):
                times = sorted((c.during.lower, c.during.upper) for c in stands)
                assert all(a[1] <= b[0] for a, b in pairwise(times))
            for held in rows.exclude(held_until=None):  # beside what is booked, or to move that
                beside = rows.filter(during__overlap=held.during).exclude(pk=held.pk)
                assert not beside.exclude(held_for=held.held_for).exists()
            assert len(self._live_holds(person)) <= 1

    @invariant()
    def days_begin_at_eight_on_the_wall(self) -> None:
        """Before and after the clock changed."""
        if not hasattr(self, "stack"):
            return
        for block in Block.objects.select_related("session"):
            assert block.starts_at.astimezone(block.session.zone).time() == time(8)

    @invariant()
    def states_agree(self) -> None:
        if not hasattr(self, "stack"):
            return
        for session in LearningSession.objects.all():
            people = list(Participation.objects.filter(session=session))
            learners = [p for p in people if p.seat == "shadow"]
            live = [p for p in learners if p.state in ("held", "booked", "completed", "open")]
            hosts = [p for p in people if p.seat == "host"]
            host = max((p for p in hosts if p.employee_id == session.host_id), key=lambda p: p.pk)
            assert host.state == session.state
            assert all(p.state == "handed" for p in hosts if p != host)
            if session.state in ("booked", "completed", "open"):
                assert any(p.state == session.state for p in learners)
            if session.state in ("cancelled", "expired", "moved"):
                assert not live
            places = list(Place.objects.filter(session=session))
            assert len(places) <= session.capacity
            assert {p.participation_id for p in places} == {p.pk for p in live}
            for person in people:
                owner = person.moves_id if person.state == "held" else None
                claims = Claim.objects.filter(
                    held_for=owner or person.pk, block__session=session, active=True
                )
                stands = person.state in ("held", "booked", "completed") or (
                    person.state == "open" and person.seat == "shadow"
                )
                blocks = Block.objects.filter(session=session).exclude(state="cancelled").count()
                assert claims.count() == (blocks if stands else 0)
                if person.state == "held":
                    assert set(claims.values_list("held_until", flat=True)) == {person.held_until}
                else:
                    assert not claims.exclude(held_until=None).exists()

    @invariant()
    def what_is_open_is_kept(self) -> None:
        """A request that is open has its days, unless they have run out by now; nothing booked
        is open."""
        if not hasattr(self, "stack"):
            return
        for request in Request.objects.filter(answer="open").select_related("participation"):
            held = request.participation
            if held.state == "held":
                assert held.kept == "request"
                assert held.held_until == request.runs_out_at
            else:
                assert held.state == "expired"
                assert self.at >= request.runs_out_at
        for proposal in Proposal.objects.filter(answer="open").select_related("participation"):
            held = proposal.participation
            assert held.kept == "proposal"
            assert held.state == "held" or self.at >= proposal.made_at
        waiting = Participation.objects.filter(state="held", kept="request")
        assert all(one.requests.filter(answer="open").count() == 1 for one in waiting)

    @invariant()
    def calendars_say_what_is_booked(self) -> None:
        if not hasattr(self, "stack"):
            return
        claims = Claim.objects.filter(active=True, held_until=None)
        stand = claims.filter(held_for__state__in=["booked", "completed"])
        booked = stand.values_list("held_for", "block__number", "block__starts_at")
        shown = CalendarEntry.objects.standing().values_list("participation", "number", "starts_at")
        assert sorted(shown) == sorted(booked)

    @invariant()
    def what_is_open_is_being_settled(self) -> None:
        """One hand-over for each session that looks for a host, one host asked, places in order."""
        if not hasattr(self, "stack"):
            return
        waits = HandOver.objects.open().values_list("session", flat=True)
        opened = LearningSession.objects.filter(state="open")
        assert sorted(waits) == sorted(opened.values_list("pk", flat=True))
        asked = HandOverRequest.objects.filter(answer="open").values_list("hand_over", flat=True)
        assert len(asked) == len(set(asked))
        assert set(asked) <= set(HandOver.objects.open().values_list("pk", flat=True))
        for place in Place.objects.select_related("session"):
            assert place.number <= place.session.capacity

    @invariant()
    def no_place_is_offered_twice(self) -> None:
        if not hasattr(self, "stack"):
            return
        offered = Participation.objects.exclude(waiting=None)
        once = offered.values("waiting", "session__starts_at").order_by().annotate(n=Count("pk"))
        assert all(row["n"] == 1 for row in once)
        for place in offered.filter(state="held").select_related("session__offer"):
            assert place.held_until is not None
            day = place.held_until.astimezone(place.session.zone).date()
            notice = timedelta(days=place.session.offer.notice_days if place.session.offer else 0)
            assert day <= place.session.first_day - notice + timedelta(days=1)

    @invariant()
    def only_done_days_count(self) -> None:
        if not hasattr(self, "stack"):
            return
        stands = Interaction.objects.filter(retracts=None, retractions=None)
        assert not stands.exclude(block__state="done").exists()
        done = Block.objects.filter(state="done").annotate(n=Count("interactions"))
        assert all(block.n >= 1 for block in done)
        for block in done:
            by_learner = block.interactions.values("receiver").annotate(total=Sum("minutes"))
            absent = set(block.no_shows.values_list("participation__employee", flat=True))
            for row in by_learner:
                assert row["total"] == (0 if row["receiver"] in absent else block.minutes)
            assert {row["receiver"] for row in by_learner} - absent, "somebody came"


class BookingInSpring(Booking):
    begin = SPRING


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Booking, BookingInSpring])
def test_no_invariant_is_broken(machine: type[Booking]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
