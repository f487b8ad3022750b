"""Effects happen once, in order of their time, whatever fails in between."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from peerlearn.clock import now
from peerlearn.notifications import outbox, queries
from peerlearn.notifications.models import Outbox
from peerlearn.organizations.models import Team
from peerlearn.organizations.scoping import OutsideScope, current_organization_id, scope
from tests.notifications.kit import in_threads, let_delay_pass, let_lease_pass, work

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("kinds"),
]


@pytest.fixture
def tally():
    """An internal effect that makes one team for each time that it happens."""

    @outbox.effect("tally")
    def tally(subject, occurrence):
        Team.objects.create(name=f"{subject}{occurrence}")

    return tally


def enqueue(place, *args, at=None, **more):
    with place.scope():
        outbox.enqueue(*args, due_at=at or now(), **more)


def names(place):
    with place.scope():
        return sorted(Team.objects.filter(parent=None).values_list("name", flat=True))[:]


def made(place):
    return [name for name in names(place) if name != place.organization.name]


def test_happens_once_at_its_time(world, tally):
    enqueue(world.halden, "tally", 5)
    enqueue(world.halden, "tally", 5)
    enqueue(world.halden, "tally", 5, occurrence="b")
    enqueue(world.nordfjord, "tally", 5)
    enqueue(world.halden, "tally", 6, at=now() + timedelta(hours=1))
    assert work() == 3
    assert work() == 0
    assert made(world.halden) == ["5", "5b"]
    assert made(world.nordfjord) == ["5"]
    assert Outbox.objects.get().subject == 6


def test_belongs_to_the_business_transaction(world, tally):
    with pytest.raises(OutsideScope):
        outbox.enqueue("tally", 1, due_at=now())
    with world.halden.scope():
        outbox.enqueue("tally", 1, due_at=now())
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()
    with pytest.raises(LookupError), world.halden.scope():
        outbox.enqueue("no such kind", 1, due_at=now())


def test_two_apps_cannot_share_a_kind(tally):
    with pytest.raises(ValueError, match="twice"):
        outbox.effect("tally")(tally)


def test_the_same_row_run_by_eight_at_once_happens_once(world, tally):
    enqueue(world.halden, "tally", 5)
    [(outbox_id, _)] = outbox.hand_over()
    in_threads(8, lambda: outbox.run(outbox_id))
    assert made(world.halden) == ["5"]
    outbox.run(outbox_id)
    assert made(world.halden) == ["5"]


def test_twin_without_taking_it_happens_twice(world, monkeypatch):
    """The compare-and-set of `take` and of `_end` is what keeps the last test green."""
    happened = []

    @outbox.effect("count")
    def count(subject, occurrence):
        happened.append(subject)

    enqueue(world.halden, "count", 5)
    [(outbox_id, _)] = outbox.hand_over()
    row = Outbox.objects.get(pk=outbox_id)
    monkeypatch.setattr(queries.OutboxQuerySet, "take", lambda *_, **__: row)
    monkeypatch.setattr(outbox, "_end", lambda row: True)
    outbox.run(outbox_id)
    outbox.run(outbox_id)
    assert happened == [5, 5]


def test_four_finders_share_out_the_rows(world, tally):
    for subject in range(60):
        enqueue(world.halden, "tally", subject)
    handed = in_threads(4, outbox.hand_over)
    ids = [outbox_id for rows in handed for outbox_id, _ in rows]
    assert len(ids) == len(set(ids)) == 60


def test_a_finder_leaves_what_another_one_is_handing_over(world, tally):
    def impatient():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return outbox.hand_over()

    for subject in range(3):
        enqueue(world.halden, "tally", subject)
    with transaction.atomic():  # the first has not finished yet
        first = outbox.hand_over()
        (second,) = in_threads(1, impatient)
    assert (len(first), second) == (3, [])


def test_no_more_is_handed_over_than_workers_can_hold(world, tally, monkeypatch):
    monkeypatch.setattr(queries, "WINDOW", 3)
    for subject in range(5):
        enqueue(world.halden, "tally", subject)
    assert len(outbox.hand_over()) == 3
    assert outbox.hand_over() == []
    let_lease_pass()
    assert len(outbox.hand_over()) == 3


def test_a_crowd_of_long_work_keeps_no_mail_waiting(world, tally, monkeypatch):
    @outbox.effect("slow", long=True)
    def slow(subject, occurrence): ...

    monkeypatch.setattr(queries, "WINDOW", 3)
    for subject in range(5):
        enqueue(world.halden, "slow", subject)
    enqueue(world.halden, "tally", 5)
    assert sorted(long for _, long in outbox.hand_over()) == [False, True, True, True]
    enqueue(world.halden, "tally", 6)
    assert [long for _, long in outbox.hand_over()] == [False]


def test_a_flushed_broker_loses_nothing(world, tally):
    enqueue(world.halden, "tally", 5)
    assert len(outbox.hand_over()) == 1  # and the message never arrives
    assert work() == 0
    let_lease_pass()
    assert work() == 1
    assert made(world.halden) == ["5"]


def test_failures_are_counted_and_undone(world):
    @outbox.effect("break")
    def fail(subject, occurrence):
        Team.objects.create(name="half done")
        raise ZeroDivisionError("secret@halden.example")

    enqueue(world.halden, "break", 5)
    work()
    row = Outbox.objects.get()
    assert (row.attempts, row.failure, row.taken_at) == (1, "ZeroDivisionError", None)
    assert made(world.halden) == []
    assert work() == 0, "it waits after a failure"
    let_delay_pass()
    assert work() == 1


def test_forty_eight_hours_then_a_dead_letter(world):
    assert sum(queries.DELAYS, timedelta()) == timedelta(hours=48)

    @outbox.effect("break")
    def fail(subject, occurrence):
        raise ZeroDivisionError

    enqueue(world.halden, "break", 5)
    waits = []
    while work():
        row = Outbox.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            waits.append(row.retry_at - cursor.fetchone()[0])
        let_delay_pass()
    assert row.dead_at is not None
    assert row.attempts == len(queries.DELAYS) + 1
    for waited, delay in zip(waits, queries.DELAYS, strict=False):
        assert abs(waited - delay) < timedelta(seconds=5)
    Outbox.objects.all().try_again()
    assert work() == 1


def test_undeliverable_dies_at_once(world):
    @outbox.effect("refuse")
    def refuse(subject, occurrence):
        raise outbox.Undeliverable("NoSuchAddress")

    enqueue(world.halden, "refuse", 5)
    work()
    row = Outbox.objects.get()
    assert row.dead_at is not None
    assert row.failure == "NoSuchAddress"


def test_a_killed_worker_counts_as_a_failure(world):
    @outbox.effect("kill")
    def kill(subject, occurrence):
        raise SystemExit  # as little is noted as when the process is killed

    enqueue(world.halden, "kill", 5)
    [(outbox_id, _)] = outbox.hand_over()
    with pytest.raises(SystemExit):
        outbox.run(outbox_id)
    assert Outbox.objects.get().taken_at is not None
    assert work() == 0
    let_lease_pass()
    assert work() == 0
    row = Outbox.objects.get()
    assert (row.attempts, row.failure, row.taken_at) == (1, "WorkerLost", None)


def test_nobody_waits_for_a_verb_that_outlasts_its_lease(world, monkeypatch):
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.1))
    handed = []

    @outbox.effect("slow", long=True)
    def slow(subject, occurrence):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
        handed.extend(in_threads(1, outbox.hand_over))

    enqueue(world.halden, "slow", 5)
    assert work() == 1
    assert handed == [[]]
    assert not Outbox.objects.exists()


def test_a_dead_letter_that_comes_round_is_revived(world, tally):
    enqueue(world.halden, "tally", 5)
    Outbox.objects.bury("Broken")
    enqueue(world.halden, "tally", 5)
    assert work() == 0
    with world.nordfjord.scope():
        assert not outbox.revive("tally", 5)
    with world.halden.scope():
        assert outbox.revive("tally", 5)
        assert not outbox.revive("tally", 5)
    assert work() == 1
    assert made(world.halden) == ["5"]


def test_moved_and_withdrawn(world, tally):
    enqueue(world.halden, "tally", 5)
    enqueue(world.halden, "tally", 6)
    [(first, _), (second, _)] = outbox.hand_over()
    with world.nordfjord.scope():
        assert outbox.withdraw("tally", 5) == 0
        assert not outbox.reschedule("tally", 5, due_at=now())
    with world.halden.scope():
        assert outbox.withdraw("tally", 5) == 1
        assert outbox.reschedule("tally", 6, due_at=now() + timedelta(hours=1))
    outbox.run(first)
    outbox.run(second)  # its message was under way when it was moved
    assert made(world.halden) == []
    with world.halden.scope():
        assert outbox.reschedule("tally", 6, due_at=now())
    assert work() == 1
    assert made(world.halden) == ["6"]


def test_moved_while_it_is_done_is_done_again(world):
    """A reminder that goes out while its booking is moved goes out for the new day too."""

    class Send(outbox.OutsideEffect[str]):
        sent = 0

        def prepare(self, subject, occurrence):
            return "words"

        def perform(self, prepared):
            Send.sent += 1
            if Send.sent == 1:
                with world.halden.scope():
                    outbox.reschedule("send", 5, due_at=now())

        def record(self, subject, occurrence, prepared): ...

    outbox.outside("send")(Send)
    enqueue(world.halden, "send", 5)
    assert work() == 1
    assert work() == 1
    assert Send.sent == 2
    assert not Outbox.objects.exists()


def test_outside_effects_hold_no_transaction_while_they_perform(world):
    seen = {}

    class Send(outbox.OutsideEffect[str]):
        def prepare(self, subject, occurrence):
            seen["prepare"] = current_organization_id()
            return "words"

        def perform(self, prepared):
            seen["perform"] = (current_organization_id(), connection.in_atomic_block)

        def record(self, subject, occurrence, prepared):
            seen["record"] = current_organization_id()

    outbox.outside("send")(Send)
    enqueue(world.halden, "send", 5)
    work()
    own = world.halden.organization.pk
    assert seen == {"prepare": own, "perform": (None, False), "record": own}


def test_long_work_keeps_its_lease(world, monkeypatch):
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.3))

    class Slow(outbox.OutsideEffect[str]):
        def prepare(self, subject, occurrence):
            return "words"

        def perform(self, prepared):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(1)")
            assert not Outbox.objects.abandoned().exists()

        def record(self, subject, occurrence, prepared): ...

    outbox.outside("slow", long=True)(Slow)
    enqueue(world.halden, "slow", 5)
    [(outbox_id, is_long)] = outbox.hand_over()
    assert is_long
    outbox.run(outbox_id)
    assert not Outbox.objects.exists()


def test_suspended_organizations_wait(world, tally):
    enqueue(world.halden, "tally", 5)
    world.halden.organization.suspended_at = now()
    world.halden.organization.save()
    assert work() == 0
    world.halden.organization.suspended_at = None
    world.halden.organization.save()
    assert work() == 1


def test_an_older_releases_kind_is_counted(world, tally):
    with world.halden.scope():
        outbox.enqueue("tally", 5, due_at=now())
    Outbox.objects.update(kind="gone")
    work()
    assert Outbox.objects.get().failure == "LookupError"


class _Cause(Exception):
    def __init__(self, pgcode):
        self.pgcode = pgcode


def fails(times, pgcode):
    left = [times]

    def unit():
        if left[0]:
            left[0] -= 1
            raise OperationalError("once more") from _Cause(pgcode)
        return "done"

    return unit


@pytest.mark.parametrize("pgcode", ["40001", "40P01"])
def test_serialization_failures_are_tried_three_times(world, pgcode):
    own = world.halden.organization.pk
    assert outbox.in_scope(own, fails(2, pgcode)) == "done"
    with pytest.raises(OperationalError):
        outbox.in_scope(own, fails(3, pgcode))
    with pytest.raises(OperationalError):
        outbox.in_scope(own, fails(1, "57014"))


def test_a_real_serialization_failure_is_tried_again(world):
    own, tries = world.halden.organization.pk, []

    def unit():
        tries.append(1)
        with connection.cursor() as cursor:
            if len(tries) == 1:
                cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
            cursor.execute("SELECT 1")

    outbox.in_scope(own, unit)
    assert len(tries) == 2


def test_another_error_is_not_tried_again(world):
    with pytest.raises(DatabaseError), scope(world.halden.organization.pk):
        Team.objects.create(name="x" * 500)
    with pytest.raises(IntegrityError):
        outbox.in_scope(
            world.halden.organization.pk,
            lambda: Team.objects.create(name=world.halden.team.name),
        )
