"""The web server is killed while somebody is sending."""

from functools import partial

import pytest

from tests.faults.sending import ACCEPTED, Sender, found, rows, told
from tests.own import OwnStack
from tests.stack import wait_until
from tests.traffic import Traffic, truth

EVENTS = 3_000
SIZES = range(1, 21)
KILLS = 3
SEED = 20260702
NO_ANSWER = 0


@pytest.mark.faults
def test_every_answered_event_is_stored_and_none_twice_after_kills_of_the_web_server(
    portal: OwnStack,
) -> None:
    bodies = Traffic(SEED).bodies(EVENTS, SIZES)
    portal.start_broker()
    portal.start_web()
    portal.start_worker()
    portal.start_beat()

    with Sender(portal, bodies, may_send=portal.is_serving) as sender:
        for kill in range(1, KILLS + 1):
            answered = kill * len(bodies) // (KILLS + 1)
            wait_until(
                partial(_has_answers, sender, answered),
                seconds=60,
                what=f"{answered} answers",
            )
            portal.kill("web")
            assert not sender.finished
            portal.start_web()
        sender.finish(seconds=60)
    wait_until(portal.settled, seconds=60, what="an empty inbox")

    promised, sent, stored = truth(sender.accepted), truth(bodies), found(portal)
    assert set(sender.answers) == {ACCEPTED, NO_ANSWER}
    assert promised.errors - stored.errors == set()
    assert promised.receipts - stored.receipts == set()
    assert stored.errors - sent.errors == set()
    assert stored.receipts - sent.receipts == set()
    assert (stored.repeats, stored.nonsense) == (0, 0)
    assert rows(portal) == told(stored)


def _has_answers(sender: Sender, number: int) -> bool:
    return len(sender.answers) >= number
