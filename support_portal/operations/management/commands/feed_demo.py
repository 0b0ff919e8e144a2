"""Send the demo company's two weeks through the intake."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from support_portal.operations import demo

STEPS = 10


class Command(BaseCommand):
    """Feed the demo; a run that was stopped goes on where it was."""

    help = "Send the demo company's two weeks through the intake, newest first. Can be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        """Send what is missing and print a line for each tenth."""
        self.told = 0
        end = demo.feed(now=timezone.now(), report=self._report)
        if end is not None:
            demo.wait_until_drained()
            demo.find_incidents(end)
            demo.settle_novelties()
        self.stdout.write("The demo data are complete.")

    def _report(self, sent: int, total: int) -> None:
        step = sent * STEPS // total
        if step > self.told:
            self.told = step
            self.stdout.write(f"{sent:,} of {total:,} lines sent")
