"""A sender that keeps posting while processes are killed, and remembers what was promised."""

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from tests.stack import SECRET, Stack, wait_until
from tests.traffic import Body, Client, Truth

ACCEPTED = 202


class Sender:
    """Posts bodies one after the other from a thread, each of them once."""

    def __init__(
        self, portal: Stack, bodies: Sequence[Body], *, may_send: Callable[[], bool]
    ) -> None:
        self.bodies = bodies
        self.accepted: list[Body] = []
        self.answers: list[int] = []
        self.client = Client(portal.port, headers={"Authorization": f"Bearer {SECRET}"})
        self.may_send = may_send
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stopped.set()
        self.thread.join()

    def finish(self, *, seconds: float) -> None:
        """Wait until every body has been posted."""
        wait_until(lambda: not self.thread.is_alive(), seconds=seconds, what="the sender")

    @property
    def finished(self) -> bool:
        """Tell whether nothing is left to post."""
        return not self.thread.is_alive()

    def _work(self) -> None:
        for body in self.bodies:
            while not self.may_send():
                if self.stopped.wait(0.01):
                    break
            if self.stopped.is_set():
                break
            answer = self.client.post(body.bytes)
            self.answers.append(answer.status)
            if answer.status == ACCEPTED:
                self.accepted.append(body)
        self.client.close()


def found(portal: Stack) -> Truth:
    """Return what the tables hold, in the terms of the truth."""
    errors = portal.database.query("SELECT error_id FROM events_errorevent")
    receipts = portal.database.query("SELECT umid, state FROM events_deliveryreceipt")
    repeats = (
        portal.total("events_errorevent", "repeats"),
        portal.total("events_deliveryreceipt", "repeats"),
    )
    return Truth(
        errors=frozenset(_hex(error_id) for (error_id,) in errors),
        receipts=frozenset((_hex(umid), state) for umid, state in receipts),
        repeats=sum(repeats),
        nonsense=portal.count("ingest_quarantineentry"),
    )


def rows(portal: Stack) -> dict[str, int]:
    """Return the sizes of the tables, where a set would hide a second row."""
    tables = ("events_errorevent", "events_deliveryreceipt", "events_message")
    return {table: portal.count(table) for table in tables} | {
        "variants": portal.count("events_errorvariant")
    }


def told(expected: Truth) -> dict[str, int]:
    """Return the sizes that the tables must have."""
    return {
        "events_errorevent": len(expected.errors),
        "events_deliveryreceipt": len(expected.receipts),
        "events_message": len({umid for umid, _ in expected.receipts}),
        "variants": 0,
    }


def ledger(portal: Stack) -> tuple[int, int, int]:
    """Return what the deliveries say became of them: recorded, repeated, quarantined."""
    recorded, repeated, quarantined = portal.database.query(
        "SELECT sum(recorded), sum(repeated), sum(quarantined) FROM ingest_delivery"
    )[0]
    return int(recorded), int(repeated), int(quarantined)


def _hex(identifier: object) -> str:
    return str(identifier).replace("-", "")
