"""Several drains on the same rows at the same moment."""

from contextlib import closing

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.senders import Senders
from tests.own import OwnStack
from tests.processes import PYTHON, Program
from tests.stack import DRAIN, wait_until
from tests.traffic import Traffic

SEED = 20261129
EVENTS = 6_000
DRAINS = ("first drain", "second drain", "third drain")


@pytest.mark.faults
def test_drains_that_run_at_once_record_everything_once_and_count_it_right(
    portal: OwnStack,
) -> None:
    bodies = Traffic(SEED, repeats=0.1, nonsense=0.01).bodies(EVENTS, [1, 1, 50, 400])
    portal.start_web()
    senders = Senders(portal, Traffic(SEED))
    with closing(senders.connect()) as client:
        assert {senders.post(body, client) for body in bodies} == {202}
    assert portal.pending() == len(bodies)

    for name in DRAINS:
        portal.launch(name, Program((*PYTHON, "-c", DRAIN), portal.environment))
    wait_until(
        lambda: set(portal.ended()) == set(DRAINS), seconds=120, what="the end of every drain"
    )

    assert [portal.processes[name].returncode for name in DRAINS] == [0, 0, 0]
    assert check(senders.postings, found(portal)) == Findings()
