"""The time between stretches of time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.listening.gaps import Stretch, gaps

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAST = timedelta(seconds=15)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def stretches(*pairs: tuple[int, int]) -> list[Stretch]:
    return [(at(began), at(ended)) for began, ended in pairs]


@st.composite
def some_stretches(draw: st.DrawFn) -> list[tuple[int, int]]:
    begins = draw(st.lists(st.integers(0, 500), max_size=12))
    return [(began, began + draw(st.integers(0, 120))) for began in begins]


def test_the_time_between_two_stretches_is_a_gap():
    assert gaps(stretches((0, 100), (160, 200)), longer_than=LEAST) == stretches((100, 160))


def test_a_short_pause_is_no_gap():
    assert gaps(stretches((0, 100), (115, 200)), longer_than=LEAST) == []


def test_there_is_no_gap_while_one_of_several_processes_listens():
    one, other = (0, 100), (150, 300)

    assert gaps(stretches(one, other, (90, 160)), longer_than=LEAST) == []
    assert gaps(stretches((0, 400), one, other), longer_than=LEAST) == []


@given(some_stretches())
def test_gaps_are_exactly_the_long_runs_of_seconds_that_no_stretch_covers(pairs):
    covered = {second for began, ended in pairs for second in range(began, ended)}
    last = max((ended for _, ended in pairs), default=0)
    first = min((began for began, _ in pairs), default=0)

    found = gaps(stretches(*pairs), longer_than=LEAST)

    expected = []
    start = None
    for second in range(first, last + 1):
        if second < last and second not in covered:
            start = second if start is None else start
        elif start is not None:
            expected.append((start, second))
            start = None
    # A stretch without length divides a run in two.
    points = sorted({began for began, ended in pairs if began == ended})
    for point in points:
        expected = [
            part
            for began, ended in expected
            for part in (
                [(began, point), (point, ended)] if began < point < ended else [(began, ended)]
            )
        ]
    assert found == stretches(*(run for run in expected if run[1] - run[0] > LEAST.seconds))
