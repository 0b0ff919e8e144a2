"""Nobody who sends to us may notice that the broker is away."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import require
from tests.faults.sending import ACCEPTED, found
from tests.stack import DRAIN, RABBITMQ, SECRET, free_port, stack
from tests.traffic import Client, Traffic, truth

SECONDS = 2.0
SEED = 20260703


@pytest.mark.faults
@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_events_are_taken_and_kept_while_nobody_listens_at_the_broker(
    tmp_path: Path, scheme: str
) -> None:
    bodies = Traffic(SEED).bodies(200, [1, 20])
    broker = f"{scheme}://127.0.0.1:{free_port()}//"

    with stack(tmp_path, database="sqlite", broker=broker) as portal:
        portal.start_web()
        client = Client(portal.port, headers={"Authorization": f"Bearer {SECRET}"})
        answers = [client.post(body.bytes) for body in bodies]
        client.close()
        portal.run(DRAIN)

        assert {answer.status for answer in answers} == {ACCEPTED}
        assert max(answer.seconds for answer in answers) < SECONDS
        assert found(portal) == truth(bodies)
