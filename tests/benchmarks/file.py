"""What a large file costs: the memory of the worker, the honesty of the progress, events a second.

Run by hand:  python -m tests.benchmarks.file --database sqlite|postgresql [--megabytes 1024] [--packed]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.stack import DATABASES, PYTHON, REPOSITORY, Stack, resident, stack

# Keeps the file as the upload page does, and tells how many events are in it.
MAKE = """
import sys, zlib
import django; django.setup()
from support_portal.accounts.models import Role, User
from support_portal.ingest.files import services
from tests.traffic import Traffic
size, packed = int(sys.argv[1]) * 2**20, sys.argv[2] == "yes"
person = User.objects.create(username="lead", role=Role.LEAD)
upload = services.Upload("events.ndjson", person, limit=2**40)
packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
traffic, events, written = Traffic(1), 0, 0
while written < size:
    text = b"".join(traffic.line().text + b"\\n" for _ in range(2_000))
    traffic.told.clear()
    events, written = events + 2_000, written + len(text)
    upload.write(packer.compress(text) if packed else text)
if packed:
    upload.write(packer.flush())
services.accept(upload.close())
print(events)
"""
# What the page says, and what is true: items of the file that are accounted for.
WATCH = """
import json, time
import django; django.setup()
from django.db.models import F, Sum
from support_portal.ingest.files import selectors
from support_portal.ingest.files.models import ENDED, ImportedFile
from support_portal.ingest.models import Delivery
while True:
    file = ImportedFile.objects.get()
    said = selectors.share_now(file)
    total = F("recorded") + F("repeated") + F("ignored") + F("quarantined")
    done = Delivery.objects.filter(file_id=file.id).aggregate(n=Sum(total))["n"] or 0
    print(json.dumps([said, done, file.state]), flush=True)
    if file.state in ENDED:
        break
    time.sleep(0.5)
"""


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="sqlite")
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--packed", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        made = _python(portal, MAKE, str(options.megabytes), "yes" if options.packed else "no")
        events = int(next(made))
        portal.start_worker()
        portal.start_beat()
        _measure(portal, events, f"{options.database}, {options.megabytes} MB")


def _measure(portal: Stack, events: int, title: str) -> None:
    began = time.perf_counter()
    most, farthest, state = 0, 0.0, ""
    for line in _python(portal, WATCH):
        said, done, state = json.loads(line)
        most = max(most, resident(portal.members("worker")))
        farthest = max(farthest, abs(said - done / events))
    seconds = time.perf_counter() - began
    sys.stdout.write(
        f"{title}: {events:,} events, {state}\n"
        f"{'events/s':<40}{events / seconds:>12,.0f}\n"
        f"{'most resident memory of the worker, MB':<40}{most / 2**20:>12,.0f}\n"
        f"{'farthest the progress was off, %':<40}{farthest * 100:>12.2f}\n"
    )


def _python(portal: Stack, code: str, *arguments: str) -> Iterator[str]:
    """Yield the lines that ``code`` prints in the environment of the stack."""
    with subprocess.Popen(
        [*PYTHON, "-c", code, *arguments],
        cwd=REPOSITORY,
        env=portal.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield from process.stdout


if __name__ == "__main__":
    main()
