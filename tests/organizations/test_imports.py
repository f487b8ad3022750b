"""HR imports people over HTTP: what is shown before, and what is there afterwards."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, time
from typing import Any

import pytest
from django.contrib.auth.hashers import is_password_usable
from django.core import mail
from django.test import Client

from peerlearn.notifications.models import Outbox
from peerlearn.organizations.importing import wrong_rows
from peerlearn.organizations.models import (
    Assignment,
    Employee,
    Import,
    ImportLine,
    Membership,
    Team,
)
from tests.factories import make_employee, set_password, user_of
from tests.notifications.kit import work
from tests.organizations.import_kit import (
    HEADINGS,
    as_csv,
    as_xlsx,
    check,
    columns,
    everybody,
    lines,
    newest,
    path,
    person,
    read,
    upload,
    whole,
    write,
)
from tests.world import Place, World

ASE = ("7", "Åse Bakken", "ase@halden.example", "Substations", "mette@halden.example", "Fitter",
       "2026-01-05", "")  # fmt: skip


def a_file(place: Place, *more: Any) -> bytes:
    return as_csv([HEADINGS, *everybody(place), *more])


@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_from_the_file_to_people_who_can_sign_in(world: World, client: Client, form: Any) -> None:
    place = world.halden
    row = check(client, place, form([HEADINGS, *everybody(place), ASE]))
    shown = client.get(path(place, row)).content.decode()
    assert "1 would be new." in shown
    assert "Åse Bakken" in shown
    with place.scope():
        assert not Employee.objects.filter(number="7").exists()
    done = write(client, place, row)
    assert (done.state, done.counts["new"], done.counts["changed"]) == ("done", 1, 0)
    made = person(place, "ase@halden.example")
    assert (made.number, made.team, made.manager) == ("7", place.team, place.manager)
    assert (made.hired_on, made.job_title) == (date(2026, 1, 5), "Fitter")
    assert (made.is_hr, made.is_admin, made.time_zone) == (False, False, "Europe/Oslo")
    with place.scope():
        assert Assignment.objects.get(employee=made).valid_from == date(2026, 1, 5)
    assert not is_password_usable(user_of(made).password)
    theirs = place.sign_in(Client(), made)
    assert theirs.get(place.path("employees")).status_code == 200


def test_the_same_file_twice_changes_nothing(world: World, client: Client) -> None:
    place = world.halden
    content = a_file(place, ASE, ("", "Bo Ek", "bo@halden.example", "New team", "7", "", "", ""))
    assert whole(client, place, content).state == "done"
    with place.scope():
        before = list(Employee.objects.values()), list(Assignment.objects.values())
    row = check(client, place, content)
    assert (row.counts["new"], row.counts["changed"], row.counts["error"]) == (0, 0, 0)
    assert row.counts["same"] == 7
    with place.scope():
        assert before == (list(Employee.objects.values()), list(Assignment.objects.values()))
    assert "Nothing would change." in client.get(path(place, row)).content.decode()


def test_what_changes_is_told_and_kept_with_its_day(world: World, client: Client) -> None:
    place, nils = world.halden, world.halden.employee
    rows = everybody(place)
    at = next(n for n, row in enumerate(rows) if row[1] == nils.name)
    rows[at] = ["40213", "Nils Eriksen", nils.email, "Lines", "aisha@halden.example", "Fitter",
                "2025-01-06", "2027-03-31"]  # fmt: skip
    row = check(client, place, as_csv([HEADINGS, *rows]))
    shown = client.get(path(place, row)).content.decode()
    for told in (
        "Team: Substations, now Lines",
        "Manager: Mette Aas, now Aisha Rahman",
        "Job title: Technician, now Fitter",
        "Last day: now 31 March 2027",
        "Make 1 that is not there yet",
    ):
        assert told in shown
    refused = client.post(path(place, row, "write"), {"digest": row.digest})
    assert refused.status_code == 422
    assert "Say that these may be made" in refused.content.decode()
    assert write(client, place, row, makes="on").state == "done"
    changed = person(place, nils.email)
    assert (changed.number, changed.leaving_on) == ("40213", date(2027, 3, 31))
    with place.scope():
        team = Team.objects.get(name="Lines")
        assert team.parent == place.company
        places = Assignment.objects.filter(employee=nils).order_by("valid_from")
        assert [one.team for one in places] == [place.team, team]
        assert places[0].valid_to == places[1].valid_from
    ending = Outbox.objects.get(kind="last_day_over", subject=nils.pk)
    assert ending.occurrence == "2027-03-31"


def test_where_people_work_and_how_long(world: World, client: Client) -> None:
    place, nils = world.halden, world.halden.employee
    with place.scope():
        place.organization.settle_in(country="NO", region="")
    more = ("Arbeitsland", "Bundesland", "Wochenstunden")
    rows = [
        [*row, *(("Deutschland", "Bayern", "20") if row[1] == nils.name else ("NO", "", ""))]
        for row in everybody(place)
    ]
    content = as_csv([(*HEADINGS, *more), *rows, (*ASE, "Germany", "BY", "37,5")])
    row = check(client, place, content)
    shown = client.get(path(place, row)).content.decode()
    for told in (
        "Place of work: country: Germany",
        "Place of work: country: now Germany",
        "Place of work: region: now Bayern",
        "Hours per week, of who is new: 37.5",
    ):
        assert told in shown
    assert write(client, place, row).state == "done"
    ase, changed = person(place, "ase@halden.example"), person(place, nils.email)
    assert [(one.country, one.region) for one in (ase, changed)] == [("DE", "BY")] * 2
    assert (ase.day_ends, changed.day_ends) == (time(15, 30), nils.day_ends)
    assert {one.country for one in (person(place, place.hr.email), place.manager)} == {""}
    again = check(client, place, content)
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    wrong = as_csv([(*HEADINGS, *more), (*ASE[:2], "li@h.example", *ASE[3:], "Narnia", "", "all")])
    told = client.get(path(place, check(client, place, wrong))).content.decode()
    assert "Is no country, such as Norway or NO" in told
    assert "Is no number of hours in a week" not in told  # Åse is here, by her number


def test_whoever_is_not_in_the_file_stays_unless_hr_says_how_many(
    world: World, client: Client
) -> None:
    place = world.halden
    rows = [row for row in everybody(place) if "Nils" not in row[1] and "Runa" not in row[1]]
    row = check(client, place, as_csv([HEADINGS, *rows, ASE]))
    assert [title for _row, title, _what in lines(place, row, "gone")] == ["Nils Eriksen"]
    assert row.kept == ["Runa Dahl"]  # the admin
    for number in ("", "2", "all"):
        data = {"digest": row.digest, "removes": "on", "number": number}
        refused = client.post(path(place, row, "write"), data)
        assert refused.status_code == 422
        assert "To remove 1 person, write 1" in refused.content.decode()
    kept = write(client, place, row)
    assert kept.state == "done"
    assert person(place, place.employee.email).active
    assert "is not in the file, and stays" in client.get(path(place, kept)).content.decode()
    theirs = place.sign_in(Client(), place.employee)
    row = check(client, place, as_csv([HEADINGS, *rows, ASE]))
    done = write(client, place, row, removes="on", number="1")
    assert done.state == "done"
    assert not person(place, place.employee.email).active
    assert person(place, place.admin.email).active
    assert theirs.get(place.path("employees")).status_code == 404


def test_rows_with_errors_stop_it(world: World, client: Client) -> None:
    place = world.halden
    wrong = [
        ("8", "A", "no e-mail", "", "", "", "", ""),
        ("9", "", "b@halden.example", "", "", "", "", ""),
        ("10", "C", "c@halden.example", "", "99999", "", "", ""),
        ("11", "D", "d@halden.example", "", "12", "", "", ""),
        ("12", "E", "e@halden.example", "", "11", "", "", ""),
        ("13", "F", "f@halden.example", "", "13", "", "", ""),
        ("14", "G", "g@halden.example", "", "", "", "31.02.2026", ""),
        ("14", "H", "h@halden.example", "", "", "", "", ""),
        ("15", "I", "", "", "", "", "", ""),
        ("16", "J", "j@halden.example", "", "", "", "2026-01-05", "2026-01-04"),
        ("17", "n" * 201, "k@halden.example", "", "", "", "", ""),
        ("18", "L\0L", "l@halden.example", "", "", "", "", ""),
    ]
    row = check(client, place, a_file(place, *wrong, ASE))
    found = {number: what["problems"][0][2] for number, _title, what in lines(place, row, "error")}
    assert found == {
        7: "email",
        8: "name_missing",
        9: "nobody",
        10: "manager_loop",
        11: "manager_loop",
        12: "manager_self",
        13: "day",
        14: "twice",
        15: "email_missing",
        16: "leaves_before",
        17: "long",
        18: "no_text",
    }
    shown = client.get(path(place, row)).content.decode()
    assert "12 rows have errors." in shown
    assert "<code>31.02.2026</code>" in shown
    assert 'name="digest"' not in shown
    answer = client.post(path(place, row, "write"), {"digest": row.digest}, follow=True)
    assert "gone on meanwhile" in answer.content.decode()
    assert work() == 0
    with place.scope():
        assert not Employee.objects.filter(number="7").exists()


def test_rows_with_errors_are_a_file_to_correct(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    wrong = [
        ("8", "=HYPERLINK(A1)", "no e-mail", "", "", "", "", "-"),
        ("9", "Bo Ek", "bo@halden.example", "", "99999", "", "31.02.2026", ""),
    ]
    row = check(client, place, a_file(place, *wrong, ASE))
    file = path(place, row, "mistakes")
    assert f'href="{file}"' in client.get(path(place, row)).content.decode()
    answer = client.get(file)
    assert answer["Content-Disposition"] == 'attachment; filename="people-to-correct.csv"'
    headings, first, second = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert headings == [*HEADINGS, "Row", "What is wrong"]
    assert first[:3] + first[7:9] == ["8", "'=HYPERLINK(A1)", "no e-mail", "-", "7"]
    assert first[9] == "Work e-mail: Is no e-mail address"
    assert second[8:] == ["8", "; ".join(_whys(client, place, row)[1:])]
    first[2], second[4], second[6] = "a@halden.example", "", "2026-02-01"
    assert check(client, place, as_csv([headings, first, second])).counts["error"] == 0
    monkeypatch.setattr(wrong_rows, "harmless", str)  # the twin
    assert ",=HYPERLINK" in client.get(file).content.decode()
    client.post(path(place, row, "cancel"))
    assert client.get(file)["Location"] == path(place, row)


def test_no_separator_of_the_file_lets_a_formula_begin(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells are parted by commas where HR opens it, and a file names its separator itself."""
    place = world.halden
    wrong = ["8", 'Eve,=HYPERLINK("//evil")', "no e-mail"]
    row = check(client, place, as_csv([HEADINGS[:3], wrong], separator=";"))
    file = path(place, row, "mistakes")
    assert ",'=HYPERLINK" in client.get(file).content.decode()
    monkeypatch.setattr(wrong_rows, "_AFTER_A_COMMA", re.compile("(?!)()"))  # the twin
    assert ",=HYPERLINK" in client.get(file).content.decode()
    named = b"sep==\r\n" + as_csv([HEADINGS[:3], ("", "1+1", "no")], separator="=")
    file = path(place, check(client, place, named), "mistakes")
    assert "\n," in client.get(file).content.decode()
    monkeypatch.setattr(wrong_rows, "_SEPARATORS", "=")  # the twin
    assert "\n=1+1=" in client.get(file).content.decode()


