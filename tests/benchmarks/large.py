"""A portal with tens of millions of rows, made once and kept, for what is measured by hand.

Run by hand:  python -m tests.benchmarks.large --database postgresql --errors 10000000 --receipts 30000000

Ten million errors, thirty million messages and as many receipts took 28 GB on PostgreSQL, 40 minutes to
fill and 20 to count, on two cores that had other work.  The rows lie in the 90 days before now.  Run it
again after a change of the code: it brings the tables up to date and counts again.  ``--drop`` removes it.
"""

import contextlib
import importlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

from tests.benchmarks import filling, running
from tests.benchmarks.company import CompanyTraffic
from tests.benchmarks.running import NAME
from tests.stack import BROKERS, DATABASES, PREPARE, Stack

SEEDS = 20_000  # events that the stored rows are copies of
DAYS = 90


@contextlib.contextmanager
def large(
    folder: Path, database: str, name: str = NAME, settings: str = "support_portal.settings.base"
) -> Iterator[Stack]:
    """Open the portal in ``folder``, which stays; Django is set up when this yields."""
    folder.mkdir(parents=True, exist_ok=True)
    portal = Stack(folder, DATABASES[database](folder, name=name), BROKERS[database])
    os.environ.update(portal.environment | {"DJANGO_SETTINGS_MODULE": settings})
    django.setup()
    importlib.import_module("django.core.management").call_command("migrate", verbosity=0)
    try:
        yield portal
    finally:
        portal.end()


def main() -> None:
    """Make the rows that are missing, and count them."""
    parser = running.parser(__doc__)
    parser.add_argument("--errors", type=int, default=10_000_000)
    parser.add_argument("--receipts", type=int, default=30_000_000)
    parser.add_argument("--drop", action="store_true")
    options = parser.parse_args()
    with large(options.folder / options.database, options.database, options.name) as portal:
        if options.drop:
            portal.database.drop()
            shutil.rmtree(options.folder / options.database)
            return
        if portal.count("events_errorevent", "1 = 1 LIMIT 1") == 0:
            _make(portal, options.errors, options.receipts)
        began = time.perf_counter()
        importlib.import_module("django.core.management").call_command("rebuild_counts")
        sys.stdout.write(f"counted in {(time.perf_counter() - began) / 60:.1f} minutes\n")


def _make(portal: Stack, errors: int, receipts: int) -> None:
    began = time.perf_counter()
    portal.run(PREPARE)
    # Otherwise the rows would go where times without a partition go.
    importlib.import_module("support_portal.events.storage").keep_partitions(datetime.now(UTC))
    _drain_seeds()
    error_copies = errors // portal.count("events_errorevent")
    receipt_copies = receipts // portal.count("events_deliveryreceipt")
    copies = {
        "events_errorevent": error_copies,
        "events_errorword": error_copies,
        "events_message": receipt_copies,
        "events_deliveryreceipt": receipt_copies,
    }
    filling.fill(portal, {table: number for table, number in copies.items() if number}, days=DAYS)
    sys.stdout.write(
        f"{filling.stored(portal):,} rows in {(time.perf_counter() - began) / 60:.1f} minutes\n"
    )


def _drain_seeds() -> None:
    services = importlib.import_module("support_portal.ingest.services")  # needs the settings
    pace = timedelta(seconds=0.2)  # so copies lie side by side
    begin = datetime.now(UTC) - SEEDS * pace
    for body in CompanyTraffic(0, begin, pace, following=0.6).bodies(SEEDS, (1_000,)):
        services.receive(body.bytes, source="api")
    while services.drain().more:
        pass


if __name__ == "__main__":
    main()
