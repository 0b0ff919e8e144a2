"""Clocks that are set, and clocks that differ: nothing waits for ever and nothing is passed over."""

from contextlib import closing

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.senders import Senders
from tests.own import OwnStack
from tests.stack import wait_until
from tests.traffic import Traffic

SEED = 20261201
SECONDS = 60.0
HOUR = 3600
KEEP_UNRUNG = """
import django; django.setup()
from support_portal.ingest.services import receive
receive(b'{"code": 1300, "errorId": "1cc1eda1-f5dd-ea11-8288-0263195dd35a",'
        b' "timestamp": "2020-12-22T05:52:01.85Z"}', source="api")
"""


@pytest.mark.faults
def test_events_before_and_after_a_clock_is_set_back_and_forth_are_all_recorded(
    portal: OwnStack,
) -> None:
    portal.carry_clock()
    portal.start_everything()
    senders = Senders(portal, Traffic(SEED, repeats=0.1))
    answers = []

    with closing(senders.connect()) as client:
        for wrong_by in (0, -2 * HOUR, -3 * HOUR, HOUR, -1, 0):
            portal.set_clock(wrong_by)
            answers += [
                senders.post(body, client) for body in senders.traffic.bodies(200, [1, 1, 20])
            ]
    wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")

    assert set(answers) == {202}
    assert check(senders.postings, found(portal)) == Findings()


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["sqlite"], indirect=True)
def test_the_sweep_goes_on_when_the_clock_is_set_back(portal: OwnStack) -> None:
    portal.carry_clock()
    portal.start_worker()
    portal.start_beat()
    portal.run(KEEP_UNRUNG)
    wait_until(portal.settled, seconds=SECONDS, what="a sweep")

    portal.set_clock(-2 * HOUR)
    portal.run(KEEP_UNRUNG)

    wait_until(portal.settled, seconds=SECONDS, what="a sweep after the clock was set back")


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["sqlite"], indirect=True)
def test_a_worker_whose_clock_is_ahead_hears_the_rings_of_the_others(portal: OwnStack) -> None:
    portal.carry_clock()
    portal.set_clock(HOUR // 2)
    portal.start_worker()
    portal.carry_clock("true clock")
    portal.start_beat()

    portal.run(KEEP_UNRUNG)

    wait_until(portal.settled, seconds=SECONDS, what="a sweep by a worker that is ahead")
