"""What is beyond its band: groups of failures, what is usual for them, and which one tells the cause.

Plain Python over counts, so that it can be tried with weeks that were made up.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import NamedTuple

from support_portal.events.states import FAILURES
from support_portal.insights.combinations import ANY_COUNTRY, Combined
from support_portal.insights.models import ANY, Kind

LEAST = 10  # records; fewer are no incident, however unusual
TIMES = 2.5  # the usual: less is not worth anybody's time
SURPRISE = math.log(1e9)  # chance exceeds it once in a billion looks
STAYS = 1.5  # times the usual, from where an incident goes on
STAYS_SURPRISE = math.log(20)
SIGMAS = 3 * 1.4826  # deviations of the weeks from their median
NEVER_BELOW = 0.05  # records: what was never seen is not impossible
NARROWEST = ("sub_account", "operator", "country", "channel")
NAMED = 0.5  # of the records have to name a trait for it to be the cause
EXPLAINS = 0.8  # of what is too many: that much makes a narrower group the cause
# In so many minutes up to now, this many have to be above the usual.
WINDOWS = ((3, 2), (6, 3), (15, 5))
LONGEST = 15
CONVINCED = {"operator": 2, "country": 3, "channel": 3}  # causes that are one when they share that


class Group(NamedTuple):
    """Failures that are looked at together; "" and a code of None leave a trait open."""

    kind: str
    code: int | None = None
    registry: str = ""
    sub_account: str = ""
    channel: str = ""
    country: str = ""
    operator: str = ""

    @property
    def scope(self) -> "Group":
        """Return the messages among which these failures are."""
        return Group("", None, "", self.sub_account, self.channel, self.country, self.operator)

    @property
    def trait(self) -> str:
        """Return the name of the narrowest trait that it has; "" when it has none."""
        return next((name for name in NARROWEST if getattr(self, name)), "")

    @property
    def breadth(self) -> int:
        """Return how much is left open: the narrower group has less."""
        return NARROWEST.index(self.trait) if self.trait else len(NARROWEST)


Minutes = Mapping[int, int]
NAMELESS = frozenset({"", ANY, ANY_COUNTRY})


@lru_cache(maxsize=50_000)
def groups_of(columns: Combined) -> tuple[Group, ...]:
    """Return the groups that a failure with these traits belongs to; none for what is no failure."""
    if columns.kind == Kind.ERROR:
        if columns.code is None:  # what is beyond the limits: nobody knows of which code
            return ()
        whole = Group(Kind.ERROR.value, columns.code)
        return (whole, *_by(whole, columns, "sub_account", "country"))
    if columns.state not in FAILURES:
        return ()
    whole = Group(Kind.MESSAGE.value, columns.code, columns.registry)
    shares = tuple(_by(Group(whole.kind), columns, "channel", "country", "operator"))
    if columns.code is None:
        return shares
    return (whole, *_by(whole, columns, "sub_account", "country", "operator"), *shares)


@lru_cache(maxsize=50_000)
def scopes_of(columns: Combined) -> tuple[Group, ...]:
    """Return the scopes that a message is traffic of; none for what is no message."""
    if columns.kind != Kind.MESSAGE:
        return ()
    whole = Group("")
    return (whole, *_by(whole, columns, "sub_account", "channel", "country", "operator"))


def _by(whole: Group, columns: Combined, *names: str) -> Iterator[Group]:
    for name in names:
        value = getattr(columns, name)
        if value not in NAMELESS:
            yield whole._replace(**{name: value})


@dataclass(frozen=True, slots=True)
class Level:
    """What is usual in a minute."""

    minute: float

    def of(self, minutes: float) -> float:
        """Return what is usual in so many minutes."""
        return max(NEVER_BELOW, self.minute * minutes)


def level(
    failures: Sequence[float], traffic: Sequence[float], now: float, share: float = 0.0
) -> Level:
    """Return what is usual in a minute at the traffic of ``now``.

    ``failures`` and ``traffic`` are those of a minute in each of the weeks before, ``now`` is the
    traffic without what fails, and ``share`` is how much fails elsewhere: with twice the messages
    twice the failures are usual, and what sends for the first time fails like others.
    """
    middle = median(failures)
    spread = median([abs(each - middle) for each in failures])
    before = median(traffic) - middle
    more = max(1.0, now / before) if before > 0 else 1.0
    return Level(max(middle * more, share * now) + SIGMAS * spread)


def surprise(number: float, expected: float) -> float:
    """Return how unlikely so many are, as a logarithm: a bound of the tail of Poisson's law."""
    if number <= expected:
        return 0.0
    return number * math.log(number / expected) - number + expected


def is_beyond(number: float, expected: float) -> bool:
    """Tell whether so many records are too many for chance, and enough to bother somebody."""
    return number >= max(LEAST, TIMES * expected) and surprise(number, expected) > SURPRISE


def is_over(minutes: Minutes, now: int, usual: Level) -> int:
    """Return over how many minutes up to ``now`` it is beyond the band, several of them in a row.

    The shortest such time; 0 when it is inside the band.
    """
    for length, enough in WINDOWS:
        some = [minutes.get(at, 0) for at in range(now - length + 1, now + 1)]
        high = sum(each > usual.of(1) for each in some)
        if high >= enough and is_beyond(sum(some), usual.of(length)):
            return length
    return 0


