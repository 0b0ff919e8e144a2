"""Try again what was not understood."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import QuarantineEntry
from support_portal.ingest.services import replay


class Command(BaseCommand):
    """Send quarantined items through the intake again."""

    help = "Send quarantined items through the intake again, for instance after an upgrade."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take one reason, or all."""
        parser.add_argument("--reason", default="", help="only items with this reason")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        """Replay and say how many."""
        entries = QuarantineEntry.objects.waiting()
        if reason:
            entries = entries.filter(reason=reason)
        count = replay(entries.iterator(chunk_size=200), by="replay_quarantine")
        doorbell.ring()
        self.stdout.write(f"{count:,} items go through the intake again.")
