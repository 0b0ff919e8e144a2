"""A scale of time: true inside its stretches, cut where one gap would leave no room for the rest."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from support_portal.dashboard.scale import CUT_WIDTH, Scale

BEGAN = datetime(2026, 7, 20, 8, tzinfo=UTC)


def scale(*seconds: float) -> Scale:
    return Scale((at(each) for each in seconds), 0, 1000)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_what_happens_close_together_is_drawn_to_scale() -> None:
    line = scale(0, 1, 4)

    assert (line.cuts, [line.x(at(each)) for each in (0, 1, 4)]) == ((), [0, 250, 1000])


def test_ten_days_of_waiting_are_left_out_and_said() -> None:
    days = timedelta(days=10).total_seconds()
    line = scale(0, 1, 4, days)

    assert [cut.length for cut in line.cuts] == [timedelta(seconds=days - 4)]
    assert [line.x(at(each)) for each in (0, 4, days)] == [0, 1000 - CUT_WIDTH, 1000]
    assert line.x(at(1)) * 4 == line.x(at(4))


def test_one_long_gap_alone_is_no_reason_to_cut() -> None:
    assert scale(0, 1_000_000).cuts == ()


def test_one_moment_is_a_place() -> None:
    assert scale(0).x(BEGAN) == 0


def test_ticks_are_round_times_of_the_reader() -> None:
    assert list(scale(7, 607).round_times()) == [at(each) for each in range(120, 601, 120)]


def test_ticks_are_round_in_a_zone_half_an_hour_off() -> None:
    with timezone.override("Asia/Kolkata"):
        assert next(iter(scale(60, 3 * 3600).round_times())) == at(1800)


moments = st.lists(st.floats(0, 1e10, allow_subnormal=False), min_size=1, max_size=12)


@given(moments)
def test_later_never_stands_before_earlier_and_nothing_outside(seconds: list[float]) -> None:
    line = scale(*seconds)

    places = [line.x(at(each)) for each in sorted(seconds)]

    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] <= 1000


@given(moments)
def test_lengths_compare_wherever_they_stand(seconds: list[float]) -> None:
    line = scale(*seconds)

    for stretch in line.stretches:
        width = (stretch.ended - stretch.began).total_seconds() * line.second
        assert abs(stretch.right - stretch.left - width) < 0.01
