"""How long the server takes for lookups and pages beside millions of stored rows.

Run by hand:  python -m tests.benchmarks.lookup --database postgresql|sqlite [--rows 10000000]

The time is that of the whole site for one request, session and template included, without a web
server.  It is measured beside ten thousand rows first, and the ratio of both medians is told.
"""

import argparse
import importlib
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import django

from tests.benchmarks import filling
from tests.benchmarks.pages import Goal, Request, line, signed_in, times
from tests.stack import DATABASES, Stack, stack
from tests.traffic import Traffic

SEEDS = 5_000  # events that the stored rows are copies of
SMALL = 10_000
BODIES = (1, 20)  # events a delivery
PASTED = 500


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids that are stored, each drawn at random."""

    portal: Stack

    def of(self, table: str, column: str) -> Iterator[UUID]:
        """Yield stored ids without end."""
        while True:
            wanted = str(_random()) if self.portal.database.name == "postgresql" else _random().hex
            found = self.portal.database.query(
                f"SELECT {column} FROM {table} WHERE {column} >= '{wanted}' ORDER BY {column} LIMIT 1"
            )
            yield from (UUID(str(row[0])) for row in found)

    @property
    def errors(self) -> Iterator[UUID]:
        """Yield errorIds."""
        return self.of("events_errorevent", "error_id")

    @property
    def messages(self) -> Iterator[UUID]:
        """Yield umids."""
        return self.of("events_message", "umid")


def _asked(texts: Iterable[str]) -> Iterator[Request]:
    return (("POST /lookup", {"q": text}) for text in texts)


def _several(ids: Ids) -> Iterator[Request]:
    """Ask for many: a third errors, a third messages, a third that nobody holds."""
    errors, messages = ids.errors, ids.messages
    while True:
        held = (next(errors), next(messages)) * (PASTED // 3)
        text = "\n".join(str(id) for id in (*held, *(_random() for _ in range(PASTED // 3))))
        yield "POST /lookup", {"q": text}


GOALS = (
    Goal("one errorId, held", lambda ids: _asked(map(str, ids.errors)), 10, 50),
    Goal("one id, not held", lambda ids: _asked(str(id) for id in _randoms()), 10, 50),
    Goal("error page", lambda ids: ((f"GET /errors/{id}/", {}) for id in ids.errors), 25, 100),
    Goal(
        "message page", lambda ids: ((f"GET /messages/{id}/", {}) for id in ids.messages), 25, 100
    ),
    Goal("beginning of an errorId", lambda ids: _asked(id.hex[:8] for id in ids.errors), 50, 50),
    Goal("end of an errorId", lambda ids: _asked(id.hex[-12:] for id in ids.errors), 50, 50),
    Goal("end of a umid", lambda ids: _asked(id.hex[-8:] for id in ids.messages), 50, 50),
    Goal(f"{PASTED} ids", _several, 500, 500, share=0.1),
)


def main() -> None:
    """Measure beside few rows, fill, measure again; print medians, 99th percentiles and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--rows", type=int, default=10_000_000, help="errors")
    parser.add_argument("--receipts", type=int, default=30_000_000)
    parser.add_argument("--requests", type=int, default=1_000, help="of each kind")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        client = signed_in()
        drain()
        few = _grow(portal, SMALL // 2, SMALL // 2)
        before = {
            goal: times(goal, client, goal.requests(Ids(portal)), options.requests)
            for goal in GOALS
        }
        began = time.perf_counter()
        many = _grow(portal, options.rows, options.receipts)
        minutes = (time.perf_counter() - began) / 60
        sys.stdout.write(
            f"{options.database}: {few:,} rows, then {many:,} in {minutes:.0f} minutes\n"
        )
        for goal in GOALS:
            after = times(goal, client, goal.requests(Ids(portal)), options.requests)
            sys.stdout.write(line(goal, before[goal], after))


def drain() -> None:
    """Record some thousand events in the way of all events."""
    services = importlib.import_module("support_portal.ingest.services")
    for body in Traffic(0, following=0.6).bodies(SEEDS, BODIES):
        services.receive(body.bytes, source="api")
    while services.drain().more:
        pass


def _grow(portal: Stack, errors: int, receipts: int) -> int:
    """Fill up to so many errors and receipts; messages follow their receipts."""
    error_copies = errors // portal.count("events_errorevent")
    receipt_copies = receipts // portal.count("events_deliveryreceipt")
    copies = {
        "events_errorevent": error_copies,
        "events_message": receipt_copies,
        "events_deliveryreceipt": receipt_copies,
    }
    filling.fill(portal, {table: number for table, number in copies.items() if number})
    return filling.stored(portal)


def _random() -> UUID:
    return UUID(bytes=secrets.token_bytes(16))


def _randoms() -> Iterator[UUID]:
    while True:
        yield _random()


if __name__ == "__main__":
    main()
