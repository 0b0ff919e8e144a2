"""How much slower the intake is beside ten million stored rows than into empty tables.

Run by hand:  python -m tests.benchmarks.volume --database postgresql|sqlite [--rows 10000000]

The rows are made by the database itself, see filling.py.  On PostgreSQL ten million take 9 GB.
"""

import argparse
import importlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

from tests.benchmarks import filling, raw
from tests.stack import DATABASES, Stack, stack
from tests.traffic import Traffic

SEEDS = 5_000  # events that the stored rows are copies of
BODY = 1_000


def main() -> None:
    """Measure empty, fill, measure again; print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bodies", type=int, default=10, help=f"of {BODY:,} events, a run")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        empty = _rate(portal, options, first_seed=1, before=raw.empty)
        raw.empty(portal.database)
        began = time.perf_counter()
        _drain(Traffic(0), SEEDS)
        copies = max(1, options.rows // filling.stored(portal))
        filling.fill(portal, dict.fromkeys(filling.TABLES, copies))
        stored = filling.stored(portal)
        minutes = (time.perf_counter() - began) / 60
        _rate(portal, options, first_seed=50)  # what was written last is still on its way to disk
        full = _rate(portal, options, first_seed=100)
        sys.stdout.write(
            f"{options.database}: {stored:,} rows stored in {minutes:.1f} minutes\n"
            f"drained into empty tables {empty:,.0f} events/s, beside the rows {full:,.0f} events/s,"
            f" ratio {full / empty:.2f} (medians of {options.runs})\n"
        )


def _rate(
    portal: Stack,
    options: argparse.Namespace,
    *,
    first_seed: int,
    before: Callable[..., None] | None = None,
) -> float:
    events = options.bodies * BODY
    rates = []
    for seed in range(first_seed, first_seed + options.runs):
        if before is not None:
            before(portal.database)
        rates.append(events / _drain(Traffic(seed, following=0.5), events))
    return statistics.median(rates)


def _drain(traffic: Traffic, events: int) -> float:
    """Return how long ``events`` new ones take to drain."""
    services = importlib.import_module("support_portal.ingest.services")  # needs the settings
    for body in traffic.bodies(events, [BODY]):
        services.receive(body.bytes, source="api")
    started = time.perf_counter()
    while services.drain().more:
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
