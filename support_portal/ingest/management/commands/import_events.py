"""Take API errors and receipts from NDJSON and JSON files."""

import argparse
import zlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.ingest import services
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.files import UnreadableFile, bodies
from support_portal.ingest.models import Source


class Command(BaseCommand):
    """Send files through the same intake as everything else."""

    help = "Take API errors and delivery receipts from NDJSON or JSON files (.gz or plain)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Files, and whether to drain here instead of leaving it to the worker."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--drain", action="store_true", help="record the events here, without a worker"
        )

    def handle(self, *args: Any, files: list[Path], drain: bool, **options: Any) -> None:
        """Take each file; stop at the first that cannot be read."""
        for file in files:
            try:
                self._take(file)
            except (UnreadableFile, OSError, EOFError, zlib.error) as error:
                raise CommandError(f"{file.name}: {error}") from None
        if drain:
            self._drain()
        else:
            doorbell.ring()
            self.stdout.write("The worker records them; /intake/ shows how far it is.")

    def _take(self, file: Path) -> None:
        total = file.stat().st_size
        taken = 0
        for body, read in bodies(file):
            services.receive(body, source=Source.FILE, sender=file.name)
            taken += 1
            # A compressed file says only how much came out of it.
            share = (
                f"{read:,} bytes"
                if file.suffix == ".gz"
                else f"{min(100, 100 * read // max(total, 1))} %"
            )
            self.stderr.write(f"\r{file.name}: {share}", ending="")
        self.stderr.write(f"\r{file.name}: kept in {taken} deliveries")

    def _drain(self) -> None:
        recorded = repeated = quarantined = 0
        while (drained := services.drain()).more:
            recorded += drained.recorded
            repeated += drained.repeated
            quarantined += drained.quarantined
            self.stderr.write(f"\rrecorded {recorded:,}", ending="")
        self.stdout.write(
            f"\rrecorded {recorded:,}, repeated {repeated:,}, quarantined {quarantined:,}"
        )
