"""Asking the counts: totals, facets and bars under a filter, never by counting facts.

A range of time is put together of whole days, hours and minutes.  What is left at its two ends is
less than a minute (less than an hour where minutes are not kept any more), and is counted from the
facts there.  Every answer is that of the list under the same filter.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Mod

from support_portal.core.composed import Composed
from support_portal.events.models import ErrorEvent, Message, Reader, allowed
from support_portal.events.tally import ErrorTraits, MessageTraits, Traits, minute
from support_portal.insights import combinations, counting
from support_portal.insights.combinations import Combined
from support_portal.insights.models import ANY, Combination, Grain, Kind, Rebuilding, Volume

MOST_BARS = 96
OWN = "own:"  # the prefix of traits in rows of Combination itself
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7 * 1440, 28 * 1440)  # minutes
VERSION = 3  # of what is counted, and how; raise it and everything is counted again
SETTLED = 60  # minutes: a range is not put together of minutes that may just be forgotten


class Choice(NamedTuple):
    """What a trait may be, or may not be: values, and ranges of numbers with both their ends."""

    values: frozenset[Any]
    without: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    def admits(self, value: Any) -> bool:
        """Tell whether ``value`` is chosen."""
        among = value in self.values or (
            value is not None and any(first <= value <= last for first, last in self.spans)
        )
        return among is not self.without

    def on(self, column: str) -> Q:
        """Return the choice as a condition that is never unknown, for columns may be NULL."""
        values = [value for value in self.values if value is not None]
        among, nothing = Q(**{f"{column}__in": values}), Q(**{f"{column}__isnull": True})
        for span in self.spans:
            among |= Q(**{f"{column}__range": span})
        if None in self.values:
            return ~among & ~nothing if self.without else among | nothing
        return ~among | nothing if self.without else among


@dataclass(frozen=True, slots=True)
class Readings:
    """What a code may be, or may not be, in the table that it is read by ("" for errors)."""

    by_table: Mapping[str, Choice]
    without: bool = False

    def admits(self, columns: Combined) -> bool:
        """Tell whether the reading of a combination is chosen."""
        choice = self.by_table.get(columns.registry)
        return (choice is not None and choice.admits(columns.code)) is not self.without

    def on(self, code: str, table: str) -> Q:
        """Return the choice as a condition on these columns; rows of errors have no table ("")."""
        among = Q(pk__in=[])
        for name, choice in self.by_table.items():
            among |= choice.on(code) & (Q(**{table: name}) if table else Q())
        return ~among if self.without else among


@dataclass(frozen=True, slots=True)
class Question:
    """Records of a kind in ``begin`` <= time < ``end``, whose traits are all among the choices.

    ``chosen`` is keyed by the names of ErrorTraits or MessageTraits; ``readings`` are about two of
    them together and hold for every facet.
    """

    kind: Kind
    begin: datetime
    end: datetime
    reader: Reader
    chosen: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    readings: Sequence[Readings] = ()

    @property
    def traits(self) -> tuple[str, ...]:
        """Return the names of what is counted by."""
        return ErrorTraits._fields if self.kind is Kind.ERROR else MessageTraits._fields

    def admits(self, columns: Combined, *, but: str = "") -> bool:
        """Tell whether a combination is chosen, by all traits or by all ``but`` one."""
        return all(reading.admits(columns) for reading in self.readings) and all(
            choice.admits(getattr(columns, name))
            for name, choices in self.chosen.items()
            if name != but
            for choice in choices
        )

    @property
    def condition(self) -> Q:
        """Return what is chosen as a condition on the records themselves, but for their time."""
        return _chosen(self, "")


class Cell(NamedTuple):
    """How many records have these traits."""

    traits: Combined
    number: int


class Bar(NamedTuple):
    """How many records in a stretch of time, by what they are parted by."""

    begin: datetime
    end: datetime
    parts: Mapping[Any, int]


class Stretch(NamedTuple):
    """Whole buckets, ``first`` <= bucket < ``last``."""

    grain: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A range of time as whole buckets, and what is left of it."""

    stretches: tuple[Stretch, ...]
    rests: tuple[tuple[datetime, datetime], ...]

    @property
    def condition(self) -> Q:
        """Return the condition on rows of Volume."""
        found = Q(pk__in=[])
        for stretch in self.stretches:
            found |= Q(grain=stretch.grain, bucket__gte=stretch.first, bucket__lt=stretch.last)
        return found


