"""Sending an export while it is read: the first bytes at once, the rest as fast as the reader takes it."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from support_portal.browsing.exports.rows import batches
from support_portal.browsing.exports.tables import Table
from support_portal.browsing.exports.values import Reader
from support_portal.browsing.exports.writing import Writer

log = logging.getLogger(__name__)
AT_ONCE = 2  # of a process: a download holds a thread as long as its reader takes
Piece = tuple[bytes, int]  # and how many rows it holds
_SEATS = threading.BoundedSemaphore(AT_ONCE)


def pieces(table: Table, parts: Sequence[QuerySet[Any]], writer: Writer) -> Iterator[Piece]:
    """Yield the rows of ``parts`` as a file."""
    yield writer.head(), 0
    reader = Reader(table)
    for rows in batches(table, parts):
        yield writer.rows(reader.columns(rows)), len(rows)


class Download:
    """The bytes of an export.  It has a seat until it is closed, which whoever serves it does."""

    def __init__(
        self, pieces: Iterable[Piece], told: str, seats: threading.BoundedSemaphore
    ) -> None:
        self._seats = seats
        self._pieces = pieces
        self._told = told
        self._rows = 0
        self._end = "broken off"
        self._began = time.monotonic()
        self._closed = False

    @classmethod
    def begin(cls, pieces: Iterable[Piece], told: str) -> "Download | None":
        """Return a download, None when there are AT_ONCE already; ``told`` is for the log."""
        seats = _SEATS
        if not seats.acquire(blocking=False):
            return None
        log.info("export begins: %s", told)
        return cls(pieces, told, seats)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the file piece by piece; what fails breaks it off, so that nobody takes it for whole."""
        self._end = "failed"  # unless the next piece is there
        for data, rows in self._pieces:
            self._end = "broken off"  # unless somebody takes the piece
            yield data
            self._end = "failed"
            self._rows += rows
        self._end = "complete"

    def close(self) -> None:
        """Give the seat back, and write down what became of it."""
        if self._closed:
            return
        self._closed = True
        self._seats.release()
        seconds = time.monotonic() - self._began
        log.info("export %s: %s; %d rows in %.1f s", self._end, self._told, self._rows, seconds)

    def __del__(self) -> None:
        """Give the seat back where no answer came of it, as when the session could not be saved."""
        self.close()
