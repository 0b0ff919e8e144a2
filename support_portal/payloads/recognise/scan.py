"""One reading of a text, and what every search in it shares."""

import re
from collections.abc import Iterable, Iterator

from support_portal.payloads.recognise.columns import Cells
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
        self.cells = Cells(self.text, self.labels)
        self._taken = bytearray(len(self.text))

    @staticmethod
    def found(pattern: re.Pattern[str], text: str, signs: Iterable[str]) -> Iterator[re.Match[str]]:
        """Return the places of a pattern, of which each holds at least one of ``signs``.

        A text without any is not searched: to look for a sign takes a hundredth of the time.
        """
        return pattern.finditer(text) if any(sign in text for sign in signs) else iter(())

    def label(self, start: int, end: int) -> Label | None:
        """Return the label of a value: the head of its column, or the words near it."""
        return self.cells.head(start, end) or self.labels.of(start, end)

    def take(self, start: int, end: int) -> bool:
        """Claim a place; False when some of it is taken."""
        if self._taken.find(1, start, end) >= 0:
            return False
        self._taken[start:end] = b"\x01" * (end - start)
        return True
