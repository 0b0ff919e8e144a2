"""Make a webhook key for 8x8."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Create the key and print the path to give to 8x8, once."""

    help = "Create a webhook key: the same as create_token --hook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose key it is, and what goes with it."""
        parser.add_argument("name", help="who will use it, such as '8x8 production'")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")
        parser.add_argument(
            "--authorization", default="", help="the Authorization value agreed on with 8x8"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the path alone on standard output, so that a script can take it."""
        call_command(
            "create_token",
            options["name"],
            hook=True,
            days=options["days"],
            authorization=options["authorization"],
            stdout=self.stdout,
            stderr=self.stderr,
        )
