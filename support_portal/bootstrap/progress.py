"""One line of progress that says how far a long step is and how long it has taken."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import Self, TextIO

PLAIN_INTERVAL = 3.0  # seconds between two lines where a line cannot be rewritten
CLEAR = "\r\x1b[2K"


class Progress:
    """Rewrites one line on a terminal; elsewhere prints a line now and then."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = monotonic) -> None:
        self.out = out or sys.stdout
        self.clock = clock
        self.started = clock()
        self.printed_at = self.started
        self.rewrites = self.out.isatty()

    def show(self, text: str) -> None:
        """Say where the step stands; too frequent calls cost nothing where lines stay."""
        if self.rewrites:
            self._write(f"{CLEAR}{text}, {self._seconds()} s")
        elif self.clock() - self.printed_at >= PLAIN_INTERVAL:
            self._write(f"{text}, {self._seconds()} s\n")
            self.printed_at = self.clock()

    def finish(self, text: str) -> None:
        """Leave ``text`` and the time taken as the last word on this step."""
        start = CLEAR if self.rewrites else ""
        self._write(f"{start}{text} ({self._seconds()} s)\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Make room for the message where the step went wrong."""
        if kind and self.rewrites:
            self._write(CLEAR)

    def _seconds(self) -> int:
        return round(self.clock() - self.started)

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
