"""A pasted text as the page shows it: in segments, each recognised thing marked and numbered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support_portal.payloads import phones
from support_portal.payloads.recognise import Thing

LONGEST_SHOWN = 50_000
TINTS = {
    "error_id": "error",
    "uuid": "error",
    "partial_id": "error",
    "umid": "umid",
    "batch_id": "umid",
    "client_message_id": "umid",
    "client_batch_id": "umid",
    "code": "code",
    "http_status": "code",
    "phone": "phone",
    "time": "time",
}
NAMES = {
    "error_id": "errorId",
    "uuid": "id",
    "partial_id": "cut id",
    "umid": "umid",
    "batch_id": "batchId",
    "client_message_id": "client message id",
    "client_batch_id": "client batch id",
    "code": "code",
    "http_status": "HTTP status",
    "phone": "phone number",
    "time": "time",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text; with a number, one of the things in it."""

    text: str
    number: int = 0
    tint: str = ""


def cleaned(text: str) -> str:
    """Replace what neither a database nor a page can hold: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def segments(text: str, things: Sequence[Thing]) -> list[Segment]:
    """Return the beginning of ``text`` in segments; numbers of phones are masked."""
    return list(_segments(text[:LONGEST_SHOWN], things))


def _segments(text: str, things: Sequence[Thing]) -> Iterator[Segment]:
    place = 0
    for number, thing in enumerate(things, start=1):
        if thing.start < place or thing.end > len(text):
            continue
        if thing.start > place:
            yield Segment(text[place : thing.start])
        written = text[thing.start : thing.end]
        shown = phones.mask(thing.value) if thing.kind == "phone" else written
        yield Segment(shown, number, TINTS[thing.kind])
        place = thing.end
    if place < len(text):
        yield Segment(text[place:])


def lines_of(text: str, things: Sequence[Thing]) -> list[int]:
    """Return the line, from 1, in which each thing stands; things are in the order of the text."""
    lines, line, place = [], 1, 0
    for thing in things:
        line += text.count("\n", place, thing.start)
        place = thing.start
        lines.append(line)
    return lines


def shown_value(thing: Thing) -> str:
    """Return the value of a thing as a page may show it."""
    return phones.mask(thing.value) if thing.kind == "phone" else thing.value
