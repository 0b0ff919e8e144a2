"""The records that ids and numbers lead to: one question to each table, however many are asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from support_portal.events.digits import LAST, AllDigits, IndexedDigits, LastDigits
from support_portal.events.models import (
    AccountEvent,
    ErrorEvent,
    Happening,
    Message,
    Reader,
    Scoped,
    telling,
)
from support_portal.lookup.hits import (
    Hit,
    account_event_hit,
    error_hit,
    happening_hit,
    message_hit,
)

# A way that leads to records, and the value it begins with: ("umid", UUID(…)).
Way = tuple[str, Any]
MOST_RECORDS = 20  # for one way; the tables show the rest
PARTIAL = "partial_id"
CUT = "…"  # where digits are missing in it
MOST_READ = 1_000  # ids that have the known digits of a cut one in the index
_CLIENT_IDS = frozenset({"client_message_id", "client_batch_id"})
_ID_LENGTH = 32
_FIRST = Value(1, output_field=BigIntegerField())  # branches of a union have the same columns


@dataclass(frozen=True, slots=True)
class _Table:
    """What is asked of one table."""

    model: type[Any]
    hit: Callable[..., Hit]
    own: str  # the column with the record's own id
    moment: str
    columns: tuple[tuple[str, str], ...]  # way, column
    told: tuple[str, ...]  # what else a hit needs
    cut: bool = False  # ids of which only a part is known are found

    def rows(self, reader: Reader) -> Scoped[Any]:
        """Return the rows a reader may see, with what a hit needs and no more."""
        seen: Scoped[Any] = self.model._default_manager.visible_to(reader)
        needed = {self.own, self.moment, *self.told, *(column for _, column in self.columns)}
        return seen.only(*sorted(needed))


_CODED = ("code", "channel", "sub_account", "country")
_ADDRESSED = (
    ("batch_id", "batch_id"),
    ("client_message_id", "client_message_id"),
    ("client_batch_id", "client_batch_id"),
    ("phone", "destination_digest"),
)
_TABLES = (
    _Table(
        ErrorEvent,
        error_hit,
        own="error_id",
        moment="occurred_at",
        columns=(("error_id", "error_id"), ("umid", "umid"), *_ADDRESSED),
        told=_CODED,
        cut=True,
    ),
    _Table(
        Message,
        message_hit,
        own="umid",
        moment="state_at",
        columns=(("umid", "umid"), *_ADDRESSED),
        told=(
            "state",
            "detail",
            "channel",
            "sub_account",
            "country",
            "error_code",
            "error_context",
        ),
        cut=True,
    ),
    _Table(
        Happening,
        happening_hit,
        own="umid",
        moment="occurred_at",
        columns=(("umid", "umid"), ("umid", "about"), ("phone", "destination_digest")),
        told=(*_CODED, "digest", "kind", "content", "state", "context"),
    ),
    _Table(
        AccountEvent,
        account_event_hit,
        own="event_id",
        moment="occurred_at",
        columns=(("event_id", "event_id"),),
        told=("channel", "kind", "status"),
    ),
)


def hold(ways: Iterable[Way], reader: Reader) -> Mapping[Way, list[Hit]]:
    """Return what each way leads to, as far as ``reader`` may see it: the newest, one too many."""
    asked: dict[str, set[Any]] = defaultdict(set)
    for name, value in ways:
        asked[name].add(value)
    found: dict[Way, list[Hit]] = defaultdict(list)
    for table in _TABLES:
        for way, hit in _ask(table, asked, reader):
            found[way].append(hit)
    return found


def _ask(table: _Table, asked: Mapping[str, set[Any]], reader: Reader) -> Iterator[tuple[Way, Hit]]:
    rows = table.rows(reader)
    branches = [
        _newest(table, rows, column, asked[name]).annotate(way=_text(name), column=_text(column))
        for name, column in table.columns
        if asked[name]
    ]
    branches += [
        _cut(table, rows, part).annotate(way=_text(PARTIAL), column=_text(part))
        for part in sorted(asked[PARTIAL])
        if table.cut
    ]
    if not branches:
        return
    first, *others = branches
    for row in first.union(*others, all=True) if others else first:
        direct = row.way != PARTIAL and row.column == table.own
        value = row.column if row.way == PARTIAL else _plain(getattr(row, row.column))
        yield (row.way, value), table.hit(row, direct=direct, via=row.way)


def _newest(table: _Table, rows: Scoped[Any], column: str, values: set[Any]) -> QuerySet[Any]:
    """Return the newest rows for each value: one batch cannot crowd out the others."""
    told = telling(column, values) if column in _CLIENT_IDS else Q((f"{column}__in", values))
    if column == table.model._meta.pk.name:
        return rows.filter(told).annotate(place=_FIRST)
    rank = Window(RowNumber(), partition_by=F(column), order_by=F(table.moment).desc())
    return rows.filter(told).annotate(place=rank).filter(place__lte=MOST_RECORDS + 1)


def _cut(table: _Table, rows: Scoped[Any], part: str) -> QuerySet[Any]:
    """Return a few rows whose id begins and ends as ``part`` says."""
    front, _, back = part.partition(CUT)
    whole = rows.alias(digits=AllDigits(table.own)).filter(
        digits__startswith=front, digits__endswith=back, **{f"{table.own}__in": _near(table, part)}
    )
    few = whole.order_by(table.own).values(table.own)[: MOST_RECORDS + 1]
    return rows.filter((f"{table.own}__in", few)).annotate(place=_FIRST)


def _near(table: _Table, part: str) -> QuerySet[Any]:
    """Return the ids that an index finds for ``part``, whoever may see them.

    Never more than MOST_READ: all ids that one SQL Server made end alike.  The range of one value is
    one that PostgreSQL orders by, so that it has to walk the index and cannot prefer to read all rows.
    """
    ids: QuerySet[Any] = table.model._default_manager.values(table.own)
    front, _, back = part.partition(CUT)
    if len(front) >= LAST:
        between = tuple(UUID(front.ljust(_ID_LENGTH, digit)) for digit in "0f")
        near = ids.filter((f"{table.own}__range", between)).order_by(table.own)
    else:
        end = [IndexedDigits(back[-LAST:])] * 2
        near = ids.alias(end=LastDigits(table.own)).filter(end__range=end).order_by("end")
    return near[:MOST_READ]


def crowded(part: str) -> bool:
    """Tell whether so many ids end as ``part`` does that not all of them were looked at."""
    if len(part.partition(CUT)[0]) >= LAST:
        return False
    return any(len(_near(table, part)) == MOST_READ for table in _TABLES if table.cut)


def _text(word: str) -> Value:
    return Value(word, output_field=CharField())


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