class _MinuteOf(Func):
    """The minute that a time belongs to, counted from 1970."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return exact arithmetic: an epoch is a decimal number here."""
        template = "floor(extract(epoch from %(expressions)s) / 60)::integer"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Cut the seconds off first: SQLite would round them to thousandths."""
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 16)) AS INTEGER) / 60"
        return self.as_sql(compiler, connection, template=template, **context)


def cover(begin: datetime, end: datetime, coarsest: int = Grain.DAY.value) -> Cover:
    """Part a range into whole buckets, none wider than ``coarsest``, and what is left at its ends."""
    grains = [grain.value for grain in Grain if grain.value <= coarsest]
    finest = Grain.MINUTE.value
    if minute(begin) < counting.first_minute_kept() + SETTLED:
        finest = Grain.HOUR.value
    grains = [grain for grain in grains if grain >= finest] or [finest]
    first, last = _up(begin, finest), minute(end) // finest * finest
    if first >= last:
        return Cover((), ((begin, end),) if begin < end else ())
    rests = [(begin, moment(first)), (moment(last), end)]
    return Cover(
        tuple(_stretches(first, last, grains)), tuple(rest for rest in rests if rest[0] < rest[1])
    )


def _up(at: datetime, grain: int) -> int:
    """Return the begin of the first bucket that begins at ``at`` or later."""
    return -(-(minute(at - timedelta(microseconds=1)) + 1) // grain) * grain


def _stretches(first: int, last: int, grains: Sequence[int]) -> Iterator[Stretch]:
    """Yield the widest whole buckets between two minutes, with narrower ones at both ends."""
    *narrower, widest = grains
    begin, end = -(-first // widest) * widest, last // widest * widest
    if begin >= end:
        if narrower:
            yield from _stretches(first, last, narrower)
        return
    if narrower:
        yield from _stretches(first, begin, narrower)
    yield Stretch(widest, begin, end)
    if narrower:
        yield from _stretches(end, last, narrower)


_all_counted = Composed(
    lambda version: Rebuilding.objects.filter(version=version, day=None).values_list("id")
)


def is_whole() -> bool:
    """Tell whether every day was counted by the present rules."""
    return bool(_all_counted(VERSION))


def moment(at: int) -> datetime:
    """Return the moment at which minute ``at`` begins."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=at)


def cells(question: Question) -> list[Cell]:
    """Return how many records there are of each combination that the reader may see.

    The choices of the question are not applied: totals and all facets come from this one answer.
    What was counted without its sub-account may be a reader's or not: it is there with no number,
    so that nothing is called exact (``is_exact``).
    """
    parts = cover(question.begin, question.end)
    sums: Counter[Combined] = Counter()
    if parts.stretches:
        rows = Volume.objects.filter(parts.condition).values_list("combination_id")
        totals = dict(rows.annotate(total=Sum("count")).filter(total__gt=0))
        for key, columns in combinations.known.named(totals).items():
            if columns.kind != question.kind:
                continue
            if _visible(columns, question.reader):
                sums[columns] += totals[key]
            elif columns.sub_account == ANY:
                sums[columns] += 0
    for begin, end in parts.rests:
        for columns, number in _counted(question, begin, end):
            sums[columns] += number
    return [Cell(columns, number) for columns, number in sums.items()]


