"""Dice with memory of their weights: every draw of the demo goes through one seeded generator."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Things to draw, each as often as its weight says."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        things = list(pairs)
        self.things = [thing for thing, _ in things]
        self.bounds = list(accumulate(weight for _, weight in things))

    @classmethod
    def of(cls, weights: Mapping[T, float]) -> "Weighted[T]":
        """Return the dice of a table from thing to weight."""
        return cls(weights.items())

    def draw(self, dice: Random) -> T:
        """Return one thing."""
        return dice.choices(self.things, cum_weights=self.bounds)[0]

    def draw_many(self, dice: Random, count: int) -> list[T]:
        """Return ``count`` things, drawn independently."""
        return dice.choices(self.things, cum_weights=self.bounds, k=count)


def between(dice: Random, low: float, high: float) -> float:
    """Return a duration between ``low`` and ``high``: short ones are more frequent than long ones."""
    ratio: float = (high / low) ** dice.random()
    return low * ratio
