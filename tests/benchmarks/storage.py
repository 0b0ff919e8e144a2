"""What receipts by week cost and bring on PostgreSQL: inserts, look-ups, and a week that goes.

Run by hand:  python -m tests.benchmarks.storage [--receipts 1000000] [--week 1000000]

The same rows are measured in partitions and then in one table.  The week that goes is filled up to
``--week`` receipts before; meanwhile somebody looks receipts up without pause, and waits for a while
at worst.  Ten million receipts take 6 minutes and 8 GB.
"""

import argparse
import importlib
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import django

from tests.benchmarks import filling
from tests.stack import Stack, stack
from tests.traffic import Traffic

SEEDS = 5_000  # events that the stored rows are copies of
BODY = 1_000
DAYS = 90
ROWS, BATCHES = 1_000, 60  # receipts a transaction, transactions
LOOKUPS = 1_000
UMID = "SELECT * FROM events_deliveryreceipt WHERE umid = %s"
SPAN = f"{UMID} AND occurred_at BETWEEN %s AND %s"


def main() -> None:
    """Fill, measure, drop, unite and measure again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=1_000_000)
    parser.add_argument(
        "--week", type=int, default=1_000_000, help="receipts of the week that goes"
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database="postgresql") as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        _fill(portal, options.receipts)
        _measure(portal, "by week")
        _drop(portal, options.week)
        partitions = importlib.import_module("support_portal.core.partitions")
        with importlib.import_module("django.db.transaction").atomic():
            partitions.unite(_receipts())
        portal.database.connect().execute("VACUUM (ANALYZE) events_deliveryreceipt")
        portal.database.connect().execute("CHECKPOINT")
        _measure(portal, "one table")


def _fill(portal: Stack, receipts: int) -> None:
    services = importlib.import_module("support_portal.ingest.services")
    for body in Traffic(0, following=0.5).bodies(SEEDS, [BODY]):
        services.receive(body.bytes, source="api")
    while services.drain().more:
        pass
    copies = max(1, receipts // portal.count("events_deliveryreceipt"))
    tables = ("events_message", "events_deliveryreceipt")
    filling.fill(portal, dict.fromkeys(tables, copies), days=DAYS)


def _measure(portal: Stack, layout: str) -> None:
    rows = portal.count("events_deliveryreceipt")
    sys.stdout.write(f"{layout}, {rows:,} receipts\n")
    _insert()  # what was written last is still on its way to disk
    sys.stdout.write(f"  inserted {statistics.median(_insert() for _ in range(3)):,.0f} rows/s\n")
    messages = list(_messages())
    for words, condition, of in (
        ("with the span of the message", SPAN, lambda one: (one.umid, *one.span)),
        ("without", UMID, lambda one: (one.umid,)),
    ):
        times = _times(portal, condition, [of(message) for message in messages])
        sys.stdout.write(f"  looked up {words}: {_quantiles(times)}\n")


def _insert() -> float:
    """Insert new receipts of this moment and return how many a second."""
    model = importlib.import_module("support_portal.events.models").DeliveryReceipt
    store = importlib.import_module("support_portal.events.receipt_store")
    bulk = importlib.import_module("support_portal.core.bulk")
    atomic = importlib.import_module("django.db.transaction").atomic
    latest = dict(model.objects.order_by("-pk").values(*store.FIELDS)[0])
    batches = [[_fresh(latest, store.FIELDS) for _ in range(ROWS)] for _ in range(BATCHES)]
    began = time.perf_counter()
    for rows in batches:
        with atomic():
            bulk.insert_rows(model, store.FIELDS, rows)
    return ROWS * BATCHES / (time.perf_counter() - began)


def _fresh(row: dict[str, Any], fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple((row | {"umid": _random()})[name] for name in fields)


def _messages() -> Iterator[Any]:
    models = importlib.import_module("support_portal.events.models")
    ordered = models.Message.objects.order_by("umid")
    found = (ordered.filter(umid__gte=_random()).first() for _ in range(LOOKUPS))
    return (one for one in found if one)


def _times(portal: Stack, condition: str, parameters: Sequence[tuple[Any, ...]]) -> list[float]:
    """Look up as Django does, unprepared, and return how long the database took."""
    connection, times = portal.database.connect(), []
    for values in parameters:
        began = time.perf_counter()
        connection.execute(condition, values, prepare=False).fetchall()
        times.append(time.perf_counter() - began)
    connection.close()
    return times


def _drop(portal: Stack, receipts: int) -> None:
    partitions = importlib.import_module("support_portal.core.partitions")
    week = partitions.weeks(_receipts())[1]  # the first may be empty
    missing = receipts - portal.count(week.name)
    if missing > 0:
        _fill_up(portal, week, missing)
    since = week.ends + timedelta(days=365)
    reader = Reader(portal)
    reader.start()
    time.sleep(2)
    began = time.perf_counter()
    reader.mark()
    gone = partitions.let_go(_receipts(), week, "received_at", since)
    seconds = time.perf_counter() - began
    reader.stop()
    sys.stdout.write(
        f"  a week of {gone.rows:,} receipts ({gone.bytes / 2**20:,.0f} MB) went in {seconds:.2f} s\n"
        f"  looked up before: {_quantiles(reader.before)}\n"
        f"  looked up meanwhile: {_quantiles(reader.after)}\n"
    )


def _fill_up(portal: Stack, week: Any, rows: int) -> None:
    columns = [row for row in filling._columns(portal, week.name) if row != "umid"]
    named = ", ".join(columns)
    portal.database.connect().execute(
        f"INSERT INTO {week.name} (umid, {named}) SELECT gen_random_uuid(), {named} FROM"
        f" (SELECT * FROM {week.name} LIMIT 1) one, generate_series(1, {rows})"
    )
    portal.database.connect().execute(f"VACUUM {week.name}")  # as it would be after weeks


class Reader(threading.Thread):
    """Looks receipts up in every partition, one after another."""

    def __init__(self, portal: Stack) -> None:
        super().__init__(daemon=True)
        self.before: list[float] = []
        self.after: list[float] = []
        self._now = self.before
        self._connection = portal.database.connect()
        self._over = threading.Event()

    def run(self) -> None:
        """Look up until it is over."""
        while not self._over.is_set():
            began = time.perf_counter()
            self._connection.execute(
                "SELECT * FROM events_deliveryreceipt WHERE umid = %s", [_random()]
            ).fetchall()
            self._now.append(time.perf_counter() - began)

    def mark(self) -> None:
        """Keep what comes from now on apart."""
        self._now = self.after

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()


def _receipts() -> Any:
    return importlib.import_module("support_portal.events.storage").RECEIPTS


def _quantiles(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    most = max(seconds)
    return f"p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms, most {most * 1e3:.1f} ms"


def _random() -> UUID:
    return UUID(bytes=secrets.token_bytes(16))


if __name__ == "__main__":
    main()
