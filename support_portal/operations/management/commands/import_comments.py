"""Take comments that were written elsewhere, for instance in a customer's ticket system."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal.comments.services import EmptyComment, LongComment, bring
from support_portal.lookup import subjects

KINDS = {
    "errorId": "error",
    "umid": "message",
    "incident": "incident",
    "code": "code",
    "inquiry": "inquiry",
}
LONGEST_SOURCE = 200
LONGEST_LINE = 1_000_000
EXAMPLE = (
    '{"errorId": "…", "id": "4711-1", "author": "Jo", "at": "2026-11-23T06:30:00Z", "text": "…"}'
)


class Refused(ValueError):
    """A line that cannot be taken; the text says why."""


class Command(BaseCommand):
    """Bring comments in from NDJSON; brought twice, each is there once."""

    help = (
        "Take comments that were written elsewhere from NDJSON, one a line: "
        f"{EXAMPLE}. Instead of errorId: umid, incident, code (api_error/1300) or inquiry. "
        "They are shown with their source, as words of nobody in the team."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file and where its comments come from."""
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--source", required=True, help="where they were written, as shown")

    def handle(self, *args: Any, file: str, source: str, **options: Any) -> None:
        """Bring in what can be; say what cannot, line by line."""
        if not 0 < len(source.strip()) <= LONGEST_SOURCE:
            raise CommandError(f"Name the source in up to {LONGEST_SOURCE} characters.")
        found: Counter[str] = Counter()
        for number, line in enumerate(_lines(file), start=1):
            if not line.strip():
                continue
            try:
                found["new" if _bring(line, source.strip()) else "already here"] += 1
            except (Refused, EmptyComment, LongComment) as refused:
                found["refused"] += 1
                self.stderr.write(f"line {number}: {refused}")
        told = ", ".join(f"{found[word]:,} {word}" for word in ("new", "already here", "refused"))
        self.stdout.write(told)
        if found["refused"]:
            raise CommandError(
                "Not everything was taken. Mend those lines and bring the file again."
            )


def _lines(file: str) -> Iterator[str]:
    if file == "-":
        yield from sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from lines
    except OSError as problem:
        raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None


def _bring(line: str, source: str) -> bool:
    told = _object(line)
    kind, key = _named(told)
    about = subjects.anywhere(kind, key)
    if about is None:
        raise Refused(f"{key[:60]!r} is not here.")
    return bring(
        about,
        _text(told, "text"),
        source=source,
        id=_text(told, "id"),
        author_name=_text(told, "author", "")[:150],
        at=_moment(told),
    )


def _object(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Refused("That line is too long.")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(f"A line is an object, for example {EXAMPLE}")
    return told


def _named(told: dict[str, Any]) -> tuple[str, str]:
    names = [name for name in KINDS if name in told]
    if len(names) != 1:
        raise Refused(f"Say what it is about by one of {', '.join(KINDS)}.")
    return KINDS[names[0]], str(told[names[0]])


def _text(told: dict[str, Any], name: str, otherwise: str | None = None) -> str:
    value = told.get(name, otherwise)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (otherwise is None and not value.strip()):
        raise Refused(f"“{name}” is a text and not empty.")
    return value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _moment(told: dict[str, Any]) -> datetime | None:
    if told.get("at") is None:
        return None
    text = _text(told, "at")
    try:
        at = datetime.fromisoformat(text)
        moment = at.astimezone(UTC)
    except (ValueError, OverflowError):  # or in UTC it is no day that there is
        raise Refused("“at” is a time like 2026-11-23T06:30:00Z.") from None
    if at.tzinfo is None:
        raise Refused("“at” needs a time zone, for example Z.")
    return moment
