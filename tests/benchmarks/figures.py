"""All figures of the pages that one browses, of lookups, filters, exports and other programs, in one run.

Run by hand, after large.py and on a machine without other work:

    python -m tests.benchmarks.figures [--database sqlite] [--folder FOLDER] [--only STEP …]

Nothing is removed: the portal that ``large`` made stays as it is, but for some people who signed in.
The portal of ten thousand errors that it is compared to is made once for all, and goes.  Each request is
asked 300 times, those that take long less often; half an hour passes with ten million errors.  ``--only``
takes some of the steps, so that what is slow can be measured apart.
"""

import os
import platform
import sys
import time
from datetime import UTC, datetime

from tests.benchmarks import running
from tests.benchmarks.large import large
from tests.benchmarks.sizes import small
from tests.stack import Stack

BESIDE_FEW = ("browse", "lookup", "filters")  # also asked beside ten thousand errors
STEPS = (*BESIDE_FEW, "export", "peers")
TABLES = ("events_errorevent", "events_message", "events_deliveryreceipt")


def main() -> None:
    """Run one benchmark after the other, each in a process of its own."""
    parser = running.parser(__doc__)
    parser.add_argument("--requests", type=int, default=300, help="of each kind")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of an export")
    parser.add_argument("--datasette", metavar="PYTHON", help="of an environment that has it")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=STEPS,
        default=STEPS,
        metavar="STEP",
        help=f"some of {', '.join(STEPS)}",
    )
    options = parser.parse_args()
    began = time.perf_counter()
    shared = [
        "--database", options.database, "--folder", str(options.folder), "--name", options.name,
    ]  # fmt: skip
    beside_few = [each for each in BESIDE_FEW if each in options.only]
    if beside_few:
        with small(options.database) as few:
            more = ("--small", str(few), "--requests", str(options.requests))
            for module in beside_few:
                running.run(module, *shared, *more)
    if "export" in options.only:
        running.run("export", *shared, "--rows", str(options.rows))
    if "peers" in options.only:
        with_datasette = options.datasette and options.database == "sqlite"
        datasette = ["--datasette", options.datasette] if with_datasette else []
        running.run("peers", *shared, *datasette)
    with large(options.folder / options.database, options.database, options.name) as portal:
        sys.stdout.write(f"\n{_about(portal)}\n")
    sys.stdout.write(f"{(time.perf_counter() - began) / 60:.0f} minutes\n")


def _about(portal: Stack) -> str:
    """Say what was measured beside how many rows; counting them comes last, for it reads them all."""
    version = "sqlite_version()" if portal.database.name == "sqlite" else "version()"
    ((told,),) = portal.database.query(f"SELECT {version}")
    numbers = ", ".join(f"{portal.count(each):,} in {each}" for each in TABLES)
    load = os.getloadavg()[2]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {portal.database.name} {told}, Python"
        f" {platform.python_version()}, {os.cpu_count()} processors, load {load:.1f}\n{numbers}"
    )


if __name__ == "__main__":
    main()
