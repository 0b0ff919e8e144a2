"""What handing over a letter can come to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


class FromHereOn(Protocol):
    """What is called before the other side gets the letter: it commits that, with what goes along."""

    def __call__(self, **kept: Any) -> object:
        """Keep these columns of the letter; NotTaken when it is somebody else's by now."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side has the letter."""

    number: int | None = None  # what it calls it
    words: str = ""  # what a person should know all the same


class NotTaken(Exception):
    """The other side has nothing of the letter; ``for_good`` when asking again is of no use."""

    def __init__(
        self, why: str, *, for_good: bool = False, pause: timedelta = timedelta(0)
    ) -> None:
        super().__init__(why)
        self.for_good = for_good
        self.pause = pause  # for which the other side wants to be left alone


class NobodyKnows(Exception):
    """The letter was handed over and not acknowledged."""
