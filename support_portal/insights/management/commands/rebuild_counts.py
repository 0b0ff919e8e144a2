"""Count errors and messages again, or prove that the counts are right."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.insights import rebuilding
from support_portal.insights.asking import moment

SHOWN = 20


class Command(BaseCommand):
    """Rebuild the counts from the facts, day by day, while the intake goes on."""

    help = "Counts errors and messages again from what is stored, day by day; the intake goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and from when on."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when a count is wrong"
        )
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="leave older days alone"
        )

    def handle(self, *, check: bool, since: date | None, **_: Any) -> None:
        """Go through the days that have facts; those whose facts are gone keep their counts."""
        wrong = seen = 0
        for day in rebuilding.days():
            if since and moment(day).date() < since:
                continue
            seen += 1
            if check:
                wrong += self._differences(day)
            else:
                rebuilding.rebuild_day(day)
            self.stderr.write(f"\r{moment(day):%Y-%m-%d}: {seen} days", ending="")
        if not (check or since):
            rebuilding.caught_up()
        self.stderr.write("")
        if wrong:
            raise CommandError(f"{wrong} counts are wrong: run rebuild_counts without --check.")
        self.stdout.write(f"{seen} days {'are right' if check else 'were counted again'}.")

    def _differences(self, day: int) -> int:
        found = list(rebuilding.differences(day))
        for (grain, bucket, key), held, wanted in found[:SHOWN]:
            self.stdout.write(f"{moment(bucket)} {grain} min {key}: {held}, facts {wanted}")
        return len(found)
