"""Thousands at once leave the same rows as one after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from peerlearn.notifications.models import Outbox
from peerlearn.organizations import hiring, hiring_many
from peerlearn.organizations.hiring_many import Amendment
from peerlearn.organizations.models import Assignment, EmailChange, Employee, Membership, User
from tests.factories import make_cost_band, make_team
from tests.world import Place, World

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = date(2026, 11, 26)


def newcomers(place: Place) -> list[dict[str, Any]]:
    shared = {"number": "", "job_title": "", "cost_band": None, "manager": place.manager}
    return [
        {**shared, "name": " Åse ", "email": "ASE@h.example", "hired_on": TODAY,
         "team": place.team, "leaving_on": None, "number": "7"},
        {**shared, "name": "Bo", "email": "bo@h.example", "hired_on": date(2020, 2, 29),
         "team": None, "leaving_on": date(2027, 3, 31)},
        {**shared, "name": "Olga", "email": "olga@nordfjord.example", "hired_on": date(2027, 1, 1),
         "team": place.team, "leaving_on": None},
    ]  # fmt: skip


def one_by_one(place: Place) -> None:
    for person in newcomers(place):
        hiring.hire(**person)


def together(place: Place) -> None:
    hiring_many.hire_all(newcomers(place))


def amended_one_by_one(place: Place, changes: dict[str, dict[str, Any]]) -> None:
    for email, values in changes.items():
        person = Employee.objects.get(email=email)
        fields = (*hiring_many.PLACE, "name", "email", "number", "hired_on", "leaving_on")
        week = ("time_zone", "working_days", "day_starts", "day_ends")
        kept = {name: getattr(person, name) for name in (*fields, *week)}
        present = person.assignments.get(valid_to=None)
        begins = values.get("hired_on", present.valid_from)  # of those who have but one place
        day = max(TODAY, present.valid_from, begins)
        hiring.amend(person, **{**kept, **values}, on=day, at=AT, by=place.hr)


def amended_together(place: Place, changes: dict[str, dict[str, Any]]) -> None:
    people = {person.email: person for person in Employee.objects.all()}
    amendments = [Amendment(people[email], values) for email, values in changes.items()]
    hiring_many.amend_all(amendments, on=TODAY, at=AT, by=place.hr)


def found(place: Place) -> Any:
    """All that the verbs write, without what differs by chance."""
    with place.scope():
        people = {person.pk: person.email for person in Employee.objects.all()}
        left_out = {"id", "public_id", "membership_id", "manager_id"}
        rows = []
        for person in Employee.objects.order_by("email"):
            values = {
                field.attname: getattr(person, field.attname)
                for field in Employee._meta.concrete_fields
                if field.attname not in left_out
            }
            user = Membership.objects.get(pk=person.membership_id).user
            active = Membership.objects.get(pk=person.membership_id).active
            rows.append([values, people.get(person.manager_id), user.email, active])
        places = [
            (people[one.employee_id], one.team_id, people.get(one.manager_id), one.job_title,
             one.cost_band_id, one.valid_from, one.valid_to)
            for one in Assignment.objects.all()
        ]  # fmt: skip
        ends = [
            (row.kind, people[row.subject], row.occurrence, row.due_at)
            for row in Outbox.objects.filter(kind="last_day_over")
        ]
        mails = [(one.before, one.after, one.by_id, one.at) for one in EmailChange.objects.all()]
        ended = sorted(
            Membership.objects.filter(active=False).values_list("user__email", flat=True)
        )
    return rows, sorted(places, key=str), sorted(ends), mails, ended


def both(place: Place, first: Callable[[], None], second: Callable[[], None]) -> tuple[Any, Any]:
    """What each leaves behind, begun from the same."""
    from django.db import transaction

    results = []
    for act in (first, second):
        with transaction.atomic():
            with place.scope():
                act()
            results.append(found(place))
            transaction.set_rollback(True)
    return results[0], results[1]


@pytest.mark.django_db
def test_hiring(world: World) -> None:
    place = world.halden
    ours, theirs = both(place, lambda: together(place), lambda: one_by_one(place))
    assert ours == theirs
    assert len(ours[0]) == 9


@pytest.mark.django_db
def test_amending(world: World) -> None:
    place = world.halden
    with place.scope():
        lines, band = make_team("Lines"), make_cost_band()
        together(place)
    changes: dict[str, dict[str, Any]] = {
        "ase@h.example": {"job_title": "Fitter", "team": lines},  # on her first day
        "bo@h.example": {"leaving_on": date(2027, 5, 1), "cost_band": band, "number": "8"},
        "olga@nordfjord.example": {"hired_on": date(2027, 2, 1), "manager": None},
        "nils@halden.example": {"email": "nils@new.example", "manager": place.colleague},
        "aisha@halden.example": {"name": "Aisha R", "leaving_on": date(2026, 12, 1)},
        "tor@halden.example": {"email": "tor@new.example"},  # without access
    }
    ours, theirs = both(
        place,
        lambda: amended_together(place, changes),
        lambda: amended_one_by_one(place, changes),
    )
    assert ours == theirs
    assert len(ours[3]) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), [("email", "nils@halden.example"), ("number", "7")])
def test_doubles_are_told_beside_their_field(world: World, field: str, value: str) -> None:
    place = world.halden
    with place.scope():
        together(place)
        before = Employee.objects.count(), User.objects.count()
        person = {**newcomers(place)[1], "email": "new@h.example", "number": "99", field: value}
        with pytest.raises(ValidationError) as refused:
            hiring_many.hire_all([{**person, "email": "fine@h.example", "number": "98"}, person])
        assert list(refused.value.message_dict) == [field]
        assert (Employee.objects.count(), User.objects.count()) == before


@pytest.mark.django_db
def test_a_loop_is_refused_and_nobody_is_amended(world: World) -> None:
    place = world.halden
    changes = {
        place.manager.email: {"manager": place.employee},
        place.colleague.email: {"job_title": "Fitter"},
    }
    with place.scope():
        with pytest.raises(ValidationError) as refused:
            amended_together(place, changes)
        assert list(refused.value.message_dict) == ["manager"]
        assert not Employee.objects.filter(job_title="Fitter").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"), [("email", "hr@h.example"), ("leaving_on", date(2027, 1, 1))]
)
def test_the_access_of_an_admin_is_an_admins(world: World, field: str, value: Any) -> None:
    place = world.halden
    with place.scope():
        with pytest.raises(ValidationError) as refused:
            amended_together(place, {place.admin.email: {field: value}})
        assert list(refused.value.message_dict) == [field]
        Employee.objects.filter(pk=place.hr.pk).update(is_admin=True)
        amended_together(place, {place.admin.email: {field: value}})
        assert getattr(Employee.objects.get(pk=place.admin.pk), field) == value


@pytest.mark.django_db
def test_statements_do_not_grow_with_people(world: World, django_assert_num_queries: Any) -> None:
    place = world.halden

    def take_on(count: int, mark: str) -> None:
        people = [
            {**newcomers(place)[1], "email": f"{mark}{n}@h.example", "number": ""}
            for n in range(count)
        ]
        hired = hiring_many.hire_all(people)
        changes = [Amendment(one, {"job_title": "Fitter"}) for one in hired]
        hiring_many.amend_all(changes, on=TODAY, at=AT, by=place.hr)

    with place.scope(), django_assert_num_queries(20):
        take_on(5, "a")
    with place.scope(), django_assert_num_queries(20):
        take_on(100, "b")
