"""Counting what the counts do not cover: records that are known by their ids.

Records with comments, and texts with words that vary, are looked up by their ids anyway, and are few.
So the counts say how many there are by what they do cover, and each of these records is added or
taken off by what it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from support_portal.browsing.fields import HAS, TIMES
from support_portal.browsing.filtering import Filter
from support_portal.events.models import ErrorEvent, Message, Reader
from support_portal.insights import asking
from support_portal.insights.asking import Bar, Cell, Choice, Question
from support_portal.insights.combinations import Combined
from support_portal.insights.models import Kind


class Change(NamedTuple):
    """A record that is one more, or one less, than the counts tell."""

    at: datetime
    traits: Combined
    number: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of a filter: by its other fields, ``plain`` chooses among ``cells``."""

    plain: Question
    cells: Sequence[Cell]
    by_text: Sequence[Choice]  # of groups
    changes: Sequence[Change]
    nothing_else: bool  # only what is changed is chosen
    at_least: bool  # some that are chosen may be missing
    at_most: bool  # some may be there that are not chosen

    @property
    def total(self) -> int:
        """Return how many records are chosen."""
        return asking.total(self.plain, self.cells)

    @property
    def is_plain(self) -> bool:
        """Tell whether the counts cover all of the filter."""
        return not (self.changes or self.nothing_else)

    def question(self, begin: datetime, end: datetime) -> Question:
        """Return what to ask the counts of another range."""
        groups = [*self.plain.chosen.get("group_id", ()), *self.by_text]
        chosen = {**self.plain.chosen, "group_id": groups} if groups else self.plain.chosen
        return replace(self.plain, begin=begin, end=end, chosen=chosen)

    def bars(self, begin: datetime, end: datetime, wide: int, part: Sequence[str]) -> list[Bar]:
        """Return bars of ``wide`` minutes, as ``asking.bars`` does; those inside what is chosen alone.

        Beyond it nobody has looked for ids, unless the counts cover all.
        """
        if self.is_plain:
            return asking.bars(self.question(begin, end), wide, part)
        first, last = max(begin, self.plain.begin), min(end, self.plain.end)
        if first >= last:  # a range that is yet to come
            return [bar._replace(parts={}) for bar in asking.bars(self.question(begin, end), wide)]
        bars = asking.bars(self.question(first, last), wide, part)
        return list(self._changed(bars, first, last, part))

    def _changed(
        self, bars: Sequence[Bar], begin: datetime, end: datetime, part: Sequence[str]
    ) -> Iterator[Bar]:
        inside: defaultdict[datetime, Counter[Any]] = defaultdict(Counter)
        first, wide = bars[0].begin, bars[0].end - bars[0].begin
        admitted = {traits for traits in self._changed_traits if self.plain.admits(traits)}
        for at, traits, number in self.changes:
            if traits in admitted and begin <= at < end:
                value = tuple(getattr(traits, name) for name in part)
                inside[first + (at - first) // wide * wide][value] += number
        for bar in bars:
            parts = inside[bar.begin]
            if not self.nothing_else:
                parts.update(bar.parts)
            yield bar._replace(parts=+parts)

    @property
    def _changed_traits(self) -> set[Combined]:
        return {change.traits for change in self.changes}


def counted(asked: Filter, reader: Reader, now: datetime) -> Counted | None:
    """Count what a filter chooses; None where that cannot be counted at present."""
    if asked.why_unknown:
        return None
    plain = asked.counted_part(reader, now)
    searched = list(asked.searched(reader))
    by_text = [Choice(found.groups, without) for found, without in searched]
    nothing_else = HAS in asked.only
    cells = [] if nothing_else else asking.cells(plain)
    changes = list(_changes(asked, plain, by_text))
    cut = {without for found, without in searched if found.cut}
    if HAS in (*asked.only, *asked.but) and asked.commented()[1]:
        cut |= {side for side, chosen in ((False, asked.only), (True, asked.but)) if HAS in chosen}
    folded = not asking.is_exact(cells)
    return Counted(
        plain,
        [
            *(cell for cell in cells if _admits(by_text, cell.traits)),
            *_cells(changes),
        ],
        by_text,
        changes,
        nothing_else,
        at_least=False in cut or folded,
        at_most=True in cut or (folded and bool(asked.but)),  # may be what is left out
    )


def _cells(changes: Sequence[Change]) -> Iterator[Cell]:
    """Yield how many more or less there are of each combination."""
    numbers: Counter[Combined] = Counter()
    for change in changes:
        numbers[change.traits] += change.number
    yield from (Cell(traits, number) for traits, number in numbers.items())


def _admits(by_text: Sequence[Choice], traits: Combined) -> bool:
    return all(choice.admits(traits.group_id) for choice in by_text)


def _changes(asked: Filter, plain: Question, by_text: Sequence[Choice]) -> Iterator[Change]:
    """Yield the records that are known by their ids and are counted otherwise than they are chosen."""
    searched = list(asked.searched(plain.reader))
    with_comments = HAS in (*asked.only, *asked.but)
    commented: frozenset[UUID] = asked.commented()[0] if with_comments else frozenset()
    ids = commented.union(*(found.ids for found, _ in searched))
    if not ids:
        return
    model: Any = ErrorEvent if asked.kind is Kind.ERROR else Message
    time = TIMES[asked.kind]
    rows = model.objects.visible_to(plain.reader).filter(
        **{"pk__in": ids, f"{time}__gte": plain.begin, f"{time}__lt": plain.end}
    )
    for key, at, traits in asking.told(plain, rows):
        is_counted = HAS not in asked.only and _admits(by_text, traits)
        is_chosen = (HAS not in asked.only or key in commented) and not (
            HAS in asked.but and key in commented
        )
        for found, without in searched:
            is_chosen &= (traits.group_id in found.groups or key in found.ids) is not without
        if is_chosen is not is_counted:
            yield Change(at, traits, 1 if is_chosen else -1)
