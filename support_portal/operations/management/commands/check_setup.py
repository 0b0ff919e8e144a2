"""Tell whether this installation is fit for its work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.operations.setup_checks import findings


class Command(BaseCommand):
    """Print a line for each question; the exit code says whether all are well."""

    help = "Check settings, keys, database, migrations and broker; exit 1 when something is wrong."
    requires_system_checks: list[str] = []  # they are one of the questions

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question, so that one visit shows everything there is to mend."""
        wrong = 0
        for finding in findings():
            word = "ok" if finding.good else "WRONG"
            self.stdout.write(f"{word:<6} {finding.subject}: {finding.text}")
            wrong += not finding.good
        if wrong:
            raise CommandError(f"{wrong} to put right.")
