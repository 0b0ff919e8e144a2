"""The text of a file: unpacked and in UTF-8, read in pieces of bounded size, from any place on."""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from support_portal.ingest.files.unpacking import MAGIC, PIECE, Unpacker

HEAD = 64 * 2**10
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook. Save the sheet as CSV"),
    (b"%PDF", "a PDF. Send the text itself"),
    (b"\x89PNG", "a picture. Send the text itself"),
    (b"\xff\xd8\xff", "a picture. Send the text itself"),
    (b"SQLite format 3", "a database. Export its rows as CSV or NDJSON"),
    (b"x\x01", "packed with zlib. Pack it with gzip instead"),
    (b"x\x9c", "packed with zlib. Pack it with gzip instead"),
    (b"x\xda", "packed with zlib. Pack it with gzip instead"),
    (b"BZh", "packed with bzip2. Pack it with gzip instead"),
    (b"\xfd7zXZ", "packed with xz. Pack it with gzip instead"),
    (b"7z\xbc\xaf", "packed with 7-Zip. Pack it with gzip instead"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd. Pack it with gzip instead"),
)
_EMPTY = "The file is empty."
_NOTHING_INSIDE = "The file is packed, and there is nothing in it."
_DAMAGED = "The file begins like gzip and is damaged from there on. Pack it again."
_TWICE = "The file is packed with gzip twice. Unpack it once."
_FOREIGN_SENTENCE = "The file is {what}."
_NO_TEXT = "The file holds bytes that are no text. Send JSON, NDJSON, CSV, XML or text in UTF-8."
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MOST_CONTROLS = 0.05  # a tenth of random bytes
_WIDE = 0.4  # every second byte is zero where Latin text is written in two bytes a character


class Unreadable(Exception):
    """The file cannot be taken; the message is a sentence that says why and what to do."""


class Source(Protocol):
    """Where the bytes of a file are."""

    @property
    def size(self) -> int:
        """Return how many bytes there are."""

    def pieces(self, offset: int) -> Iterator[bytes]:
        """Yield the bytes from ``offset`` on, in pieces of bounded size."""


class LocalFile:
    """A file on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    def pieces(self, offset: int) -> Iterator[bytes]:
        """Yield the bytes from ``offset`` on."""
        with self.path.open("rb") as file:
            file.seek(offset)
            while piece := file.read(PIECE):
                yield piece


class Text:
    """What stands in a file, whatever it is packed in and however its characters are written."""

    def __init__(self, source: Source) -> None:
        """Look at the beginning; Unreadable when there is no text."""
        self.source = source
        self.unpacker: Unpacker | None = None
        self._read = 0
        raw = b"".join(_first(source.pieces(0), HEAD))
        if not raw:
            raise Unreadable(_EMPTY)
        self.packed = raw.startswith(MAGIC)
        head = _unpacked_head(raw) if self.packed else raw
        self.charset = _charset(head)
        _refuse_what_is_no_text(head, wide=bool(self.charset))
        self.head = b"".join(_in_utf8([head], self.charset)) if self.charset else head
        # The head ends the text, too: what follows its last line is whole.
        self.is_short = source.size <= HEAD and not self.packed

    @property
    def problem(self) -> str:
        """Say why the text ended before the file did; "" when it did not."""
        return self.unpacker.problem if self.unpacker else ""

    def pieces(self, position: int) -> Iterator[bytes]:
        """Yield the text from ``position`` on; what is converted is read again from its start."""
        if not self.packed and not self.charset:
            yield from self.source.pieces(position)
            return
        self._read = 0
        self.unpacker = Unpacker() if self.packed else None
        pieces = self._counted()
        if self.unpacker:
            pieces = self.unpacker.pieces(pieces)
        if self.charset:
            pieces = _in_utf8(pieces, self.charset)
        yield from _skipped(pieces, position)

    def consumed(self, position: int) -> int:
        """Return how much of the file was read to reach ``position`` in the text."""
        if self.unpacker:
            return self.unpacker.read
        return self._read if self.charset else min(position, self.source.size)

    def _counted(self) -> Iterator[bytes]:
        for piece in self.source.pieces(0):
            self._read += len(piece)
            yield piece


def _first(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    left = size
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def _unpacked_head(raw: bytes) -> bytes:
    unpacker = Unpacker()
    head = b"".join(_first(unpacker.pieces([raw]), HEAD))
    if not head:
        raise Unreadable(_DAMAGED if unpacker.problem else _NOTHING_INSIDE)
    if head.startswith(MAGIC):
        raise Unreadable(_TWICE)
    return head


def _charset(head: bytes) -> str:
    """Return the name of a wide encoding, "" for everything that is read as UTF-8."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head[1::2].count(0) > _WIDE * len(head) and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > _WIDE * len(head) and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def _refuse_what_is_no_text(head: bytes, *, wide: bool) -> None:
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise Unreadable(_FOREIGN_SENTENCE.format(what=what))
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not wide and controls > _MOST_CONTROLS * len(head):
        raise Unreadable(_NO_TEXT)


def _in_utf8(pieces: Iterable[bytes], charset: str) -> Iterator[bytes]:
    """Yield the text in UTF-8; what is no character stays visible as its number."""
    decoder = codecs.getincrementaldecoder(charset)("backslashreplace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "backslashreplace")
    yield decoder.decode(b"", final=True).encode("utf-8", "backslashreplace")


def _skipped(pieces: Iterable[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        if count < len(piece):
            yield piece[count:]
        count = max(0, count - len(piece))
