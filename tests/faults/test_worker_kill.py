"""The worker is killed in the middle of its work, again and again."""

from functools import partial

import pytest

from tests.faults.sending import ACCEPTED, Sender, found, ledger, rows, told
from tests.own import OwnStack
from tests.stack import wait_until
from tests.traffic import Traffic, truth

EVENTS = 10_000
SIZES = range(100, 501)
AT_MOST_WAITING = 8  # deliveries: enough for a long transaction, too few to be done at once
KILLS = 3
SEED = 20260701


@pytest.mark.faults
def test_every_accepted_event_is_there_once_after_kills_of_the_worker(portal: OwnStack) -> None:
    bodies = Traffic(SEED, repeats=0.03, nonsense=0.01).bodies(EVENTS, SIZES)
    portal.start_broker()
    portal.start_web()
    portal.start_beat()
    unfinished = []

    with Sender(portal, bodies, may_send=lambda: portal.pending() < AT_MOST_WAITING) as sender:
        for kill in range(KILLS):
            done_before = portal.count("ingest_delivery", "state = 'done'")
            portal.start_worker()
            wait_until(
                partial(_is_at_work, portal, at_least=done_before + min(kill, 1)),
                seconds=60,
                what="a worker in the middle of a drain",
            )
            portal.kill("worker")
            unfinished.append(portal.pending() > 0)
        portal.start_worker()
        sender.finish(seconds=60)
    wait_until(portal.settled, seconds=60, what="an empty inbox")

    expected = truth(bodies)
    assert unfinished == [True] * KILLS
    assert sender.answers == [ACCEPTED] * len(bodies)
    assert found(portal) == expected
    assert rows(portal) == told(expected)
    assert ledger(portal) == (
        len(expected.errors) + len(expected.receipts),
        expected.repeats,
        expected.nonsense,
    )


def _is_at_work(portal: OwnStack, *, at_least: int) -> bool:
    """Tell whether a drain is inside its transaction, and this worker has finished one before."""
    return (
        portal.count("ingest_delivery", "state = 'done'") >= at_least
        and portal.pending() > 1
        and portal.database.is_writing()
    )
