"""Remove what is older than it is to be kept, or say what that would be."""

import argparse
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from support_portal.core.pruning import Amount, Kind, Pruner
from support_portal.operations.retention import KINDS

ROW = "{:<32}{:>10}  {:<17}{:>14}{:>12}{:>12}"
HEAD = ROW.format("kind", "kept for", "goes before (UTC)", "rows", "partitions", "bytes")


class Command(BaseCommand):
    """Do at once what the worker does bit by bit."""

    help = (
        "Remove records that are older than PORTAL_KEEP_…_DAYS say. What the worker does anyway, now;"
        " Ctrl-C leaves the rest to it."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the wish to look first."""
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go, and remove nothing"
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Say or do it, and print one table."""
        now = timezone.now()
        planned = {kind.name: kind.would_remove(now) for kind in KINDS}
        gone = planned if dry_run else self._remove(planned)
        self.stdout.write(HEAD)
        for kind in KINDS:
            self._tell(kind, gone[kind.name], now)
        self.stdout.write("Nothing was removed." if dry_run else "Removed.")

    def _remove(self, planned: dict[str, Amount]) -> dict[str, Amount]:
        gone: dict[str, Amount] = defaultdict(Amount)
        for kind, amount in Pruner(KINDS).everything(timezone.now()):
            told = gone[kind.name]
            told.add(amount)
            wanted = planned[kind.name].rows.total()
            self.stderr.write(
                f"\r{kind.words}: {told.rows.total():,} of {wanted:,} rows\033[K", ending=""
            )
        self.stderr.write("\r\033[K", ending="")
        return gone

    def _tell(self, kind: Kind, amount: Amount, now: Any) -> None:
        oldest = kind.oldest(now)
        self.stdout.write(
            ROW.format(
                kind.words,
                f"{kind.days} days" if oldest else "ever",
                f"{oldest:%Y-%m-%d %H:%M}" if oldest else "",
                f"{amount.rows.total():,}",
                amount.partitions or "",
                filesizeformat(amount.bytes).replace("\xa0", " ") if amount.bytes else "",
            ).rstrip()
        )
        for words, rows in sorted(amount.rows.items()):
            if rows:
                self.stdout.write(ROW.format(f"  {words}", "", "", f"{rows:,}", "", "").rstrip())
