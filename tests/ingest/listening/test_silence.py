"""Who usually sends and does not, without false alarms."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from support_portal.core.ids import uuid7
from support_portal.core.sealing import seal
from support_portal.ingest.listening import silence
from support_portal.ingest.listening.models import (
    ArrivalCount,
    DeafInterval,
    DeafKind,
    Role,
    SignOfLife,
)
from support_portal.ingest.listening.services import note_deaf
from support_portal.ingest.models import Delivery

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR = int(NOON.timestamp()) // 3600
WEEK = 168
Rate = Callable[[int], int]  # items by hour of the week, Monday midnight being 0
Open = list[tuple[str, str, datetime, datetime | None]]


@pytest.fixture(autouse=True)
def _listening(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        we_listen()


def we_listen(until: datetime = NOON + timedelta(days=60)) -> None:
    SignOfLife.objects.create(
        role=Role.WEB, name="one", began_at=NOON - timedelta(days=60), seen_at=until
    )


def spoke(name: str, rate: Rate, *, until: datetime, weeks: int = 5, source: str = "hook") -> None:
    """Let a sub-account send by ``rate`` for some weeks, the last time at ``until``."""
    last = int(until.timestamp())
    rows = []
    for hour in range(HOUR - weeks * WEEK - 3, last // 3600 + 1):
        monday = HOUR - 12
        items = rate((hour - monday) % WEEK)
        if items:
            moment = min(hour * 3600 + 3599, last)
            rows.append(
                ArrivalCount(
                    measure="hour", source=source, subject=name, slot=hour, items=items, last=moment
                )
            )
    ArrivalCount.objects.bulk_create(rows)


def silences() -> Open:
    rows = DeafInterval.objects.filter(kind=DeafKind.SILENT).order_by("began_at", "sub_account")
    return [(row.sources, row.sub_account, row.began_at, row.ended_at) for row in rows]


def steady(items: int) -> Rate:
    return lambda hour: items


def office(items: int) -> Rate:
    """Return the rate of an office: Monday to Friday, eight to six."""
    return lambda hour: items if hour < 120 and 8 <= hour % 24 < 18 else 0


@pytest.mark.django_db
def test_a_sub_account_that_usually_sends_is_silent():
    spoke("busy", steady(240), until=NOON - timedelta(minutes=12))

    silence.watch(NOON)

    assert silences() == [("hook", "busy", NOON - timedelta(minutes=12), None)]
    assert DeafInterval.objects.get().expected == 48


@pytest.mark.django_db
def test_a_silence_is_recorded_once_and_ends_when_it_speaks():
    spoke("busy", steady(240), until=NOON - timedelta(minutes=30))
    silence.watch(NOON)
    silence.watch(NOON + timedelta(minutes=1))
    spoken = NOON + timedelta(minutes=2, seconds=10)
    ArrivalCount.objects.create(
        measure="hour", source="hook", subject="busy", slot=HOUR, items=1,
        last=int(spoken.timestamp()),
    )  # fmt: skip

    silence.watch(NOON + timedelta(minutes=3))
    silence.watch(NOON + timedelta(minutes=4))

    assert silences() == [("hook", "busy", NOON - timedelta(minutes=30), spoken)]


@pytest.mark.django_db
def test_two_doors_of_one_sub_account_are_watched_apart():
    spoke("busy", steady(240), until=NOON - timedelta(minutes=30), source="hook")
    spoke("busy", steady(240), until=NOON - timedelta(minutes=1), source="api")

    silence.watch(NOON)

    assert [row[:2] for row in silences()] == [("hook", "busy")]


@pytest.mark.django_db
def test_files_and_demo_data_are_not_watched():
    spoke("archive", steady(240), until=NOON - timedelta(hours=3), source="file")
    spoke("fiction", steady(240), until=NOON - timedelta(hours=3), source="demo")

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
def test_a_short_pause_is_no_silence():
    spoke("busy", steady(100_000), until=NOON - timedelta(minutes=9))

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
def test_two_messages_a_day_never_alarm():
    spoke("small", lambda hour: int(hour % 24 in {9, 17}), until=NOON - timedelta(days=3))

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
@pytest.mark.parametrize("hour", range(0, 7 * 24, 3))
def test_a_quiet_night_and_a_weekend_are_no_silence(hour: int):
    now = NOON - timedelta(hours=12) + timedelta(hours=hour, minutes=20)
    rate = office(500)
    current = int(now.timestamp()) // 3600
    busy = max(each for each in range(current - 80, current + 1) if rate((each - HOUR + 12) % WEEK))
    last = datetime.fromtimestamp(busy * 3600 + 3599, UTC)
    spoke("office", rate, until=min(last, now - timedelta(minutes=5)))

    silence.watch(now)

    assert silences() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "silent"), [(10, False), (50, False), (75, True)])
def test_a_monday_morning_that_begins_late_is_none_until_an_hour_has_passed(
    minutes: int, silent: bool
):
    friday = NOON - timedelta(days=3) + timedelta(hours=5, minutes=59)
    now = NOON - timedelta(hours=4) + timedelta(minutes=minutes)  # from eight o'clock on
    spoke("office", office(500), until=friday)

    silence.watch(now)

    assert bool(silences()) == silent


@pytest.mark.django_db
def test_a_campaign_of_some_weeks_makes_no_rule():
    spoke("campaigns", steady(0), until=NOON - timedelta(hours=2))
    for week in (1, 2, 3):  # the fourth week had none
        ArrivalCount.objects.create(
            measure="hour", source="hook", subject="campaigns", slot=HOUR - week * WEEK - 1,
            items=9000, last=(HOUR - week * WEEK - 1) * 3600,
        )  # fmt: skip
    ArrivalCount.objects.create(
        measure="hour", source="hook", subject="campaigns", slot=HOUR - 5 * WEEK, items=1, last=1
    )

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("weeks", "silent"), [(1, False), (2, True)])
def test_with_less_than_two_weeks_nobody_knows_what_is_usual(weeks: int, silent: bool):
    spoke("new", steady(240), until=NOON - timedelta(minutes=30), weeks=weeks)

    silence.watch(NOON)

    assert bool(silences()) == silent


@pytest.mark.django_db
def test_while_we_are_deaf_nobody_is_silent():
    SignOfLife.objects.update(seen_at=NOON - timedelta(minutes=20))
    spoke("busy", steady(240), until=NOON - timedelta(minutes=20))

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
def test_the_time_we_were_deaf_does_not_count():
    spoke("busy", steady(240), until=NOON - timedelta(hours=2))
    note_deaf(DeafKind.DOWN, NOON - timedelta(hours=2), NOON - timedelta(minutes=5))

    silence.watch(NOON)
    assert silences() == []

    silence.watch(NOON + timedelta(minutes=10))
    assert silences() == [("hook", "busy", NOON - timedelta(minutes=5), None)]


@pytest.mark.django_db
def test_what_waits_to_be_read_may_be_what_is_missed():
    spoke("busy", steady(240), until=NOON - timedelta(minutes=30))
    waiting = uuid7(int((NOON - timedelta(minutes=5)).timestamp() * 1000))
    Delivery.objects.create(id=waiting, source="hook", size=1, body=seal(b"x"))

    silence.watch(NOON)

    assert silences() == []


@pytest.mark.django_db
def test_a_silence_that_lasts_a_week_has_become_usual():
    spoke("gone", steady(240), until=NOON)
    silence.watch(NOON + timedelta(hours=1))
    later = NOON + timedelta(days=8)

    silence.watch(later)
    silence.watch(later + timedelta(minutes=1))

    assert silences() == [("hook", "gone", NOON, NOON + timedelta(days=7))]


@pytest.mark.django_db
def test_old_counts_are_forgotten():
    spoke("old", steady(1), until=NOON, weeks=20)
    ArrivalCount.objects.create(
        measure="minute", source="hook", subject="", slot=HOUR * 60 - 3000, items=1, last=1
    )

    silence.watch(NOON)

    assert ArrivalCount.objects.filter(measure="minute").count() == 0
    assert ArrivalCount.objects.filter(measure="hour").count() == 6 * WEEK + 1


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 30])
def test_watching_takes_the_same_queries_for_one_and_for_many(
    many: int, django_assert_max_num_queries: DjangoAssertNumQueries
):
    for number in range(many):
        spoke(f"busy-{number}", office(240), until=NOON - timedelta(minutes=1))

    with django_assert_max_num_queries(11):
        silence.watch(NOON)


@given(
    rates=st.dictionaries(st.integers(HOUR - 4 * WEEK - 60, HOUR), st.integers(0, 1000)),
    began=st.integers(0, 60 * 60 * 60),
    length=st.integers(0, 60 * 60 * 60),
)
def test_no_more_is_expected_than_the_quietest_weeks_brought(
    rates: dict[int, int], began: int, length: int
):
    ended = NOON
    start = ended - timedelta(seconds=min(began, length))
    most = sum(
        min(rates.get(hour - week * WEEK, 0) for week in range(1, 5))
        for hour in range(HOUR - 61, HOUR + 1)
    )

    found = silence.expected(rates, HOUR - 10 * WEEK, start, ended)

    assert found is not None
    assert 0.0 <= found <= most + 1e-6
