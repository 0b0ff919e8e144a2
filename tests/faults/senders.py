"""Constant traffic from several senders, who remember how each request was answered."""

import random
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from tests.faults.checking import Posting
from tests.stack import SECRET, Stack
from tests.traffic import Body, Client, Traffic

API = "/api/v1/events"
HOOK = "/hooks/8x8/stack-hook/"
SIZES = (1, 1, 1, 2, 5, 20)
TWINS = 0.03
ANSWER_SECONDS = 12.0
UNANSWERED_PAUSE = 0.2


class Senders:
    """Threads that post new bodies until they are stopped, some of them twice at the same moment."""

    def __init__(
        self, portal: Stack, traffic: Traffic, *, number: int = 3, pause: float = 0.05
    ) -> None:
        self.portal = portal
        self.traffic = traffic
        self.pause = pause
        self.postings: list[Posting] = []
        self.in_flight = 0
        self.random = random.Random(traffic.random.random())
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._work) for _ in range(number)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def post(self, body: Body, client: Client) -> int:
        """Post ``body`` once, remember the answer and return it."""
        return self.post_twins(body, [client])[0]

    def post_twins(self, body: Body, clients: Sequence[Client]) -> list[int]:
        """Post ``body`` over every client before any answer is read; return the answers."""
        with self.lock:
            self.in_flight += 1
        begun = [client.begin(body.bytes) for client in clients]
        statuses = [
            client.finish() if sent else 0 for client, sent in zip(clients, begun, strict=True)
        ]
        with self.lock:
            self.in_flight -= 1
            self.postings += [Posting(body.lines, status) for status in statuses]
        return statuses

    def connect(self, path: str = API) -> Client:
        """Return a client that may send."""
        headers = {"Authorization": f"Bearer {SECRET}"}
        return Client(self.portal.port, path, headers, timeout=ANSWER_SECONDS)

    def statuses(self, since: int = 0) -> set[int]:
        """Return the answers to all requests after the first ``since``."""
        return {posting.status for posting in self.postings[since:]}

    def _work(self) -> None:
        with ExitStack() as ends:
            clients = [self.connect(API), self.connect(HOOK), self.connect(API)]
            for client in clients:
                ends.callback(client.close)
            while not self.stopped.is_set():
                body, chosen, pause = self._next(clients)
                answered = any(self.post_twins(body, chosen))
                self.stopped.wait(pause if answered else UNANSWERED_PAUSE)

    def _next(self, clients: Sequence[Client]) -> tuple[Body, Sequence[Client], float]:
        with self.lock:
            size = self.random.choice(SIZES)
            body = Body(tuple(self.traffic.line() for _ in range(size)))
            twins = self.random.random() < TWINS
            chosen = clients[1:] if twins else [self.random.choice(clients)]
            return body, chosen, self.random.uniform(0, 2 * self.pause)
