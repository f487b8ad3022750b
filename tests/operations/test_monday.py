"""A Monday at a company of 5,000 that begins with peerlearn, from the messy file of its personnel
system to days that were handed over, while everything that can be away is away for a while."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.mime.text import MIMEText
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from peerlearn.clock import now
from peerlearn.notifications.models import Outbox
from peerlearn.organizations import inviting
from peerlearn.organizations.models import Employee
from tests.factories import PASSWORD
from tests.notifications.kit import smtp_sink
from tests.operations import monday_days as days
from tests.operations import monday_people as people
from tests.operations import monday_program as program
from tests.operations.conftest import Broker
from tests.operations.monday_days import Ten
from tests.operations.monday_kit import (
    ANSWERS,
    Browser,
    Clock,
    Company,
    OwnCalendar,
    Post,
    let_all_be_done,
    path_in,
    subject,
    text,
)
from tests.sessions.test_concurrency import nobody_is_in_two_places

MONDAY = datetime(2026, 10, 12, 6, tzinfo=UTC)  # 08:00 in Oslo, until the clocks change on the 25th
ADMIN, HR = "runa@nordlys.example", "ingrid@nordlys.example"
INVITED = "invites you to Nordlys Nett"


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """Mails go to a mail server."""
    with smtp_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_USE_TLS = False
        settings.INVITATIONS_A_DAY = 20_000  # as docs/operations.md says for a firm of this size
        yield Post(sink)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_monday_of_a_company_of_five_thousand(
    clock: Clock, post: Post, broker: Broker, live_server: Any
) -> None:
    ANSWERS.clear()
    company, admin, hr = begin(clock, post)
    staff = people.everybody()
    take_over(company, hr, staff)
    invite(company, admin, staff)
    emails = {name: staff[at].email for name, at in people.TEN.items()}
    ten = Ten(company, {name: come_in(company, one) for name, one in emails.items()}, emails)
    days.all_of_it(ten, hr, broker, live_server, meanwhile=lambda: program.all_of_it(ten))
    nothing_is_lost_or_doubled(company)


# --- The company begins ------------------------------------------------------------------------
def begin(clock: Clock, post: Post) -> tuple[Company, Browser, Browser]:
    """Runa begins it, and asks Ingrid in as HR."""
    admin = Browser()
    admin.go("/begin/")
    said = {"organization": "Nordlys Nett", "name": "Runa Dahl", "email": ADMIN}
    admin.press("Send me a code", **said, time_zone="Europe/Oslo", agreed="on")
    (mail,) = post.new(ADMIN)
    (code,) = re.findall(r"\b\d{6}\b", text(mail))
    admin.press("Sign in", code=code)
    company = Company(admin.at.removesuffix("start/"), clock, post)
    admin.go(f"{company.home}people/add/")
    admin.press("Add", name="Ingrid Solheim", email=HR)
    admin.says("Ingrid Solheim is added")
    admin.go(f"{admin.at}invite/")
    admin.press("Send the invitation", is_hr="on")
    let_all_be_done()
    return company, admin, come_in(company, HR)


def come_in(company: Company, email: str) -> Browser:
    """By the link in one's newest mail of that kind, with a password of one's own; then out, and
    in again."""
    invitation = [mail for mail in company.post.new(email) if INVITED in subject(mail)][-1]
    browser = Browser()
    browser.go(path_in(invitation, rf"{company.home}invitation/\S+"))
    browser.press("Accept and go in", password=PASSWORD)
    assert browser.at == company.home, browser.words()
    other = Browser()
    other.go("/account/login/")
    other.press("Sign in", login=email, password=PASSWORD)
    assert other.at == company.home, other.words()
    return browser


# --- HR imports its people ---------------------------------------------------------------------
def take_over(company: Company, hr: Browser, staff: list[people.Person]) -> None:
    """With mistakes, which are named; then without; then once more, which changes nothing."""
    rows = people.as_exported(staff)
    messy = people.as_exported(staff)
    wrong = people.spoilt(messy)
    choose(
        company, hr, "Personalliste.csv", people.as_text(messy, separator=";", encoding="cp1252")
    )
    hr.says("Read as Windows-1252 with semicolons, headings in row 3.")
    assert guessed(hr) == list(people.TARGETS)
    hr.press("Show what would change")
    let_all_be_done()
    hr.go(hr.at)
    hr.says(f"{len(wrong)} rows have errors.", f"{len(wrong)} rows to correct")
    told = mistakes(hr)
    assert [row for row, _why in told] == sorted(wrong)
    for row, why in told:
        assert why.startswith(wrong[row]), (row, why)
    assert "Import 5" not in hr.words()
    hr.press("Cancel, change nothing")
    right = people.as_text(rows, separator="\t", encoding="utf-16")
    check(company, hr, right)
    hr.says("5000 would be new.", "Make 65 that are not there yet")
    hr.press("Import 5000 changes", makes="on")
    let_all_be_done()
    hr.go(hr.at)
    hr.says("Done: 5000 new, 0 changed.")
    assert in_the_database(company) == {as_known(one) for one in staff}
    check(company, hr, right)
    hr.says("Nothing would change.")
    hr.press("Cancel, change nothing")


def check(company: Company, hr: Browser, content: bytes) -> None:
    """As it is guessed, up to what would change."""
    choose(company, hr, "Personalliste.txt", content)
    hr.says("Read as UTF-16 with tabs, headings in row 3.")
    hr.press("Show what would change")
    let_all_be_done()
    hr.go(hr.at)


def choose(company: Company, hr: Browser, name: str, content: bytes) -> None:
    hr.go(f"{company.home}people/import/")
    hr.press("Read the file", kind="people", file=SimpleUploadedFile(name, content))
    let_all_be_done()
    hr.go(hr.at)


def guessed(hr: Browser) -> list[str]:
    selects = hr.tree().xpath("//table//select")
    return [select.value for select in selects]


def mistakes(hr: Browser) -> list[tuple[int, str]]:
    """The row and the beginning of what is told about it."""
    found = []
    for line in hr.tree().xpath("//section[@aria-labelledby='err-h']//tbody/tr"):
        row = line.xpath("string(th/text()[last()])").strip()
        found.append((int(row), " ".join(line.xpath("string(td[last()])").split())))
    return sorted(found)


def in_the_database(company: Company) -> set[tuple[Any, ...]]:
    with company.scope():
        rows = Employee.objects.exclude(number="").select_related("team", "manager")
        return {
            (one.number, one.name, one.email, one.team.name, one.job_title,
             one.manager.number if one.manager else "", one.hired_on, one.leaving_on)
            for one in rows
        }  # fmt: skip


def as_known(one: people.Person) -> tuple[Any, ...]:
    return (one.number, one.name, one.email, one.team, one.title, one.manager, one.hired_on,
            one.leaving_on)  # fmt: skip


# --- An admin invites them -----------------------------------------------------------------------
def invite(company: Company, admin: Browser, staff: list[people.Person]) -> None:
    """One team first, then everybody else. Their mails go one after the other."""
    page = f"{company.home}people/invite/"
    admin.go(page)
    (team,) = admin.tree().xpath(f"//select[@name='team']/option[text()={people.TEAM!r}]/@value")
    admin.go(f"{page}?team={team}")
    admin.press("Send 73 invitations")
    admin.says("73 invitations go out now, one each second.")
    admin.go(page)
    admin.press("Send 4927 invitations")
    assert Outbox.objects.filter(kind=inviting.SENDING).count() == 5000
    first = company.clock.later(seconds=72) or let_all_be_done()
    then = company.clock.later(seconds=4927) or let_all_be_done(workers=2)
    assert (first, then) == (73, 4927)
    theirs = {one.email for one in staff}
    mailed = (parseaddr(str(mail["To"]))[1] for mail in company.post.sink.mails)
    asked = Counter(email for email in mailed if email in theirs)
    assert (len(asked), max(asked.values())) == (5000, 1)
    assert {one.email for one in staff if one.team == people.TEAM} <= set(asked)
    admin.go(page)


# --- In the end ----------------------------------------------------------------------------------
def nothing_is_lost_or_doubled(company: Company) -> None:
    """Weeks later, when whatever was due is done."""
    company.clock.on(datetime(2026, 12, 1, 12, tzinfo=UTC))
    let_all_be_done()
    assert not Outbox.objects.filter(due_at__lte=now()).exists()
    assert not Outbox.objects.dead().exists()
    with company.scope():
        assert nobody_is_in_two_places()
    assert max(Counter(company.post.sink.ids).values()) == 1
    assert [status for status in ANSWERS if status >= 500] == []


def test_twin_a_message_that_is_no_newer_than_the_last_is_noticed() -> None:
    lines = ("BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:a", "SEQUENCE:1",
             "DTSTART:20261022T060000Z", "DTEND:20261022T130000Z", "END:VEVENT",
             "END:VCALENDAR")  # fmt: skip
    mail = MIMEText("\r\n".join(lines), "calendar")
    calendar = OwnCalendar()
    assert calendar.take_in([mail]) == [("REQUEST", "a")]
    with pytest.raises(AssertionError):
        calendar.take_in([mail])
