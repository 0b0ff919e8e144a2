"""A text that was rewritten to be read, with the way back to every original place."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable

# What a match is rewritten to; None leaves it as it is.
Rewrite = Callable[[re.Match[str]], str | None]


class Reading:
    """A text and where each of its characters came from.

    All characters of a rewritten piece stand for the same stretch of the text below; the rest is
    there as it is.  Pieces, not characters, are kept, so the way back costs memory only where
    something was rewritten.
    """

    def __init__(self, text: str, below: "Reading | None" = None, offset: int = 0) -> None:
        self.text = text
        self._below = below
        # Piece for piece: where it stands here, and in the text below. The first is the beginning.
        self._starts, self._ends = array("I", [0]), array("I", [0])
        self._starts_below, self._ends_below = array("I", [offset]), array("I", [offset])

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original text of what stands from ``start`` to ``end``."""
        if self._below is None:
            return start, end
        return self._below.origin(self._start(start), self._end(end))

    def part(self, start: int, end: int) -> "Reading":
        """Return a reading of its own of what stands from ``start`` to ``end``."""
        return Reading(self.text[start:end], self, start)

    def rewritten(self, pattern: re.Pattern[str], rewrite: Rewrite) -> "Reading":
        """Return the reading in which matches of ``pattern`` are rewritten."""
        return self.replaced(
            (*found.span(), plain)
            for found in pattern.finditer(self.text)
            if (plain := rewrite(found)) is not None
        )

    def replaced(self, stretches: Iterable[tuple[int, int, str]]) -> "Reading":
        """Return the reading with other words from start to end of each stretch, in order."""
        text, upper = self.text, Reading("", self)
        parts: list[str] = []
        length = done = 0
        for start, end, plain in stretches:
            parts += (text[done:start], plain)
            length += start - done
            upper._starts.append(length)
            upper._starts_below.append(start)
            length += len(plain)
            upper._ends.append(length)
            upper._ends_below.append(end)
            done = end
        if not parts:
            return self
        upper.text = "".join((*parts, text[done:]))
        return upper

    def _start(self, place: int) -> int:
        piece = bisect_right(self._starts, place) - 1
        if place < self._ends[piece]:
            return self._starts_below[piece]
        return self._ends_below[piece] + place - self._ends[piece]

    def _end(self, place: int) -> int:
        piece = bisect_right(self._starts, place - 1) - 1
        if place <= self._ends[piece]:
            return self._ends_below[piece]
        return self._ends_below[piece] + place - self._ends[piece]
