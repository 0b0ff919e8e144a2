"""How much slower the intake is beside ten million stored rows than into empty tables.

Run by hand:  python -m tests.benchmarks.volume --database postgresql|sqlite [--rows 10000000]

The rows are made by the database itself, from a few thousand that came through the intake: the
same values but for ids and times.  On PostgreSQL ten million take about ten minutes and 9 GB.
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

from tests.benchmarks import raw
from tests.stack import DATABASES, Stack, stack
from tests.traffic import Traffic

SEEDS = 5_000  # events that the stored rows are copies of
BODY = 1_000
KEYS = {
    "events_errorevent": ("error_id", "occurred_at"),
    "events_message": ("umid", "state_at"),
    "events_deliveryreceipt": ("umid", "occurred_at"),
}
FRESH_ID = {
    "postgresql": "gen_random_uuid()",
    "sqlite": "lower(hex(randomblob(16)))",
}
EARLIER = {
    "postgresql": "{time} - random() * interval '60 days'",
    "sqlite": (
        "strftime('%Y-%m-%d %H:%M:%f', {time},"
        " '-' || (abs(random()) % 5184000) || ' seconds') || '001'"
    ),
}


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
        stored = _fill(portal, options.rows)
        filling = time.perf_counter() - began
        _rate(portal, options, first_seed=50)  # what was written last is still on its way to disk
        full = _rate(portal, options, first_seed=100)
        sys.stdout.write(
            f"{options.database}: {stored:,} rows stored in {filling / 60:.1f} minutes\n"
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


def _fill(portal: Stack, rows: int) -> int:
    """Copy the rows that are there under new ids until there are ``rows`` in all."""
    connection = portal.database.connect()
    counts = {table: portal.count(table) for table in KEYS}
    copies = max(1, rows // sum(counts.values()))
    for table, (key, time_column) in KEYS.items():
        columns = _columns(portal, table)
        changed = {
            key: FRESH_ID[portal.database.name],
            time_column: EARLIER[portal.database.name].format(time=time_column),
        }
        values = ", ".join(changed.get(column, column) for column in columns)
        connection.execute(f"CREATE TEMPORARY TABLE seed_{table} AS SELECT * FROM {table}")
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM seed_{table}"
        for done in range(copies):
            connection.execute(statement)
            sys.stderr.write(f"\r{table}: {(done + 1) * counts[table]:,} rows ")
    if portal.database.name == "postgresql":
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    connection.close()
    sys.stderr.write("\n")
    return sum(portal.count(table) for table in KEYS)


def _columns(portal: Stack, table: str) -> list[str]:
    if portal.database.name == "sqlite":
        return [row[1] for row in portal.database.query(f"PRAGMA table_info({table})")]
    return [
        row[0]
        for row in portal.database.query(
            "SELECT attname FROM pg_attribute WHERE attrelid = '"
            f"{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
    ]


if __name__ == "__main__":
    main()
