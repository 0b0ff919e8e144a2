"""Signs of life of several processes, by odd clocks, and the gaps that follow."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from support_portal.ingest.listening.models import DeafInterval, DeafKind, Role, SignOfLife
from support_portal.ingest.listening.services import (
    MISSED,
    PERIOD,
    SIGNS_KEPT,
    SIGNS_READ,
    Living,
    give_sign,
    name_interval,
    note_deaf,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
Found = tuple[str, int, int]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def web(name: str = "one:1") -> Living:
    return Living(Role.WEB, name)


def sign(living: Living, seconds: float, since: float = 5.0) -> None:
    give_sign(living, now=at(seconds), since_last=timedelta(seconds=since))


def lives(living: Living, *seconds: int) -> None:
    for moment in seconds:
        sign(living, moment)


def intervals() -> list[Found]:
    rows = DeafInterval.objects.order_by("began_at")
    return [
        (
            row.kind,
            round((row.began_at - NOON).total_seconds()),
            round((row.ended_at - NOON).total_seconds()) if row.ended_at else -1,
        )
        for row in rows
    ]


@pytest.mark.django_db
def test_a_process_that_lives_on_has_one_row_that_grows():
    lives(web(), 0, 5, 10, 15)

    rows = list(SignOfLife.objects.values_list("role", "name", "began_at", "seen_at"))
    assert rows == [("web", "one:1", at(0), at(15))]
    assert intervals() == []


@pytest.mark.django_db
def test_the_time_in_which_everything_was_down_is_recorded_when_something_comes_up():
    lives(web("one:1"), 0, 5)

    lives(web("one:2"), 425, 430)

    assert intervals() == [("down", 5, 425)]


@pytest.mark.django_db
def test_two_processes_that_come_up_record_one_interval():
    lives(web("one:1"), 0)

    for name in ("one:2", "one:3", "two:1"):
        lives(web(name), 300)

    assert intervals() == [("down", 0, 300)]


@pytest.mark.django_db
def test_a_process_that_is_replaced_while_another_listens_makes_no_interval():
    one, other = web("one:1"), web("two:1")
    for moment in range(0, 60, 5):
        sign(one, moment)
    for moment in range(50, 200, 5):
        sign(other, moment)

    lives(web("one:2"), 150)

    assert intervals() == []


@pytest.mark.django_db
def test_a_restart_that_takes_a_few_seconds_is_not_worth_an_interval():
    lives(web("one:1"), 0)

    lives(web("one:2"), int(MISSED.total_seconds()))

    assert intervals() == []


@pytest.mark.django_db
def test_a_process_that_was_stopped_and_goes_on_was_deaf_meanwhile():
    one = web()
    sign(one, 0)

    sign(one, 600, since=600)

    assert intervals() == [("down", 0, 600)]
    assert SignOfLife.objects.count() == 2


@pytest.mark.django_db
def test_a_process_that_lived_without_its_database_could_not_keep_anything():
    one = web()
    sign(one, 0)
    one.failures = 7

    sign(one, 40, since=40)

    assert intervals() == [("refused", 0, 40)]
    assert one.failures == 0


@pytest.mark.django_db
def test_the_worker_and_beat_do_not_listen():
    lives(web("one:1"), 0)
    lives(Living(Role.WORKER, "one:7"), 5, 10, 15, 200)

    lives(web("one:2"), 200)

    assert intervals() == [("down", 0, 200)]


@pytest.mark.django_db
def test_a_clock_that_leaps_forward_makes_no_interval_while_the_process_lives():
    one = web()
    lives(one, 0, 5)

    sign(one, 3605, since=5)

    assert intervals() == []
    assert SignOfLife.objects.get().seen_at == at(3605)


@pytest.mark.django_db
def test_a_clock_that_is_set_back_makes_no_interval_and_no_row_ends_in_the_future():
    one, dead = web("one:1"), web("two:1")
    lives(dead, 100, 3595)
    lives(one, 3595, 3600)

    sign(one, 60, since=5)
    lives(web("one:2"), 62)

    assert intervals() == []
    assert not SignOfLife.objects.filter(seen_at__gt=at(62)).exists()


@pytest.mark.django_db
def test_a_gap_after_the_clock_was_set_back_is_found_by_the_new_time():
    one = web("one:1")
    lives(one, 3600)
    sign(one, 60, since=5)

    lives(web("one:2"), 360)

    assert intervals() == [("down", 60, 360)]


@pytest.mark.django_db
def test_old_signs_are_forgotten_but_the_last_one_before_a_long_absence_is_not():
    rows = [
        SignOfLife(role=Role.WEB, name="one", began_at=at(number), seen_at=at(number + 1))
        for number in range(SIGNS_KEPT)
    ]
    SignOfLife.objects.bulk_create(rows)

    lives(web(), 90 * 86_400)

    assert SignOfLife.objects.count() == SIGNS_READ
    assert intervals() == [("down", SIGNS_KEPT, 90 * 86_400)]


@pytest.mark.django_db
def test_what_was_refused_during_a_gap_is_one_interval_with_it():
    note_deaf(DeafKind.DOWN, at(0), at(300))

    note_deaf(DeafKind.REFUSED, at(2), at(290), refused=7, doors=["hook"])
    note_deaf(DeafKind.REFUSED, at(10), at(310), refused=3, doors=["api", "hook"])

    found = DeafInterval.objects.get()
    assert intervals() == [("refused", 0, 310)]
    assert (found.refused, found.sources) == (10, "api hook")


@pytest.mark.django_db
def test_refusals_soon_after_one_another_are_one_trouble_and_reach_over_what_lies_between():
    note_deaf(DeafKind.REFUSED, at(0), at(1), refused=1, doors=["hook"])
    note_deaf(DeafKind.DOWN, at(20), at(40))

    note_deaf(DeafKind.REFUSED, at(90), at(91), refused=1, doors=["hook"])
    note_deaf(DeafKind.REFUSED, at(500), at(500), refused=1, doors=["hook"])

    assert intervals() == [("refused", 0, 91), ("refused", 500, 500)]


@pytest.mark.django_db
def test_a_silence_stays_apart_from_what_we_did_not_hear():
    DeafInterval.objects.create(kind=DeafKind.SILENT, sub_account="a", began_at=at(0))

    note_deaf(DeafKind.DOWN, at(10), at(60))

    assert intervals() == [("silent", 0, -1), ("down", 10, 60)]


@pytest.mark.django_db
def test_a_note_is_kept_as_typed_and_survives_a_merger():
    named = note_deaf(DeafKind.DOWN, at(200), at(300))
    name_interval(named, note=" moved\r\nto <b>db2</b>\x00 ", by="lead", now=at(400))

    merged = note_deaf(DeafKind.DOWN, at(0), at(250))

    assert DeafInterval.objects.get() == merged
    assert (merged.note, merged.noted_by) == ("moved\nto <b>db2</b>\ufffd", "lead")
    assert merged.noted_at == at(400)


@pytest.mark.django_db
def test_an_empty_note_takes_the_name_away():
    found = note_deaf(DeafKind.DOWN, at(0), at(300))
    name_interval(found, note="planned", by="lead", now=at(400))

    name_interval(found, note="  ", by="lead", now=at(500))

    found.refresh_from_db()
    assert (found.note, found.noted_by, found.noted_at) == ("", "", None)


@pytest.mark.parametrize(("seconds", "lost"), [(130, None), (131, at(0)), (420, at(289))])
def test_what_8x8_repeated_after_the_end_is_not_lost(seconds: int, lost: datetime | None):
    found = DeafInterval(kind=DeafKind.DOWN, began_at=at(0), ended_at=at(seconds))

    assert found.lost_until == lost


def test_a_silence_says_nothing_about_what_is_lost():
    found = DeafInterval(kind=DeafKind.SILENT, began_at=at(0), ended_at=at(9000))

    assert found.lost_until is None


class Sequences(TestCase):
    """Hypothesis runs each example in a transaction of its own."""

    @settings(max_examples=25)
    @given(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30), st.integers(1, 12)), max_size=12)
    )
    def test_the_intervals_are_exactly_the_gaps_that_no_process_covers(
        self, lives_of: list[tuple[int, int, int]]
    ) -> None:
        """Each life is (process, pause before it, signs); processes overlap freely."""
        spans = list(_spans(lives_of))
        signs = sorted(
            (moment, number)
            for number, (began, ended) in enumerate(spans)
            for moment in range(began, ended + 1, int(PERIOD.total_seconds()))
        )
        processes: dict[int, Living] = {}
        for moment, number in signs:
            sign(processes.setdefault(number, web(f"p:{number}")), moment)

        expected: list[Found] = []
        covered = None
        for began, ended in sorted(spans):
            if covered is not None and began - covered > MISSED.total_seconds():
                # One sign alone is no stretch of time: the gaps at its sides are one interval.
                joined = bool(expected) and expected[-1][2] == covered
                expected.append(("down", expected.pop()[1] if joined else covered, began))
            covered = max(ended, covered or 0)
        assert intervals() == expected

    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 2),  # process
                st.integers(0, 400),  # steady seconds that pass before the sign
                st.sampled_from([0, 0, 0, -3600, -60, 60, 3600]),  # a step of the wall clock
                st.sampled_from(["lives", "lives", "dies", "loses its database"]),
            ),
            max_size=25,
        )
    )
    def test_whatever_the_clock_does_intervals_never_overlap_and_never_end_before_they_begin(
        self, story: list[tuple[int, int, int, str]]
    ) -> None:
        wall, steady = 100_000.0, 0.0
        processes: dict[int, tuple[Living, float]] = {}
        for number, passes, step, fate in story:
            wall, steady = wall + passes + step, steady + passes
            living, last = processes.get(number, (web(f"p:{number}"), steady))
            if fate == "dies":
                processes.pop(number, None)
            elif fate == "loses its database":
                living.failures += 1
                processes[number] = (living, last)
            else:
                sign(living, wall, since=steady - last)
                processes[number] = (living, steady)

        found = intervals()
        assert [each for each in found if each[2] < each[1]] == []
        assert [pair for pair in pairwise(found) if pair[0][2] > pair[1][1]] == []
        assert [each for each in found if each[2] - each[1] <= MISSED.total_seconds()] == []


def _spans(lives_of: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each life; the lives of one process follow one another."""
    ends: dict[int, int] = {}
    for process, pause, signs in lives_of:
        began = ends.get(process, 0) + pause * 7
        ends[process] = began + (signs - 1) * int(PERIOD.total_seconds())
        yield began, ends[process]
