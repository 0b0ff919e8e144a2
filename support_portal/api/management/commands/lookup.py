"""Look up a pasted text on the command line."""

import argparse
import json
import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from support_portal.events.models import EVERYTHING
from support_portal.lookup import Item, look_up
from support_portal.lookup.listing import listing

FOUND = {True: "found", False: "not found", None: ""}


class Command(BaseCommand):
    """Say what each id, number and code in a text is."""

    help = "Look up everything in TEXT: ids, phone numbers, codes. '-' reads the text from stdin."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the text and the form of the answer."""
        parser.add_argument("text", metavar="TEXT|-")
        parser.add_argument(
            "--json", action="store_true", help="answer as POST /api/v1/lookup does"
        )

    def handle(self, *args: Any, text: str, **options: Any) -> None:
        """Print one paragraph for each thing, or the whole as JSON."""
        found = look_up(read(sys.stdin.buffer) if text == "-" else text, EVERYTHING)
        if options["json"]:
            self.stdout.write(json.dumps(listing(found, EVERYTHING), ensure_ascii=False, indent=2))
            return
        for item in found.items:
            self.stdout.write("\n".join(_lines(item)))
        if not found.items:
            self.stdout.write("Nothing in the text can be looked up.")
        if found.left_out:
            self.stdout.write(f"{found.left_out:,} more were left out: paste less at once.")


def read(stream: BinaryIO) -> str:
    """Return all text of ``stream``; bytes that are not UTF-8 become U+FFFD."""
    return stream.read().decode("utf-8", "replace")


def _lines(item: Item) -> list[str]:
    lines = [f"{item.kind} {item.thing.value} {FOUND[item.found]}".rstrip()]
    if item.line:
        lines.append(f"  {item.line}")
    if item.verdict:
        lines.append(f"  Whose: {item.verdict.whose_label}. Retry: {item.verdict.retry_label}.")
        lines.extend(f"  - {step}" for step in item.verdict.next_step)
    lines.extend(f"  {hit.what} {hit.id} {hit.line}" for hit in item.hits if not item.hit)
    if item.href:
        lines.append(f"  {item.href}")
    return lines
