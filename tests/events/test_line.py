"""One line of time: places by event time, the time since the step before, never arrival."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support_portal.events.line import Kind, Point, line

BEGAN = datetime(2026, 7, 20, 8, tzinfo=UTC)


def point(kind: Kind, seconds: float, said: str = "", **more: object) -> Point[str]:
    return Point(kind, BEGAN + timedelta(seconds=seconds), said or kind.name, **more)  # type: ignore[arg-type]


points = st.lists(
    st.builds(
        point,
        st.sampled_from(Kind),
        st.integers(0, 3),
        key=st.uuids().map(str),
        lane=st.integers(0, 2),
    ),
    max_size=10,
)


def test_the_time_since_the_last_counts_from_steps_and_not_from_comments() -> None:
    placed = line(
        [
            point(Kind.RECEIPT, 9),
            point(Kind.COMMENT, 5),
            point(Kind.DEAF, 3),
            point(Kind.ERROR, 2),
            point(Kind.REQUEST, 0),
        ]
    )

    assert [(each.point.said, each.since_last) for each in placed] == [
        ("REQUEST", None),
        ("ERROR", timedelta(seconds=2)),
        ("DEAF", None),
        ("COMMENT", timedelta(seconds=3)),
        ("RECEIPT", timedelta(seconds=7)),
    ]


def test_at_one_moment_the_request_comes_before_its_answer() -> None:
    placed = line([point(Kind.RECEIPT, 0), point(Kind.ERROR, 0), point(Kind.REQUEST, 0)])

    assert [each.point.said for each in placed] == ["REQUEST", "ERROR", "RECEIPT"]


@given(points.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_same_points_in_any_order_give_the_same_line(
    both: tuple[list[Point[str]], list[Point[str]]],
) -> None:
    told, shuffled = both

    assert line(told) == line(shuffled)
