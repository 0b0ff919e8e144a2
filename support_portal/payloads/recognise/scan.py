"""One reading of a text, and what every search in it shares."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from support_portal.payloads.recognise.columns import Cell, cells
from support_portal.payloads.recognise.labels import Label, Labels
from support_portal.payloads.recognise.readings import Reading


class Scan:
    """A reading, its text in lower case with the same places, its labels and table cells."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text
        # The only capital that would become two characters.
        self.lower = self.text.replace("İ", "I").lower()
        self.labels = Labels(self.text, self.lower)
        self.cells: list[Cell] = list(cells(self.text, self.labels))
        self._cell_starts = [cell.start for cell in self.cells]
        self._taken = bytearray(len(self.text))

    @staticmethod
    def found(pattern: re.Pattern[str], text: str, signs: Iterable[str]) -> Iterator[re.Match[str]]:
        """Return the places of a pattern, of which each holds at least one of ``signs``.

        A text without any is not searched: to look for a sign takes a hundredth of the time.
        """
        return pattern.finditer(text) if any(sign in text for sign in signs) else iter(())

    def label(self, start: int, end: int) -> Label | None:
        """Return the label of a value: the head of its column, or the words near it."""
        index = bisect_right(self._cell_starts, start) - 1
        if index >= 0 and end <= self.cells[index].end:
            return self.cells[index].label
        return self.labels.of(start, end)

    def take(self, start: int, end: int) -> bool:
        """Claim a place; False when some of it is taken."""
        if any(self._taken[start:end]):
            return False
        self._taken[start:end] = b"\x01" * (end - start)
        return True
