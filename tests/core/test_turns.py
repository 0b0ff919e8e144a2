"""A turn ends before its time is over."""

from support_portal.core.turns import Turn


def taken(seconds: float, pieces: list[float]) -> float:
    """Return how long a turn takes whose pieces would take so long each."""
    passed = [0.0]
    turn = Turn(seconds, lambda: passed[0])
    for piece in pieces:
        passed[0] += piece
        if not turn.has_room():
            break
    return passed[0]


def test_a_piece_that_would_not_be_over_in_time_is_not_begun():
    assert taken(1.0, [0.25] * 9) == 0.75
    assert taken(1.0, [0.125, 0.5, 0.125, 0.125]) == 0.625
    assert taken(8.0, [0.25] * 9) == 2.25


def test_there_is_always_one_piece():
    assert taken(0, [0.25] * 9) == 0.25
    assert taken(1.0, [3.0] * 9) == 3.0
