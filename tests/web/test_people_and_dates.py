from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from peerlearn.web import dates
from peerlearn.web.people import initials

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Someone:
    zone: ZoneInfo
    twelve_hour_clock: bool = False


OSLO = Someone(ZoneInfo("Europe/Oslo"))
NEW_YORK = Someone(ZoneInfo("America/New_York"), twelve_hour_clock=True)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nils Eriksen", "NE"),
        ("Lin Yu-Chen", "LY"),
        ("Ana María de la Cruz", "AC"),
        ("pelé", "P"),
        ("Þóra Ýr", "ÞÝ"),
        ("ıtır ışık", "II"),
        ("ßeta", "ß"),
        ("山田 太郎", "山太"),
        ("محمد علي", "مع"),
        ("कीर्ति शर्मा", "कीश"),
        ("ნინო ბერიძე", "ნბ"),
        ("“Bo” (Berg)", "BB"),
        ("Ǆemal", "ǅ"),
        ("", "?"),
        ("–", "?"),
    ],
)
def test_initials_in_any_script(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_letter_keeps_its_marks_however_they_are_written() -> None:
    assert initials("E\N{COMBINING ACUTE ACCENT}lodie") == "É"


def test_times_follow_the_readers_zone_and_clock() -> None:
    start = datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
    assert dates.clock_time(start, OSLO) == "14:30"
    assert dates.clock_time(start, NEW_YORK) == "8:30\N{NO-BREAK SPACE}am"
    assert dates.clock_time(time(0, 5), NEW_YORK) == "12:05\N{NO-BREAK SPACE}am"
    assert dates.clock_time(time(12), NEW_YORK) == "12:00\N{NO-BREAK SPACE}pm"
    assert dates.time_range(time(8), time(16), OSLO) == "08:00–16:00"
    assert (
        dates.time_range(time(8), time(16), NEW_YORK)
        == "8:00\N{NO-BREAK SPACE}am – 4:00\N{NO-BREAK SPACE}pm"
    )


def test_a_day_is_that_of_the_readers_zone() -> None:
    late = datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert dates.day_words(late, OSLO, TODAY) == "Tue 1 December"
    assert dates.day_words(late, NEW_YORK, TODAY) == "Mon 30 November"


def test_the_offset_comes_from_the_days_own_date() -> None:
    """Both changes of the clock: 25 October 2026 and 28 March 2027."""
    noon = {
        day: datetime.combine(day, time(12), UTC)
        for day in (date(2026, 10, 24), date(2026, 10, 26), date(2027, 3, 27), date(2027, 3, 29))
    }
    assert [dates.clock_time(at, OSLO) for at in noon.values()] == [
        "14:00",
        "13:00",
        "13:00",
        "14:00",
    ]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 12, 1), date(2026, 12, 3), "Tue 1 – Thu 3 December"),
        (date(2026, 11, 30), date(2026, 12, 2), "Mon 30 November – Wed 2 December"),
        (date(2026, 12, 31), date(2027, 1, 4), "Thu 31 December – Mon 4 January 2027"),
        (date(2026, 12, 1), date(2026, 12, 1), "Tue 1 December"),
    ],
)
def test_ranges_of_days(first: date, last: date, words: str) -> None:
    assert dates.day_range(first, last, OSLO, TODAY) == words


def test_a_moment_names_day_and_time() -> None:
    at = datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert dates.moment(at, OSLO, TODAY) == "Sun 22 November, 06:00"


def test_a_midnight_that_ends_something_is_the_end_of_the_day_before() -> None:
    midnight = datetime(2026, 12, 3, 23, tzinfo=UTC)
    assert dates.until(midnight, OSLO, TODAY) == "the end of Thu 3 December"
    assert dates.until(datetime(2026, 12, 31, 23, tzinfo=UTC), OSLO, TODAY).endswith("31 December")
    assert dates.until(midnight, NEW_YORK, TODAY) == "Thu 3 December, 6:00\N{NO-BREAK SPACE}pm"
    assert dates.until(midnight.replace(minute=1), OSLO, TODAY) == "Fri 4 December, 00:01"
