"""Seven weeks of a company that does not exist, as counts: mornings, noise, and what is planted."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from tests.insights.counted import WEEK, Counted, error, failed, message

# Messages a minute by the hour of the day, UTC: quiet nights and a steep morning.
HOURS = (2, 2, 2, 2, 3, 5, 10, 30, 60, 90, 100, 100, 90, 80, 80, 70, 60, 50, 40, 30, 20, 10, 5, 3)
PLACES = (
    ("northwind_a", "PH", "Globe", 5),
    ("northwind_b", "PH", "Smart", 3),
    ("northwind_c", "SG", "", 2),
)
ERRORS, FAILED = 0.04, 0.03  # of messages
CODES = (1300, 1002, 2000)
DAY = 1440
MONDAY = 4 * DAY  # 5 January 1970, in minutes


def poisson(dice: Random, rate: float) -> int:
    """Return a number by Poisson's law."""
    if rate > 50:
        return max(0, round(dice.gauss(rate, math.sqrt(rate))))
    limit, number, product = math.exp(-rate), 0, dice.random()
    while product > limit:
        number, product = number + 1, product * dice.random()
    return number


@dataclass
class Company:
    """Makes minutes; ``busier`` multiplies the traffic of a place at a minute."""

    seed: int
    busier: Callable[[int, str], float] = field(default=lambda at, sub_account: 1.0)

    def minutes(self, begin: int, end: int) -> list[Counted]:
        """Return what happens in minutes ``begin`` <= minute < ``end``."""
        dice = Random(f"{self.seed} {begin}")
        return [each for at in range(begin, end) for each in self._minute(dice, at)]

    def weeks(self, begin: int, end: int, weeks: int = 6) -> list[Counted]:
        """Return the same stretch of the weeks before, with the whole hours around it."""
        first, last = begin // 60 * 60 - 60, end // 60 * 60 + 120
        return [
            each
            for ago in range(1, weeks + 1)
            for each in self.minutes(first - ago * WEEK, last - ago * WEEK)
        ]

    def _minute(self, dice: Random, at: int) -> Iterable[Counted]:
        weekend = (at - MONDAY) // DAY % 7 >= 5
        rate = HOURS[at % DAY // 60] * (0.3 if weekend else 1.0)
        for sub_account, country, operator, share in PLACES:
            sent = rate * share / 10 * self.busier(at, sub_account)
            place = {"sub_account": sub_account, "country": country}
            found = [
                message(at, poisson(dice, sent), operator=operator, **place),
                failed(at, poisson(dice, sent * FAILED), operator=operator, **place),
                *(
                    error(at, poisson(dice, sent * ERRORS / len(CODES)), code=code, **place)
                    for code in CODES
                ),
            ]
            yield from (each for each in found if each.number)