def _whys(client: Client, place: Place, row: Import) -> list[str]:
    """Column and reason of each mistake, as the page says them."""
    found = client.get(path(place, row)).context["mistakes"]
    return [f"{one.column}: {one.why}" for one in found]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "李" * 200, "ا" * 200, "👩🏽‍🔧 Ωmega", "<script>alert(1)</script>", "O'Neil, Jr"],
)
def test_any_name_is_kept_as_it_is(world: World, client: Client, name: str) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ("7", name, "x@halden.example", "", "", "", "", "")))
    assert b"<script>alert" not in client.get(path(place, row)).content
    assert write(client, place, row).state == "done"
    assert person(place, "x@halden.example").name == name


# --- What an import never does ---------------------------------------------------------------
def test_it_gives_no_role_and_touches_no_secret(world: World, client: Client) -> None:
    """Somebody of another organization is taken on: their password stays theirs."""
    place, olga = world.halden, world.nordfjord.employee
    set_password(olga)
    secret = user_of(olga).password
    rows = [[*HEADINGS, "Role", "Admin"], [*ASE[:2], olga.email, *ASE[3:], "HR", "yes"]]
    done = whole(client, place, as_csv(rows))
    assert done.state == "done"
    taken = person(place, olga.email)
    assert (taken.is_hr, taken.is_admin) == (False, False)
    assert user_of(taken).pk == user_of(olga).pk
    assert user_of(olga).password == secret
    assert person(world.nordfjord, olga.email).name == olga.name