def total(question: Question, among: Iterable[Cell]) -> int:
    """Return how many records are chosen, given the cells of the question."""
    return sum(cell.number for cell in among if question.admits(cell.traits))


def facets(
    question: Question, among: Iterable[Cell], names: Iterable[str]
) -> dict[str, Counter[Any]]:
    """Return for each trait how many records have each value under the other traits' choices."""
    found: dict[str, Counter[Any]] = {name: Counter() for name in names}
    for cell in among:
        for name, counts in found.items():
            if question.admits(cell.traits, but=name):
                counts[getattr(cell.traits, name)] += cell.number
    return found


def width(begin: datetime, end: datetime) -> int:
    """Return how wide the bars of a range are, in minutes: as narrow as MOST_BARS allow."""
    minutes = (end - begin).total_seconds() / 60
    old = minute(begin) < counting.first_minute_kept() + SETTLED
    possible = [each for each in WIDTHS if not old or each >= Grain.HOUR.value]
    wide = next((each for each in possible if minutes / each <= MOST_BARS), possible[-1])
    while minutes / wide > MOST_BARS:
        wide *= 2
    return wide


def bars(question: Question, wide: int, part: Sequence[str] = ()) -> list[Bar]:
    """Return the records that are chosen as bars of ``wide`` minutes, parted by the traits ``part``.

    Bars are aligned to UTC; the first and the last may reach beyond the range, and hold what is
    inside it.  Bars without records are there too.
    """
    coarsest = max(grain.value for grain in Grain if wide % grain.value == 0)
    parts = cover(question.begin, question.end, coarsest)
    begins = range(minute(question.begin) // wide * wide, _up(question.end, 1), wide)
    found: dict[int, Counter[Any]] = {begin: Counter() for begin in begins}
    for bucket, value, number in _by_bar(question, parts, wide, part):
        found[bucket][value] += number
    return [Bar(moment(begin), moment(begin + wide), counts) for begin, counts in found.items()]


def _by_bar(
    question: Question, parts: Cover, wide: int, part: Sequence[str]
) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    if parts.stretches:
        names = [f"combination__{name}" for name in part]
        rows = (
            Volume.objects.filter(parts.condition, _chosen(question, "combination__"))
            .filter(combination__kind=question.kind)
            .annotate(bar=_down(F("bucket"), wide))
            .values_list("bar", *names)
            .annotate(total=Sum("count"))
            .filter(total__gt=0)
        )
        for bar, *values, number in rows:
            yield bar, tuple(values), number
    for begin, end in parts.rests:
        facts = _facts(question, begin, end).filter(_chosen(question, ""))
        named = [_COLUMNS[question.kind].get(name, name) for name in part]
        rows = facts.annotate(at=_MinuteOf(_TIMES[question.kind])).values_list("at", *named)
        for at, *values, number in rows.annotate(total=Count("pk")).order_by():
            yield at // wide * wide, tuple(values), number


def _down(bucket: F, wide: int) -> CombinedExpression:
    """Return where the bar of a bucket begins; what is left over of one before 1970 is negative."""
    return bucket - Mod(Mod(bucket, wide) + wide, wide)


_TIMES = {Kind.ERROR: "occurred_at", Kind.MESSAGE: "state_at"}
# Where a trait is called otherwise in the rows.
_COLUMNS: Mapping[Kind, Mapping[str, str]] = {
    Kind.ERROR: {},
    Kind.MESSAGE: {"code": "error_code", "registry": "error_registry"},
}


def _visible(columns: Combined, reader: Reader) -> bool:
    seen = allowed(reader)
    return seen is None or columns.sub_account in seen


def visible(reader: Reader, prefix: str = "combination__") -> Q:
    """Return the condition on rows of Volume, or of Combination itself, that the reader may know of."""
    seen = allowed(reader)
    return Q() if seen is None else Q(**{f"{prefix.removeprefix(OWN)}sub_account__in": seen})


def picked(question: Question) -> Q:
    """Return the condition on rows of Volume that the question counts, whatever their time."""
    of_kind = Combination.objects.filter(kind=question.kind)
    return counting_any(of_kind.filter(chosen_combinations(question)))


def seen(reader: Reader) -> Q:
    """Return the condition on rows of Volume that the reader may know of; empty for who sees all."""
    if allowed(reader) is None:
        return Q()
    return counting_any(Combination.objects.filter(visible(reader, OWN)))


def counting_any(chosen: QuerySet[Combination]) -> Q:
    """Return the condition that a row of Volume counts one of these combinations.

    Let it be the filter of a sum: then both databases look them up once.  As a join, or where rows
    are chosen, PostgreSQL goes by how many rows it expects; of the newest buckets it expects none, and
    so it read all combinations anew for each row (80 ms instead of 3).
    """
    return Q(combination__in=chosen.values("id"))


def chosen_combinations(question: Question) -> Q:
    """Return the choices of the question as a condition on rows of Combination itself."""
    return _chosen(question, OWN)


def _chosen(question: Question, prefix: str) -> Q:
    """Return the choices of the question as a condition on rows whose traits have this prefix."""
    names: Mapping[str, str] = {} if prefix else _COLUMNS[question.kind]
    prefix = prefix.removeprefix(OWN)
    found = Q()
    seen = allowed(question.reader)
    if seen is not None:
        found &= Q(**{f"{prefix}sub_account__in": seen})
    for name, choices in question.chosen.items():
        for choice in choices:
            found &= choice.on(f"{prefix}{names.get(name, name)}")
    code, table = (f"{prefix}{names.get(name, name)}" for name in ("code", "registry"))
    for reading in question.readings:
        found &= reading.on(code, "" if question.kind is Kind.ERROR else table)
    return found


def _facts(question: Question, begin: datetime, end: datetime) -> QuerySet[Any]:
    model: Any = ErrorEvent if question.kind is Kind.ERROR else Message
    time = _TIMES[question.kind]
    found: QuerySet[Any] = model.objects.visible_to(question.reader)
    return found.filter(**{f"{time}__gte": begin, f"{time}__lt": end})


def _counted(question: Question, begin: datetime, end: datetime) -> Iterator[tuple[Combined, int]]:
    columns = [_COLUMNS[question.kind].get(name, name) for name in question.traits]
    rows = _facts(question, begin, end).values_list(*columns).annotate(total=Count("pk"))
    for *values, number in rows.order_by():
        yield combinations.combined(_traits(question.kind, values)), number


def told(question: Question, rows: QuerySet[Any]) -> Iterator[tuple[Any, datetime, Combined]]:
    """Yield the key, the time and the traits of records of the question's kind."""
    columns = [_COLUMNS[question.kind].get(name, name) for name in question.traits]
    for key, at, *values in rows.values_list("pk", _TIMES[question.kind], *columns):
        yield key, at, combinations.combined(_traits(question.kind, values))


def _traits(kind: Kind, values: Sequence[Any]) -> Traits:
    return ErrorTraits(*values) if kind is Kind.ERROR else MessageTraits(*values)


def by_minute(question: Question) -> Iterator[tuple[tuple[Traits, int], int]]:
    """Yield how many facts the range has of each traits in each minute; this one reads the facts."""
    columns = [_COLUMNS[question.kind].get(name, name) for name in question.traits]
    facts = _facts(question, question.begin, question.end)
    rows = facts.annotate(at=_MinuteOf(_TIMES[question.kind])).values_list("at", *columns)
    for at, *values, number in rows.annotate(total=Count("pk")).order_by().iterator():
        yield (_traits(question.kind, values), at), number


def is_exact(among: Iterable[Cell]) -> bool:
    """Tell whether no record was counted under a combination that stands for several.

    Where some were, they are in the totals of everything and in no narrower one: then say
    "at least".
    """
    return not any(cell.traits.folded for cell in among)
