"""A database that was restarted while connections lay idle in every thread."""

from contextlib import ExitStack

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.senders import HOOK, Senders
from tests.own import OwnStack
from tests.servers import wait_for
from tests.stack import wait_until
from tests.traffic import Traffic

SEED = 20261203
CONNECTIONS = 12  # more than there are threads
IN_A_ROW = 30
SECONDS = 20.0


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["postgresql-redis"], indirect=True)
def test_every_thread_and_the_worker_find_a_database_that_was_restarted(portal: OwnStack) -> None:
    portal.start_everything()
    senders = Senders(portal, Traffic(SEED))

    with ExitStack() as ends:
        clients = [senders.connect(HOOK) for _ in range(CONNECTIONS)]
        for client in clients:
            ends.callback(client.close)

        def post_many() -> set[int]:
            """Post to all threads at once, several times."""
            answers: set[int] = set()
            for body in senders.traffic.bodies(IN_A_ROW, [1]):
                answers |= set(senders.post_twins(body, clients))
            return answers

        assert post_many() == {200}
        wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")
        portal.kill("database")
        portal.relaunch("database")
        assert portal.cluster is not None
        wait_for(portal.cluster, "the database")
        wait_until(lambda: post_many() == {200}, seconds=SECONDS, what="only promises")
    wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")

    assert check(senders.postings, found(portal)) == Findings()
