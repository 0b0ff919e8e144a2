"""A received body to its payloads: one object, an array, or lines of objects (NDJSON)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec
from msgspec import Raw, Struct

from support_portal.payloads import csv_rows
from support_portal.payloads.arrays import ARRAY, DECODING_ERRORS, elements, is_json
from support_portal.payloads.records import Item
from support_portal.payloads.several import several
from support_portal.payloads.times import parse_time

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_JSON = (b"{", b"[")
# The shortest record, an error without message, has 89 bytes. Anything shorter is a crumb:
# millions of them in one body would cost a hundred times its size, so beyond the first
# thousand neighbouring crumbs stay together.
_CRUMB = 80
_MOST_CRUMBS = 1000
_MOST_BAD = 10_000
# Honest records have a comma every thirty bytes or so.
_DENSE_COMMAS = 8


class Envelope(Struct, rename="camel", gc=False):
    """A payload kept elsewhere, with the time it was first received."""

    received_at: str
    delivery: Raw


_ENVELOPE = msgspec.json.Decoder(Envelope)


def split(body: bytes) -> list[Item]:
    """Return the payloads of ``body`` in order; a body that cannot be read is one payload."""
    text = body.removeprefix(_BOM).strip(_SPACE)
    if not text.startswith(_JSON) and (end := csv_rows.header_end(text)) >= 0:
        return _rows(text, end)
    if text.startswith(b"["):
        pieces = _array(text)
        if pieces is not None:
            return _items(pieces, b",")
    if b"\n" in text and not is_json(text) and _is_lines(text):
        return _items(_lines(text), b"\n")
    if not text.startswith(_JSON) and b"\n" in text and (parts := several(text)):
        return _items(parts, b"\n")
    return [_item(0, text or body)]


def _rows(text: bytes, end: int) -> list[Item]:
    """Return each row of an export under its header; a header alone is one payload."""
    header = text[:end].rstrip(b"\r")
    found = [
        Item(position, header + b"\n" + row)
        for position, row in enumerate(csv_rows.rows(text, end + 1))
    ]
    return found or [Item(0, text)]


def _array(text: bytes) -> Iterable[bytes] | None:
    """Return the elements of an array, good and bad, or None when it is not an array."""
    if text.count(b",") * _DENSE_COMMAS <= len(text):
        try:
            return map(bytes, ARRAY.decode(text))
        except DECODING_ERRORS:
            pass
    if _starts_with_a_line_of_its_own(text):
        return None
    if is_json(text) or _holds_an_object(elements(text)):
        return elements(text)
    return None


def _starts_with_a_line_of_its_own(text: bytes) -> bool:
    end = text.find(b"\n")
    return end >= 0 and is_json(text[:end])


def _holds_an_object(pieces: Iterable[bytes]) -> bool:
    objects = (piece for piece in pieces if piece.startswith(b"{") and piece.endswith(b"}"))
    return any(map(is_json, islice(objects, _MOST_BAD)))


def _is_lines(text: bytes) -> bool:
    """Tell whether some line is an object by itself.

    An indented line counts only when it is the first: broken pretty-printed JSON may hold a
    complete inner object on a line of its own, and is still one payload.
    """
    stripped = (
        line.strip(_SPACE)
        for number, line in enumerate(_raw_lines(text))
        if number == 0 or line.startswith(b"{")
    )
    return _holds_an_object(stripped)


def _lines(text: bytes) -> Iterator[bytes]:
    for line in _raw_lines(text):
        stripped = line.strip(_SPACE)
        if stripped:
            yield stripped


def _raw_lines(text: bytes) -> Iterator[bytes]:
    """Yield the lines one by one; bytes.split would hold a reference for every newline."""
    start = 0
    while (end := text.find(b"\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _items(pieces: Iterable[bytes], separator: bytes) -> list[Item]:
    items: list[Item] = []
    crumbs, heap = 0, bytearray()
    for piece in pieces:
        if len(piece) < _CRUMB:
            crumbs += 1
            if crumbs > _MOST_CRUMBS:
                heap += separator + piece if heap else piece
                continue
        if heap:
            items.append(Item(len(items), bytes(heap)))
            heap.clear()
        items.append(_item(len(items), piece))
    if heap:
        items.append(Item(len(items), bytes(heap)))
    return items


def _item(position: int, raw: bytes) -> Item:
    if b'"delivery"' not in raw or b'"receivedAt"' not in raw:
        return Item(position, raw)
    try:
        envelope = _ENVELOPE.decode(raw)
    except DECODING_ERRORS:
        return Item(position, raw)
    inner = bytes(envelope.delivery)
    if not inner.startswith(b"{"):
        return Item(position, raw)
    return Item(position, inner, _time(envelope.received_at))


def _time(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
