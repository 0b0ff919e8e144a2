"""Take API errors and receipts from files of this machine."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.ingest import services
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.files import columns, imports, selectors, written_times
from support_portal.ingest.files import services as files
from support_portal.ingest.files.columns import Incomplete, Table
from support_portal.ingest.files.models import ImportedFile
from support_portal.ingest.files.streams import Unreadable

LOOK = 0.2  # seconds between looks at what the worker has done
PATIENCE = 10.0  # seconds without a sign of the worker until somebody is told


class Command(BaseCommand):
    """Send files through the same intake as everything else."""

    help = (
        "Take API errors and delivery receipts from files: NDJSON, JSON, CSV, XML or lines of text, "
        "plain or .gz. Started again after it was stopped, it goes on where it was."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Files, what their columns are, and whether to drain here instead of in the worker."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--drain", action="store_true", help="record the events here, without a worker"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="MEANING=NAME",
            help="what a column of a CSV file is, for example umid='Message ID'; may be repeated",
        )
        parser.add_argument(
            "--guess", action="store_true", help="trust the guess for the other columns"
        )
        parser.add_argument(
            "--first",
            choices=[order for order in written_times.ORDERS if order],
            help="what comes first in dates such as 03/04/2026; told where the first rows do not say",
        )
        parser.add_argument(
            "--anyway",
            action="store_true",
            help="take a CSV file none of whose first rows is understood",
        )
        parser.add_argument(
            "--skip-known", action="store_true", help="leave out files that were taken before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take each file; stop at the first that cannot be read."""
        self.options = options
        for path in options["files"]:
            try:
                self._take(path)
            except (Unreadable, Incomplete, OSError) as error:
                raise CommandError(f"{path.name}: {_words(error)}") from None
            except KeyboardInterrupt:
                raise CommandError(
                    f"{path.name}: stopped. Start the same command again to go on."
                ) from None
        if not options["drain"]:
            doorbell.ring()
            self.stdout.write("The worker records them; /intake/files/ shows how far it is.")

    def _take(self, path: Path) -> None:
        file = imports.begin(path, self._columns)
        if before := imports.taken_before(file):
            self.stderr.write(
                f"{path.name}: the same file was taken before ({before.created_at:%Y-%m-%d %H:%M} UTC)."
            )
            if self.options["skip_known"]:
                imports.leave(file)
                return
        for remark in file.remarks:
            self.stderr.write(f"{path.name}: {remark}")
        if file.bytes_read:
            self.stderr.write(f"{path.name}: goes on at byte {file.bytes_read:,}.")
        self._read(file, path)
        self._tell(file)

    def _read(self, file: ImportedFile, path: Path) -> None:
        reader = imports.open_reader(file, path)
        finished = False
        while not finished:
            finished = reader.take(files.AHEAD - files.waiting_bodies())
            self._let_record(file, to_the_end=finished)

    def _let_record(self, file: ImportedFile, *, to_the_end: bool) -> None:
        """Drain here, or wait until the worker has."""
        if self.options["drain"]:
            while services.drain().more and (to_the_end or files.waiting_bodies()):
                self._show(file)
            return
        doorbell.ring()
        quiet = 0.0
        while not to_the_end and files.waiting_bodies() >= files.AHEAD:
            time.sleep(LOOK)
            quiet += LOOK
            if PATIENCE <= quiet < PATIENCE + LOOK:
                self.stderr.write(
                    "\nThe worker does not record anything. Start it, or use --drain."
                )
            self._show(file)
        self._show(file)

    def _show(self, file: ImportedFile) -> None:
        file.refresh_from_db(fields=["state", "position", "bytes_read"])
        share = selectors.share_now(file)
        self.stderr.write(f"\r{file.name}: {share:.0%} recorded", ending="")

    def _tell(self, file: ImportedFile) -> None:
        files.settle()
        file.refresh_from_db()
        self.stderr.write(f"\r{file.name}: kept in {_deliveries(file.bodies)}")
        if file.finished_at:
            self.stdout.write(
                f"{file.name}: recorded {file.recorded:,}, repeated {file.repeated:,}, "
                f"ignored {file.ignored:,}, quarantined {file.quarantined:,}"
            )
        if file.problem:
            raise Unreadable(file.problem)

    def _columns(self, table: Table, rows: Sequence[Sequence[str]]) -> Table:
        """Return the table with what its columns are, tried out with its first rows."""
        order = self.options["first"] or columns.guess_order(table, rows)
        found = columns.checked(table, self._meanings(table, rows), order)
        if not self.options["anyway"]:
            columns.try_out(found, rows)
        return found

    def _meanings(self, table: Table, rows: Sequence[Sequence[str]]) -> list[str]:
        """Return what each column is, as the options say it or as it is guessed."""
        told = dict(reversed(each.partition("=")[::2]) for each in self.options["column"])
        unknown = sorted(set(told) - set(table.names))
        if unknown:
            raise Incomplete(
                f"There is no column {unknown[0]!r}. There are: {', '.join(table.names)}."
            )
        if not told and not self.options["guess"]:
            raise Incomplete(
                "Say what the columns are with --column MEANING=NAME, or trust --guess. "
                f"The columns: {', '.join(table.names)}. The meanings: {', '.join(columns.MEANINGS)}."
            )
        if not self.options["guess"]:
            return [told.get(name, "") for name in table.names]
        guessed = columns.guess(table, rows)
        return [
            told.get(name) or (meaning if meaning not in told.values() else "")
            for name, meaning in zip(table.names, guessed, strict=True)
        ]


def _words(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or error)


def _deliveries(count: int) -> str:
    return "1 delivery" if count == 1 else f"{count:,} deliveries"
