"""Nobody who sends to us may notice that the broker is away."""

import select
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.faults.sending import ACCEPTED, found
from tests.own import OwnStack
from tests.servers import wait_for
from tests.stack import DRAIN, SECRET, Stack, free_port, stack, wait_until
from tests.traffic import Answer, Body, Client, Traffic, truth

SECONDS = 2.0
SEED = 20260703


class Mute:
    """A stretch of network before the broker that can fall silent without closing anything."""

    def __init__(self, broker: str) -> None:
        parts = urlsplit(broker)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self.listener = socket.create_server(("127.0.0.1", 0))
        user = parts.netloc.rpartition("@")[0]
        here = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.url = urlunsplit(parts._replace(netloc=f"{user}@{here}" if user else here))
        self.ends: dict[socket.socket, socket.socket] = {}
        self.silent = threading.Event()
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self._forward)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.closed.set()
        self.thread.join()
        for end in (self.listener, *self.ends):
            end.close()

    def _forward(self) -> None:
        while not self.closed.is_set():
            readable, _, _ = select.select([self.listener, *self.ends], [], [], 0.05)
            if self.silent.is_set():
                self.closed.wait(0.05)
                continue
            for end in readable:
                self._accept() if end is self.listener else self._pass_on(end)

    def _accept(self) -> None:
        near, _ = self.listener.accept()
        far = socket.create_connection(self.target)
        self.ends |= {near: far, far: near}

    def _pass_on(self, end: socket.socket) -> None:
        other = self.ends.get(end)
        if other is None:
            return
        data = end.recv(65536)
        if data:
            other.sendall(data)
            return
        for each in (end, other):
            del self.ends[each]
            each.close()


def _post(portal: Stack, bodies: Sequence[Body]) -> list[Answer]:
    client = Client(portal.port, headers={"Authorization": f"Bearer {SECRET}"}, timeout=5)
    answers = [client.post(body.bytes) for body in bodies]
    client.close()
    return answers


@pytest.mark.faults
@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_events_are_taken_and_kept_while_nobody_listens_at_the_broker(
    tmp_path: Path, scheme: str
) -> None:
    bodies = Traffic(SEED).bodies(200, [1, 20])
    broker = f"{scheme}://127.0.0.1:{free_port()}//"

    with stack(tmp_path, database="sqlite", broker=broker) as portal:
        portal.start_web()
        answers = _post(portal, bodies)
        portal.run(DRAIN)

        assert {answer.status for answer in answers} == {ACCEPTED}
        assert max(answer.seconds for answer in answers) < SECONDS
        assert found(portal) == truth(bodies)


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["postgresql-rabbitmq"], indirect=True)
def test_events_are_taken_and_kept_while_the_broker_takes_rings_and_says_nothing(
    portal: OwnStack,
) -> None:
    bodies = Traffic(SEED).bodies(200, [1, 20])
    first, rest = bodies[:1], bodies[1:]
    portal.start_broker()
    wait_for(portal.server, "the broker")

    with Mute(portal.server.url) as network:
        portal.environment["PORTAL_BROKER_URL"] = network.url
        portal.start_web()
        portal.start_worker()
        answers = _post(portal, first)
        wait_until(portal.settled, seconds=30, what="a drain that was rung for")
        network.silent.set()
        answers += _post(portal, rest)
        portal.run(DRAIN)

    assert {answer.status for answer in answers} == {ACCEPTED}
    assert max(answer.seconds for answer in answers) < SECONDS
    assert found(portal) == truth(bodies)