def stays_over(minutes: Minutes, now: int, usual: Level, length: int = 5) -> bool:
    """Tell whether an incident goes on: there are still more than usual, if less clearly."""
    number, expected = (
        sum(minutes.get(at, 0) for at in range(now - length + 1, now + 1)),
        usual.of(length),
    )
    return number >= max(3, STAYS * expected) and surprise(number, expected) > STAYS_SURPRISE


def is_high(number: int, usual: Level) -> bool:
    """Tell whether one minute stands out; chance alone does that now and then."""
    each = usual.of(1)
    return number > each + 2 * math.sqrt(each) + 1


def began(minutes: Minutes, now: int, usual: Level) -> int:
    """Return the first minute of those up to ``now`` that stand out, with pauses of one minute."""
    first, quiet = now, 0
    for at in range(now, now - LONGEST, -1):
        if is_high(minutes.get(at, 0), usual):
            first, quiet = at, 0
        else:
            quiet += 1
        if quiet > 1 and first < now:
            break
    return first


def last_high(minutes: Minutes, now: int, usual: Level) -> int:
    """Return the last minute up to ``now`` that stands out; ``now`` when none does."""
    some = (at for at in range(now, now - LONGEST, -1) if is_high(minutes.get(at, 0), usual))
    return next(some, now)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A group beyond its band, with the records of its last ``span`` minutes by combination."""

    group: Group
    usual: Level
    minutes: Minutes
    members: Mapping[int, int]
    span: int
    told: Mapping[str, int]  # how many of them name each trait

    @property
    def number(self) -> int:
        """Return its records in these minutes."""
        return sum(self.members.values())

    @property
    def excess(self) -> float:
        """Return how many of them are too many."""
        return self.number - self.usual.of(self.span)

    @property
    def lasts(self) -> bool:
        """Tell whether they are still too many: what has faded names no cause."""
        return surprise(self.number, self.usual.of(self.span)) > STAYS_SURPRISE

    def shares(self, other: "Suspect") -> int:
        """Return how many records both have."""
        return sum(number for key, number in self.members.items() if key in other.members)


def causes(suspects: Collection[Suspect]) -> list[Suspect]:
    """Return one suspect for each cause: of those that overlap the narrowest that explains most."""
    by_code: dict[tuple[object, ...], list[Suspect]] = defaultdict(list)
    for each in suspects:
        by_code[each.group.kind, each.group.registry, each.group.code].append(each)
    of_codes = [
        cause
        for (_, _, code), some in by_code.items()
        if code is not None
        for cause in _narrowest(some)
    ]
    wide = [each for each in suspects if each.group.code is None]
    return _joined(of_codes, wide)


def _explains(each: Suspect, top: Suspect) -> bool:
    """Tell whether a group has most of what is too many; records that do not name its trait are neutral."""
    naming = top.told.get(each.group.trait, top.number) / top.number
    return (
        naming >= NAMED
        and each.excess >= EXPLAINS * naming * top.excess
        and top.shares(each) >= EXPLAINS * each.number
    )


def _narrowest(suspects: Iterable[Suspect]) -> Iterator[Suspect]:
    left = list(suspects)
    while left:
        top = max(left, key=lambda each: each.excess)
        explaining = [each for each in left if _explains(each, top)]
        cause = min(explaining or [top], key=lambda each: (each.group.breadth, -each.excess))
        yield cause
        left = [
            each
            for each in left
            if each is not top
            and each is not cause
            and each.shares(cause) < EXPLAINS * min(each.number, cause.number)
            and each.shares(top) < EXPLAINS * each.number
        ]


def _joined(of_codes: list[Suspect], wide: Collection[Suspect]) -> list[Suspect]:
    """Let a shared operator, country or channel stand for several codes, or add what they leave."""
    found = list(of_codes)
    for each in sorted(wide, key=lambda each: each.group.breadth):
        inside = [one for one in found if one.shares(each) >= EXPLAINS * one.number]
        trait = next(name for name in CONVINCED if getattr(each.group, name))
        left = each.number - sum(one.shares(each) for one in found)
        if len(inside) >= CONVINCED[trait]:
            found = [one for one in found if one not in inside] + [each]
        elif is_beyond(left, each.usual.of(each.span)):
            found.append(each)
    return found


@dataclass(slots=True)
class Counts:
    """Failures by group, traffic by scope; of each group its combinations, and what they name."""

    failures: dict[Group, Counter[int]]
    traffic: dict[Group, Counter[int]]
    members: dict[Group, Counter[int]]
    told: dict[Group, Counter[str]]

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, Combined, int]]) -> "Counts":
        """Return what rows (when, key of the combination, its columns, how many) add up to."""
        found = cls(
            defaultdict(Counter), defaultdict(Counter), defaultdict(Counter), defaultdict(Counter)
        )
        for when, key, columns, number in rows:
            named = [name for name in NARROWEST if getattr(columns, name) not in NAMELESS]
            for group in groups_of(columns):
                found.failures[group][when] += number
                found.members[group][key] += number
                for name in named:
                    found.told[group][name] += number
            for scope in scopes_of(columns):
                found.traffic[scope][when] += number
        return found
