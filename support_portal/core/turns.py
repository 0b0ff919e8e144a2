"""Turns: work in pieces that makes room for other work before its time is over."""

import time
from collections.abc import Callable


class Turn:
    """So many seconds for pieces of work that take about as long as each other."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._piece_began = clock()
        self._ends = self._piece_began + seconds
        self._longest = 0.0

    def has_room(self) -> bool:
        """End a piece, and tell whether one that takes as long as the longest would still be in time."""
        now = self._clock()
        self._longest = max(self._longest, now - self._piece_began)
        self._piece_began = now
        return now + self._longest < self._ends