@pytest.mark.parametrize(
    ("email", "last", "code"),
    [
        ("mine@halden.example", "", "email_of_admin"),
        ("runa@halden.example", "2027-01-01", "last_day_of_admin"),
    ],
)
def test_only_an_admin_touches_the_access_of_an_admin(
    world: World, client: Client, email: str, last: str, code: str
) -> None:
    place = world.halden
    with place.scope():
        Employee.objects.filter(pk=place.admin.pk).update(number="1")
    rows = [["1", place.admin.name, email, "", "", "", "", last]]
    row = check(client, place, as_csv([HEADINGS, *rows]))
    assert lines(place, row, "error")[0][2]["problems"][0][2] == code


def test_another_email_is_told_to_the_old_one(world: World, client: Client) -> None:
    place, nils = world.halden, world.halden.employee
    with place.scope():
        Employee.objects.filter(pk=nils.pk).update(number="1")
    theirs = place.sign_in(Client(), nils)
    rows = [["1", nils.name, "new@halden.example", "", "", "", "", ""]]
    done = whole(client, place, as_csv([HEADINGS, *rows]))
    assert done.state == "done"
    assert theirs.get(place.path("employees")).status_code == 404
    work()
    told = [message for message in mail.outbox if message.to == [f"{nils.name} <{nils.email}>"]]
    assert len(told) == 1
    assert "n•••@halden.example" in told[0].body
    assert place.hr.name in told[0].body


