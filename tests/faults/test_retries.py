"""8x8 sends a receipt again after 1, 10, 30 and 90 s, whether or not it heard our answer."""

import random
import threading
from contextlib import closing

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.senders import HOOK, Senders
from tests.faults.storm import Supervisor
from tests.own import OwnStack
from tests.stack import wait_until
from tests.traffic import Body, Traffic

SEED = 20261202
RECEIPTS = 30
TRIES = 5
PAUSES = (1, 10, 30, 90)  # seconds, as 8x8 documents them
QUICKER = 4  # times, so that a test does not take two minutes
KEPT = 200


class EightByEight:
    """Sends every receipt until it is taken, five times at most."""

    def __init__(self, senders: Senders) -> None:
        self.senders = senders
        self.given_up: list[Body] = []
        self.ended = threading.Event()

    def deliver(self, body: Body) -> None:
        """Send ``body``, and again after the pauses of 8x8."""
        with closing(self.senders.connect(HOOK)) as client:
            for pause in (0, *PAUSES):
                self.ended.wait(pause / QUICKER)
                if self.senders.post(body, client) == KEPT:
                    return
        self.given_up.append(body)


@pytest.mark.faults
def test_receipts_that_come_five_times_and_with_a_twin_each_time_are_stored_once(
    portal: OwnStack,
) -> None:
    traffic = Traffic(SEED)
    bodies = [Body((traffic.receipt(),)) for _ in range(RECEIPTS)]
    portal.start_everything()
    senders = Senders(portal, traffic)

    with closing(senders.connect(HOOK)) as one, closing(senders.connect(HOOK)) as other:
        tries = [body for body in bodies for _ in range(TRIES)]
        random.Random(SEED).shuffle(tries)
        for body in tries:
            assert senders.post_twins(body, [one, other]) == [KEPT, KEPT]
    wait_until(portal.settled, seconds=60, what="an empty inbox")

    stored = found(portal)
    assert check(senders.postings, stored) == Findings()
    assert set(stored.told.values()) == {2 * TRIES}


@pytest.mark.faults
def test_8x8_gives_no_receipt_up_while_the_web_server_is_killed_and_comes_back(
    portal: OwnStack,
) -> None:
    traffic = Traffic(SEED)
    bodies = [Body((traffic.receipt(),)) for _ in range(RECEIPTS)]
    portal.start_everything()
    senders = Senders(portal, traffic)
    sender = EightByEight(senders)
    threads = [threading.Thread(target=sender.deliver, args=(body,)) for body in bodies]

    with Supervisor(portal) as supervisor:
        for thread in threads[: RECEIPTS // 2]:
            thread.start()
        supervisor.kill("web")
        for thread in threads[RECEIPTS // 2 :]:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(portal.settled, seconds=60, what="an empty inbox")

    assert sender.given_up == []
    assert check(senders.postings, found(portal)) == Findings()
