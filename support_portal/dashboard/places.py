"""Where in an item the trouble is, as far as the refusal tells."""

import json
import re
from dataclasses import dataclass

# Reading a whole item again costs memory; larger ones keep to what the refusal says.
LONGEST_READ = 2_000_000
_LONGEST_VALUE = 200
_BYTE = re.compile(r"\bbyte ([0-9]{1,10})\b")
_LINE = re.compile(r"\bline ([0-9]{1,9}), column ([0-9]{1,9})")
_FIELD = re.compile(r"([A-Za-z_]{2,40}(?:\.[A-Za-z_]{2,40}){0,4}) (?:is|cannot)\b")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of bytes, and the words that name it."""

    start: int
    end: int
    words: str


def place_of(raw: bytes, reason: str, detail: str) -> Place | None:
    """Return where ``raw`` cannot be read; None when nothing points to a place."""
    if reason == "not_text":
        return _no_text(raw)
    if reason == "not_json" and (found := _no_json(raw)):
        return found
    return _by_line(raw, detail) or _by_byte(raw, detail) or _by_field(raw, detail)


def _no_text(raw: bytes) -> Place | None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return Place(error.start, error.end, f"byte {error.start:,}: no UTF-8 text")
    return None


def _no_json(raw: bytes) -> Place | None:
    if len(raw) > LONGEST_READ:
        return None
    try:
        json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        start = len(raw) - len(error.doc.encode()) + len(error.doc[: error.pos].encode())
        return Place(start, start + 1, f"byte {start:,}: {error.msg}")
    except (ValueError, RecursionError):
        return None
    return None


def _by_byte(raw: bytes, detail: str) -> Place | None:
    found = _BYTE.search(detail)
    if found is None or int(found[1]) > len(raw):
        return None
    start = int(found[1])
    return Place(start, start + 1, f"byte {start:,}")


def _by_line(raw: bytes, detail: str) -> Place | None:
    found = _LINE.search(detail)
    if found is None:
        return None
    start, line = 0, int(found[1])
    for _ in range(line - 1):
        following = raw.find(b"\n", start)
        if following < 0:
            return None
        start = following + 1
    start = min(len(raw), start + int(found[2]))
    return Place(start, start + 1, f"line {line:,}, column {int(found[2]):,}")


def _by_field(raw: bytes, detail: str) -> Place | None:
    """Find the field that the sentence begins with, and its value."""
    found = _FIELD.match(detail)
    if found is None:
        return None
    name = re.escape(found[1].rpartition(".")[2].encode())
    value = rb'("(?:[^"\\]|\\.){0,%d}"?|[^,}\]\s]{1,%d})' % (_LONGEST_VALUE, _LONGEST_VALUE)
    there = re.search(rb'"%s"\s{0,20}:\s{0,20}%s' % (name, value), raw)
    if there is None:
        return None
    return Place(there.start(1), there.end(1), f"the field {found[1]}, at byte {there.start(1):,}")