def test_who_left_comes_back_without_the_roles_they_had(world: World, client: Client) -> None:
    place, tor = world.halden, world.halden.deactivated
    with place.scope():
        boss = make_employee("Old Boss", is_hr=True)
        boss.deactivate(at=place.organization.created_at)
    rows = [["", tor.name, tor.email, "", "", "", "", ""], ["", boss.name, boss.email] + [""] * 5]
    row = check(client, place, as_csv([HEADINGS, *rows]))
    assert lines(place, row, "error")[0][2]["problems"][0][2] == "comes_back_with_roles"
    row = check(client, place, as_csv([HEADINGS, rows[0]]))
    assert "Gets access again" in client.get(path(place, row)).content.decode()
    assert write(client, place, row).state == "done"
    assert person(place, tor.email).active


def test_whose_last_day_is_over_is_not_added(world: World, client: Client) -> None:
    place, tor = world.halden, world.halden.deactivated
    rows = [
        ["9", "Old Hand", "old@halden.example", "", "", "", "1990-01-01", "2020-01-01"],
        ["", tor.name, tor.email, "", "", "", "", "2025-09-30"],
    ]
    row = check(client, place, as_csv([HEADINGS, *rows]))
    assert (row.counts["new"], row.counts["same"]) == (0, 2)


# --- Between looking and writing -------------------------------------------------------------
def test_what_somebody_changed_meanwhile_is_shown_before_anything_is_written(
    world: World, client: Client
) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ASE))
    with place.scope():
        make_employee("Åse", email="ase@halden.example")
    stopped = write(client, place, row)
    assert stopped.state == "checking"
    assert stopped.changed_meanwhile
    work()
    again = newest(place)
    assert (again.state, again.counts["new"], again.counts["changed"]) == ("checked", 0, 1)
    assert "Somebody changed people meanwhile" in client.get(path(place, again)).content.decode()
    stale = client.post(path(place, again, "write"), {"digest": row.digest})
    assert stale.status_code == 422
    assert write(client, place, again).state == "done"


def test_twin_without_looking_again_it_would_write_what_nobody_saw(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ASE))
    with place.scope():
        make_employee("Åse", email="ase@halden.example")
    monkeypatch.setattr("peerlearn.organizations.importing.plans.Plan.digest", row.digest)
    assert write(client, place, row).state == "done"
    assert person(place, "ase@halden.example").name == "Åse Bakken"


def test_all_or_nothing(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = world.halden
    rows = [row for row in everybody(place) if "Nils" not in row[1]]
    row = check(client, place, as_csv([HEADINGS, *rows, ASE]))

    def breaks(self: Employee, **_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Employee, "deactivate", breaks)
    done = write(client, place, row, removes="on", number="1")
    assert (done.state, done.failure) == ("failed", "error")
    assert "Nothing was changed" in client.get(path(place, done)).content.decode()
    with place.scope():
        assert not Employee.objects.filter(email="ase@halden.example").exists()


def test_columns_can_be_chosen_otherwise(world: World, client: Client) -> None:
    place = world.halden
    row = read(client, place, as_csv([["A", "B", "C"], ["Åse Bakken", "ase@halden.example", "7"]]))
    assert row.mapping == ["", "email", ""]
    page = client.get(path(place, row)).content.decode()
    assert "Only a guess" in page
    refused = client.post(path(place, row, "columns"), columns(row))
    assert refused.status_code == 422
    assert "No column holds the name" in refused.content.decode()
    twice = client.post(path(place, row, "columns"), columns(row, c0="name", c2="name"))
    assert twice.status_code == 422
    assert "Another column goes there already" in twice.content.decode()
    client.post(path(place, row, "columns"), columns(row, c0="name", c2="number"))
    work()
    row = newest(place)
    assert row.counts["new"] == 1
    client.post(path(place, row, "columns"), columns(row, c2=""))
    work()
    done = write(client, place, newest(place))
    assert done.state == "done"
    assert person(place, "ase@halden.example").number == ""


def test_cancelling_changes_nothing_and_deletes_the_file(world: World, client: Client) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ASE))
    answer = client.post(path(place, row, "cancel"), follow=True)
    assert "is deleted" in answer.content.decode()
    gone = newest(place)
    assert (gone.state, bytes(gone.content), gone.columns) == ("cancelled", b"", [])
    with place.scope():
        assert not ImportLine.objects.exists()
    late = client.post(path(place, row, "write"), {"digest": row.digest}, follow=True)
    assert "gone on meanwhile" in late.content.decode()


