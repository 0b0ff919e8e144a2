"""A steady stream for a while: how fast it is answered, how soon it is found, and what it takes.

Run by hand:  python -m tests.benchmarks.steady --database sqlite|postgresql
  500 webhooks a second, one event each:  (as it is)
  5,000 events a second in bodies of 50:  --requests 100 --size 50

Requests are due at fixed times whatever the answers do, so a server that stalls is not spared the
requests that would have come meanwhile.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.sending import found, rows, told
from tests.stack import DATABASES, SECRET, Stack, resident, stack, wait_until
from tests.traffic import Answer, Body, Client, Traffic, truth

HOOK = "/hooks/8x8/stack-hook/"
SENDERS = 16
SETTLE_SECONDS = 600.0
MEGABYTE = 2**20


class Schedule:
    """Hands out requests at the moments they are due."""

    def __init__(self, bodies: Sequence[bytes], requests_per_second: float) -> None:
        self._bodies = bodies
        self._every = 1 / requests_per_second
        self._next = 0
        self._lock = threading.Lock()
        self._began = time.perf_counter()

    def take(self) -> tuple[bytes, float] | None:
        """Return the next body with the moment it was due, having waited for that; None at the end."""
        with self._lock:
            number = self._next
            self._next += 1
        if number >= len(self._bodies):
            return None
        due = self._began + number * self._every
        time.sleep(max(0.0, due - time.perf_counter()))
        return self._bodies[number], due


class Memory(threading.Thread):
    """Watches how much each process takes at most."""

    def __init__(self, portal: Stack) -> None:
        super().__init__(daemon=True)
        self.most: dict[str, int] = {}
        self._portal = portal
        self._over = threading.Event()

    def run(self) -> None:
        """Look twice a second."""
        while not self._over.wait(0.5):
            for name in list(self._portal.processes):
                taken = max(resident([pid]) for pid in self._portal.members(name))
                self.most[name] = max(self.most.get(name, 0), taken)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="sqlite")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--requests", type=int, default=500, help="a second")
    parser.add_argument("--size", type=int, default=1, help="events a request")
    options = parser.parse_args()
    traffic = Traffic(1, repeats=0.02, following=0.5)
    number = options.seconds * options.requests
    bodies = traffic.bodies(number * options.size, [options.size])
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        portal.start_web()
        portal.start_worker()
        portal.start_beat()
        _send([b"{}"], portal, 1)
        wait_until(portal.settled, seconds=SETTLE_SECONDS, what="a worker that has started")
        memory = Memory(portal)
        memory.start()
        began = time.perf_counter()
        answers = _send([body.bytes for body in bodies], portal, options.requests)
        sending = time.perf_counter() - began
        wait_until(portal.settled, seconds=SETTLE_SECONDS, what="an empty inbox")
        settled = time.perf_counter() - began
        memory.stop()
        sys.stdout.write(f"{options.database}: {number:,} requests of {options.size} in ")
        sys.stdout.write(f"{sending:.1f} s, all recorded after {settled:.1f} s\n")
        _report(portal, answers, bodies, memory)


def _send(bodies: Sequence[bytes], portal: Stack, requests_per_second: float) -> list[Answer]:
    """Send each body when it is due; the seconds of an answer count from there."""
    schedule = Schedule(bodies, requests_per_second)
    answers: list[Answer] = []

    def work() -> None:
        headers = {"Authorization": f"Bearer {SECRET}"}
        with closing(Client(portal.port, path=HOOK, headers=headers)) as client:
            while task := schedule.take():
                body, due = task
                answer = client.post(body)
                answers.append(Answer(answer.status, time.perf_counter() - due))

    senders = [threading.Thread(target=work) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return answers


def _report(
    portal: Stack, answers: Sequence[Answer], bodies: Sequence[Body], memory: Memory
) -> None:
    expected = truth(bodies)
    taken = sum(answer.status == 200 for answer in answers)
    stored = found(portal)
    lost = len(expected.errors - stored.errors) + len(expected.receipts - stored.receipts)
    double = sum(rows(portal).values()) - sum(told(stored).values())
    waits = [
        (_time(drained) - _time(received)).total_seconds()
        for received, drained in portal.database.query(
            "SELECT received_at, drained_at FROM ingest_delivery"
        )
    ]
    sys.stdout.write(
        f"answered 200: {taken:,} of {len(answers):,}; lost {lost}, double {double}\n"
        f"answer {_quantiles([answer.seconds for answer in answers])}\n"
        f"received to recorded {_quantiles(waits)}\n"
    )
    for name, most in memory.most.items():
        sys.stdout.write(f"memory of {name}: at most {most / MEGABYTE:.0f} MB\n")


def _quantiles(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    most = max(seconds)
    return f"p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, most {most * 1e3:.1f} ms"


def _time(value: datetime | str) -> datetime:
    """Return a time that PostgreSQL gives as such and SQLite as text."""
    return (
        value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)
    )


if __name__ == "__main__":
    main()
