"""Business hours: worked examples, and what is true of any."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from support_portal.inquiries.hours import Hours, between, between_beside, due, due_beside, opening

WEEK = frozenset({1, 2, 3, 4, 5})
ZONES = ("UTC", "Asia/Manila", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
         "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Apia")  # fmt: skip
BERLIN = Hours(ZoneInfo("Europe/Berlin"), WEEK, time(9), time(17))
HOUR = timedelta(hours=1)


def local(text: str, hours: Hours = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=hours.zone)


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-11-24 10:00", 2 * HOUR, "2026-11-24 12:00"),
        ("2026-11-24 16:30", 2 * HOUR, "2026-11-25 10:30"),
        ("2026-11-24 09:00", 8 * HOUR, "2026-11-24 17:00"),  # the very end, not the next opening
        ("2026-11-27 16:00", 2 * HOUR, "2026-11-30 10:00"),  # over a weekend
        ("2026-11-28 12:00", 1 * HOUR, "2026-11-30 10:00"),  # sent on a Saturday
        ("2026-11-24 20:00", 0 * HOUR, "2026-11-25 09:00"),
        ("2026-11-24 10:00", 80 * HOUR, "2026-12-08 10:00"),
        ("2026-03-27 16:00", 2 * HOUR, "2026-03-30 10:00"),  # the clocks go forward that Sunday
    ],
)
def test_hours_that_are_over(start: str, length: timedelta, expected: str) -> None:
    assert due(BERLIN, local(start), length) == local(expected)


def test_a_holiday_is_no_working_day() -> None:
    hours = Hours(BERLIN.zone, WEEK, time(9), time(17), frozenset({date(2026, 12, 25)}))

    assert due(hours, local("2026-12-24 16:00"), 2 * HOUR) == local("2026-12-28 10:00")


@pytest.mark.parametrize(
    ("day", "long"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-01", 24)]
)
def test_a_day_across_a_change_of_the_clocks_has_the_hours_it_has(day: str, long: int) -> None:
    hours = Hours(BERLIN.zone, frozenset(range(1, 8)), time(0), time(0))
    start = local(f"{day} 00:00")

    assert due(hours, start, long * HOUR) == start + timedelta(days=1)
    assert between(hours, start, start + timedelta(days=1)) == long * HOUR


def test_a_day_that_was_skipped_is_not_counted_twice() -> None:
    hours = Hours(ZoneInfo("Pacific/Apia"), frozenset(range(1, 8)), time(9), time(17))
    start, end = datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)

    assert between(hours, start, end) == timedelta(hours=3 + 8 + 8 + 5)


def test_a_desk_around_the_clock_counts_every_hour() -> None:
    hours = Hours(ZoneInfo("America/Santiago"), frozenset(range(1, 8)), time(0), time(0))
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert due(hours, start, timedelta(days=365)) == start + timedelta(days=365)


@pytest.mark.parametrize(
    ("days", "opens", "closes"),
    [
        (frozenset(), time(9), time(17)),
        (frozenset({8}), time(9), time(17)),
        (WEEK, time(9), time(9)),
    ],
)
def test_hours_in_which_nobody_works_are_refused(
    days: frozenset[int], opens: time, closes: time
) -> None:
    with pytest.raises(ValueError, match=r"works|ends"):
        Hours(BERLIN.zone, days, opens, closes)


def test_a_day_begins_when_the_desk_opens() -> None:
    assert opening(BERLIN, date(2026, 7, 4)) == datetime(2026, 7, 4, 7, tzinfo=UTC)


moments = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)).map(
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)
lengths = st.integers(0, 60 * 120).map(lambda minutes: timedelta(minutes=minutes))
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def desks(draw: st.DrawFn) -> Hours:
    opens, closes = draw(quarters), draw(quarters)
    assume(closes == time(0) or opens < closes)
    year = draw(st.integers(2005, 2034))
    days = st.dates(date(year, 1, 1), date(year, 12, 31))
    return Hours(
        ZoneInfo(draw(st.sampled_from(ZONES))),
        draw(st.frozensets(st.integers(1, 7), min_size=1)),
        opens,
        closes,
        draw(st.frozensets(days, max_size=5)),
    )


@given(desks(), moments, lengths)
def test_what_is_due_lies_so_many_hours_ahead(
    hours: Hours, start: datetime, length: timedelta
) -> None:
    end = due(hours, start, length)

    assert end >= start + length
    assert between(hours, start, end) == length
    assert between(hours, end, start) == -length


@given(desks(), moments, lengths, lengths)
def test_hours_add_up(hours: Hours, start: datetime, one: timedelta, other: timedelta) -> None:
    assert due(hours, due(hours, start, one), other) in (
        due(hours, start, one + other),
        due(hours, due(hours, start, one + other), timedelta()),  # nothing more, at the close
    )


@given(desks(), moments, lengths, lengths)
def test_more_hours_or_a_later_start_end_no_earlier(
    hours: Hours, start: datetime, length: timedelta, more: timedelta
) -> None:
    assert due(hours, start, length) <= due(hours, start, length + more)
    assert due(hours, start, length) <= due(hours, start + more, length)


@given(desks(), moments, lengths, lengths)
def test_hours_between_are_additive(
    hours: Hours, start: datetime, one: timedelta, other: timedelta
) -> None:
    middle, end = start + one, start + one + other

    assert between(hours, start, middle) + between(hours, middle, end) == between(hours, start, end)


def works(hours: Hours, moment: datetime) -> bool:
    """Tell, minute by minute and from the wall clock, whether the desk is open."""
    there = moment.astimezone(hours.zone)
    return (
        there.isoweekday() in hours.days
        and there.date() not in hours.holidays
        and hours.opens <= there.time()
        and (hours.closes == time(0) or there.time() < hours.closes)
    )


# Only where no clock change makes the time of opening or closing come twice, or not at all.
by_day = st.sampled_from(
    [(time(9), time(17)), (time(6, 30), time(22, 15)), (time(12), time(12, 30))]
)


@given(st.sampled_from(ZONES), by_day, st.frozensets(st.integers(1, 7), min_size=1), moments,
       st.integers(0, 60 * 24 * 4))  # fmt: skip
def test_they_agree_with_the_clock_on_the_wall(
    zone: str, times: tuple[time, time], days: frozenset[int], start: datetime, minutes: int
) -> None:
    hours = Hours(ZoneInfo(zone), days, *times)
    start = start.replace(second=0)
    each = timedelta(minutes=1)

    counted = sum(works(hours, start + n * each) for n in range(minutes))

    assert between(hours, start, start + minutes * each) == counted * each


def test_pauses_put_off_what_is_due_by_their_business_hours() -> None:
    rules, begin = BERLIN, local("2026-11-23 10:00")
    length = timedelta(hours=6)
    plain = due(rules, begin, length)
    pauses = [
        (plain + timedelta(days=3), plain + timedelta(days=4)),  # after it was due
        (begin + timedelta(hours=1), begin + timedelta(hours=3)),
        (begin - timedelta(days=2), begin - timedelta(days=1)),  # before it began
    ]

    end = due_beside(rules, begin, length, pauses)

    worked = between(rules, begin + timedelta(hours=1), begin + timedelta(hours=3))
    assert end == due(rules, begin, length + worked)
    assert between_beside(rules, begin, end, pauses) == length
    assert due_beside(rules, begin, length, []) == plain