def test_cancelling_while_it_is_written_rolls_it_back(world: World, client: Client) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ASE))
    client.post(path(place, row, "write"), {"digest": row.digest})
    assert "0 of 1 change<" in client.get(path(place, row)).content.decode()
    client.post(path(place, row, "cancel"))
    assert work() == 0
    with place.scope():
        assert not Employee.objects.filter(email="ase@halden.example").exists()


def test_it_is_forgotten_after_a_day(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.halden
    waiting = check(client, place, a_file(place, ASE))
    done = write(client, place, waiting)
    assert bytes(done.content) == b""
    unfinished = read(client, place, a_file(place))
    Outbox.objects.filter(kind="import_forgotten").update(due_at=done.begun_at)
    work()
    with place.scope():
        assert Import.objects.get(pk=done.pk).state == "done"
        left = Import.objects.get(pk=unfinished.pk)
        assert (left.state, bytes(left.content)) == ("forgotten", b"")
        assert not ImportLine.objects.exists()
    assert "waited for a day" in client.get(path(place, left)).content.decode()


def test_whoever_let_it_be_written_is_told(world: World, client: Client) -> None:
    place = world.halden
    whole(client, place, a_file(place, ASE))
    work()
    told = [message for message in mail.outbox if place.hr.email in message.to[0]]
    assert [message.subject for message in told] == ["people.csv is imported"]
    assert "1 new, 0 changed." in told[0].body


def test_who_is_not_hr_any_more_imports_nothing(world: World, client: Client) -> None:
    place = world.halden
    row = check(client, place, a_file(place, ASE))
    client.post(path(place, row, "write"), {"digest": row.digest})
    with place.scope():
        Employee.objects.filter(pk=place.hr.pk).update(is_hr=False)
    work()
    assert (newest(place).state, newest(place).failure) == ("failed", "not_hr")
    with place.scope():
        assert not Employee.objects.filter(email="ase@halden.example").exists()


def test_few_imports_wait_at_a_time(world: World, client: Client) -> None:
    place = world.halden
    for _ in range(5):
        assert upload(client, place, a_file(place)).status_code == 302
    refused = upload(client, place, a_file(place))
    assert refused.status_code == 422
    assert b"5 imports are not over yet" in refused.content


def test_a_membership_that_was_ended_opens_again(world: World, client: Client) -> None:
    """Of somebody who was an employee under another e-mail long ago."""
    place = world.halden
    user = user_of(world.nordfjord.employee)
    Membership.objects.create(user=user, organization=place.organization, active=False)
    done = whole(client, place, as_csv([HEADINGS, [*ASE[:2], user.email, *ASE[3:]]]))
    assert done.state == "done"
    assert person(place, user.email).membership.active


def test_pages_ask_little(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    place = world.halden
    few = [[f"{n}", f"N {n}", f"{n}@halden.example"] + [""] * 5 for n in range(100, 110)]
    many = [[f"{n}", f"N {n}", f"{n}@halden.example"] + [""] * 5 for n in range(100, 200)]
    counts = []
    for rows in (few, many):
        row = check(client, place, as_csv([HEADINGS, *rows]))
        with django_assert_max_num_queries(12) as counted:
            client.get(path(place, row))
        counts.append(len(counted))
        with django_assert_max_num_queries(12):
            client.get(place.path("imports"))
    assert counts[0] == counts[1]


def test_an_example_can_be_imported_as_it_is(world: World, client: Client) -> None:
    place = world.halden
    place.sign_in(client, place.hr)
    example = client.get(place.path("import_example")).content
    row = check(client, place, example)
    assert (row.counts["new"], row.counts["error"]) == (2, 0)
    assert write(client, place, row, makes="on").state == "done"
