"""How fast events are taken and become searchable, beside what the database can do at most.

Run by hand:  python -m tests.benchmarks.intake --database sqlite|postgresql [--runs 3]

A run has to be much longer than the drain's pace (0.4 s), or it measures how long the last events wait
and not the rate.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from support_portal.ingest.doorbell import BETWEEN_RINGS
from tests.benchmarks import bare, raw
from tests.stack import DATABASES, SECRET, Stack, resident, stack, wait_until
from tests.traffic import Answer, Client, Traffic, send_all

SINGLE_CONNECTIONS = 16
BATCH_CONNECTIONS = 2
HOOK_CONNECTIONS = 4
HOOKS = 1_000
PROBES = 60
BATCH = 1_000
REPEATS = 0.02
NONSENSE = 0.01
SETTLE_SECONDS = 300.0
BARE = {
    "bare_view": "single: bare insert in a Django view, /s",
    "bare": "single: bare insert with no framework, /s",
}


@dataclass
class Figures:
    """One figure a run, by name."""

    runs: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        """Add the figure of one run."""
        self.runs.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        """Return the figure of the middle run."""
        return statistics.median(self.runs[name])

    def table(self) -> str:
        """Return the medians with their spread as text."""
        rows = [
            f"{name:<52}{statistics.median(values):>12,.2f}{min(values):>12,.2f}{max(values):>12,.2f}"
            for name, values in self.runs.items()
        ]
        head = f"{'':<52}{'median':>12}{'least':>12}{'most':>12}"
        return "\n".join([head, *rows])


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="sqlite")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--single", type=int, default=6_000, help="single-event requests a run")
    parser.add_argument("--bodies", type=int, default=40, help=f"bodies of {BATCH:,} events a run")
    options = parser.parse_args()
    figures = Figures()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        _measure_bare(portal, figures, runs=options.runs, requests=options.single)
        portal.start_web()
        portal.start_worker()
        portal.start_beat()
        _post(portal, [b"{}"], connections=1)
        _settle(portal)  # the worker has started
        for run in range(options.runs):
            _measure_batches(
                portal, figures, Traffic(run, repeats=REPEATS, nonsense=NONSENSE), options.bodies
            )
            _measure_single(portal, figures, Traffic(100 + run), options.single)
            _measure_hooks(portal, figures, Traffic(200 + run))
            _measure_idle(portal, figures, Traffic(300 + run))
        for name in portal.processes:
            figures.note(f"resident memory of {name}, MB", resident(portal.members(name)) / 2**20)
    sys.stdout.write(f"{options.database}, {options.runs} runs\n{figures.table()}\n")


def _measure_bare(portal: Stack, figures: Figures, *, runs: int, requests: int) -> None:
    database = portal.database
    bare.create_table(database)
    portal.environment[bare.DATABASE] = (
        database.url if database.name == "postgresql" else str(portal.folder / "portal.sqlite3")
    )
    bodies = _lines(Traffic(99), requests)
    for module, name in BARE.items():
        portal.start_web(f"tests.benchmarks.{module}:application")
        _post(portal, bodies[:100], connections=SINGLE_CONNECTIONS)
        for _ in range(runs):
            seconds, _answers = _post(portal, bodies, connections=SINGLE_CONNECTIONS)
            figures.note(name, requests / seconds)
        portal.kill("web")


def _measure_batches(portal: Stack, figures: Figures, traffic: Traffic, number: int) -> None:
    raw.empty(portal.database)
    bodies = [body.bytes for body in traffic.bodies(number * BATCH, [BATCH])]
    started = time.perf_counter()
    taking, _answers = _post(portal, bodies, connections=BATCH_CONNECTIONS)
    _settle(portal)
    end_to_end = number * BATCH / (time.perf_counter() - started)
    rows = raw.stored_rows(portal.database)
    stored = len(rows["events_errorevent"]) + len(rows["events_deliveryreceipt"])
    raw.empty(portal.database)
    limit = stored / raw.seconds_to_insert(portal.database, rows)
    figures.note("batch: raw limit, events/s", limit)
    figures.note("batch: accepted, events/s", number * BATCH / taking)
    figures.note("batch: end to end, events/s", end_to_end)
    figures.note("batch: end to end / raw limit", end_to_end / limit)
    raw.empty(portal.database)


def _measure_single(portal: Stack, figures: Figures, traffic: Traffic, number: int) -> None:
    raw.empty(portal.database)
    bodies = _lines(traffic, number)
    started = time.perf_counter()
    taking, answers = _post(portal, bodies, connections=SINGLE_CONNECTIONS)
    _settle(portal)
    end_to_end = number / (time.perf_counter() - started)
    figures.note("single: accepted, events/s", number / taking)
    figures.note("single: end to end, events/s", end_to_end)
    for name in BARE.values():
        figures.note(f"{name}: end to end / it", end_to_end / figures.median(name))
    _note_quantiles(figures, "single: answer", [answer.seconds for answer in answers])
    waits = [
        (_time(drained) - _time(received)).total_seconds()
        for received, drained in portal.database.query(
            "SELECT received_at, drained_at FROM ingest_delivery"
        )
    ]
    _note_quantiles(figures, "single: received to recorded under load", waits)


def _measure_hooks(portal: Stack, figures: Figures, traffic: Traffic) -> None:
    bodies = [traffic.receipt().text for _ in range(HOOKS)]
    path = "/hooks/8x8/stack-hook/"
    _, answers = _post(portal, bodies, connections=HOOK_CONNECTIONS, path=path, expected=200)
    _note_quantiles(figures, "webhook: answer", [answer.seconds for answer in answers])
    _settle(portal)


def _measure_idle(portal: Stack, figures: Figures, traffic: Traffic) -> None:
    """One event at a time: when nobody has rung for a while, and as soon as the one before is there."""
    rested = 2 * BETWEEN_RINGS  # of the bell and of the drain that was rung for
    for name, pause in (("idle", rested), ("one after another", 0.0)):
        waits = []
        with closing(_connect(portal, "/api/v1/events")) as client:
            for _ in range(PROBES):
                time.sleep(pause)
                client.post(traffic.error().text)
                answered = time.perf_counter()
                wait_until(portal.settled, seconds=SETTLE_SECONDS, what="one event", every=0.002)
                waits.append(time.perf_counter() - answered)
        _note_quantiles(figures, f"{name}: answered to searchable", waits)


def _post(
    portal: Stack,
    bodies: Sequence[bytes],
    *,
    connections: int,
    path: str = "/api/v1/events",
    expected: int = 202,
) -> tuple[float, list[Answer]]:
    started = time.perf_counter()
    answers = send_all(bodies, partial(_connect, portal, path), connections=connections)
    seconds = time.perf_counter() - started
    refused = [answer.status for answer in answers if answer.status != expected]
    if refused:
        sys.exit(
            f"{len(refused)} of {len(bodies)} requests were refused, the first with {refused[0]}"
        )
    return seconds, answers


def _connect(portal: Stack, path: str) -> Client:
    return Client(portal.port, path=path, headers={"Authorization": f"Bearer {SECRET}"})


def _settle(portal: Stack) -> None:
    wait_until(portal.settled, seconds=SETTLE_SECONDS, what="an empty inbox")


def _lines(traffic: Traffic, number: int) -> list[bytes]:
    return [traffic.line().text for _ in range(number)]


def _note_quantiles(figures: Figures, name: str, seconds: Sequence[float]) -> None:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    figures.note(f"{name}, p50 ms", cuts[49] * 1000)
    figures.note(f"{name}, p99 ms", cuts[98] * 1000)


def _time(value: datetime | str) -> datetime:
    """Return a time that PostgreSQL gives as such and SQLite as text."""
    return (
        value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)
    )


if __name__ == "__main__":
    main()
