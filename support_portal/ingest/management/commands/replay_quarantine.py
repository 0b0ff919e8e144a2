"""Try again what was not understood."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.ingest import runs
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.quarantine_models import QuarantineRun, RunKind, RunState

STEP = 1.0  # seconds between two lines of progress
NAME = "replay_quarantine"


class Command(BaseCommand):
    """Send quarantined items through the intake again, by the engine that the page uses."""

    help = (
        "Send quarantined items through the intake again, for instance after an upgrade. "
        "Ctrl-C leaves the rest to the worker; the page of the quarantine can cancel it."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take one reason, or all."""
        parser.add_argument("--reason", default="", help="only items with this reason")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        """Replay, showing how far it is, and say what became of the items."""
        run = runs.begin(RunKind.REPLAY, by=NAME, reason=reason)
        while runs.push(run.id, seconds=STEP) is not runs.Pace.OVER:
            run.refresh_from_db()
            self.stderr.write(f"\r{run.seen:,} of {run.total:,} items tried", ending="")
        run.refresh_from_db()
        doorbell.ring()
        self._tell(run)

    def _tell(self, run: QuarantineRun) -> None:
        if run.state == RunState.CANCELLED:
            raise CommandError(f"{run.cancelled_by} cancelled it after {run.seen:,} items.")
        self.stdout.write(
            f"\rnow recorded {run.recorded:,}, repeated {run.repeated:,}, dropped by a rule "
            f"{run.ignored:,}, still not understood {run.still + run.returned:,}, "
            f"cannot be unsealed {run.unopened:,}"
        )
