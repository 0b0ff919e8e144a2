"""Cutting the text of a file into bodies of about a megabyte, each of whole records.

What a body holds can be understood without the rest of the file, and no body grows with the file:
a line, value or record that does not end is cut, and comes to light as something not understood.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from support_portal.ingest.files.columns import Table
from support_portal.ingest.files.log_lines import with_objects

BODY_SIZE = 1 * 2**20
LONGEST = 8 * 2**20  # of one line or one JSON value
_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
# A string of JSON never holds a raw newline, so one that is not closed ends with its line.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"?|[\[\]{},]')
_OPEN, _CLOSE = b"[{", b"]}"
_BETWEEN = _SPACE + b","


class Shape:
    """How the records of a file follow each other."""

    LINES = "lines"
    VALUES = "values"  # JSON values one after the other
    ARRAY = "array"  # inside an array
    XML = "xml"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of the file to be received, and the place after it."""

    data: bytes
    end: int  # position in the text
    shape: str  # from there on


class Window:
    """The part of a text that is looked at, and its place in the whole."""

    def __init__(self, pieces: Iterator[bytes], position: int) -> None:
        self.data = bytearray()
        self.position = position
        self.ended = False
        self._pieces = pieces

    def __len__(self) -> int:
        return len(self.data)

    def fill(self, size: int) -> bool:
        """Read on until ``size`` bytes are there or the text ends; tell whether any are."""
        while len(self.data) < size and not self.ended:
            piece = next(self._pieces, None)
            if piece is None:
                self.ended = True
            else:
                self.data += piece
        return bool(self.data)

    def take(self, size: int) -> bytes:
        """Take the first ``size`` bytes out."""
        taken = bytes(self.data[:size])
        del self.data[:size]
        self.position += len(taken)
        return taken


def cut(
    window: Window, shape: str, table: Table | None = None, root: bytes = b""
) -> Iterator[Body]:
    """Yield the bodies of the text in ``window``."""
    if shape == Shape.TABLE and table is not None:
        yield from _rows(window, table)
    elif shape == Shape.XML:
        yield from _documents(window, root)
    elif shape in (Shape.VALUES, Shape.ARRAY):
        yield from _values(window, inside=shape == Shape.ARRAY)
    else:
        yield from _lines(window)


def _lines(window: Window) -> Iterator[Body]:
    for body in _whole(window, lambda data: data.rfind(b"\n") + 1, Shape.LINES):
        yield Body(with_objects(body.data), body.end, body.shape)


def _documents(window: Window, root: bytes) -> Iterator[Body]:
    """Yield XML documents that follow each other; each ends where its root element does."""
    closing = re.compile(rb"</" + re.escape(root) + rb"\s*>")

    def end_of_last(data: bytearray) -> int:
        start = data.rfind(b"</" + root)
        found = closing.match(data, start) if start >= 0 else None
        return found.end() if found else 0

    yield from _whole(window, end_of_last, Shape.XML)


def _whole(window: Window, end_of_last: Callable[[bytearray], int], shape: str) -> Iterator[Body]:
    """Yield what is whole according to ``end_of_last``, and in pieces what is too long to wait for."""
    wanted = BODY_SIZE
    while window.fill(wanted):
        end = len(window) if window.ended else end_of_last(window.data)
        if not end and len(window) < LONGEST:
            wanted = len(window) + BODY_SIZE
            continue
        data = window.take(end or LONGEST)
        yield Body(data, window.position, shape)
        wanted = BODY_SIZE


def _rows(window: Window, table: Table) -> Iterator[Body]:
    """Yield rows under their header; a quote may hold newlines."""
    while window.fill(BODY_SIZE):
        data = window.take(_end_of_rows(window))
        yield Body(table.body(data), window.position, Shape.TABLE)


def _end_of_rows(window: Window) -> int:
    """Return where the last whole row ends: at a newline with an even number of quotes before it."""
    data = window.data
    if window.ended:
        return len(data)
    end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) % 2
    while end and odd:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(b'"', before, end) % 2
        end = before
    # A quote that nothing closes: its line goes alone, so that it does not swallow the others.
    return end or data.find(b"\n") + 1 or len(data)


def _values(window: Window, *, inside: bool) -> Iterator[Body]:
    """Yield the values of JSON documents, the elements of arrays one by one, as arrays."""
    wanted = BODY_SIZE
    while window.fill(wanted):
        scan = _Scan(inside=inside)
        scan.run(window.data, ended=window.ended)
        if scan.end == 0 and not window.ended:
            if len(window) >= LONGEST:  # this is no JSON, or none that we can hold
                yield from _lines(window)
                return
            wanted = len(window) * 2
            continue
        inside = scan.inside
        window.take(scan.end)
        shape = Shape.ARRAY if inside else Shape.VALUES
        yield Body(_as_array(scan.values), window.position, shape)
        wanted = BODY_SIZE


def _as_array(values: list[bytes]) -> bytes:
    return b"[" + b",".join(values) + b"]" if values else b""


class _Scan:
    """One look along a text of JSON values: which are whole, and where they end."""

    def __init__(self, *, inside: bool) -> None:
        self.values: list[bytes] = []
        self.inside = inside  # an array of which each element counts by itself
        self.end = 0
        self._depth = 0

    def run(self, data: bytearray, *, ended: bool) -> None:
        """Find the whole values in ``data``; at the end of the text the rest is one, too."""
        for token in _TOKEN.finditer(data):
            if token.end() == len(data) and not ended:
                break  # a string may go on, and so may all that follows it
            mark = data[token.start()]
            if mark in _OPEN:
                self._open(data, mark, token.start())
            elif mark in _CLOSE:
                self._close(data, token.start())
            elif mark == _BETWEEN[-1] and not self._depth:
                self._add(data, token.start(), token.end())
        if ended:
            self._add(data, len(data), len(data))

    def _open(self, data: bytearray, mark: int, place: int) -> None:
        if not self._depth and not self.inside:
            self._add(data, place, place)  # what stands between two values is kept, too
            if mark == _OPEN[0]:
                self.inside = True
                self.end = place + 1
                return
        self._depth += 1

    def _close(self, data: bytearray, place: int) -> None:
        if self._depth:
            self._depth -= 1
            if not self._depth and not self.inside:
                self._add(data, place + 1, place + 1)
        elif self.inside and data[place] == _CLOSE[0]:
            self._add(data, place, place + 1)
            self.inside = False

    def _add(self, data: bytearray, end: int, following: int) -> None:
        value = bytes(data[self.end : end]).strip(_BETWEEN).removeprefix(_BOM)
        if value:
            self.values.append(value)
        self.end = following
