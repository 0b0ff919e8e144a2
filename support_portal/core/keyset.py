"""Paging by key: the next page begins after the last row that was shown, however deep that is.

No COUNT and no OFFSET, so page one thousand costs what page one costs, and rows that arrive or have
equal times neither repeat nor vanish between two pages.  The position travels in a cursor that is
signed and bound to the order, because it goes straight into a row comparison.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import F, Field, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

SIZES = (25, 50, 100)
DEFAULT_SIZE = 50
OLDEST = "oldest"  # the other end; every other cursor is made here
AFTER, BEFORE = "a", "b"
LONGEST_CURSOR = 1000
SIGNER = signing.Signer(salt="support_portal.core.keyset")

Row = TypeVar("Row", bound=Model)


class BadCursor(Exception):
    """The cursor was not made here, or was made for another order."""


@dataclass(frozen=True, slots=True)
class Order:
    """A sort whose columns all run one way, so that one row comparison pages through it."""

    columns: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, queryset: QuerySet[Any]) -> "Order":
        """Return the order of ``queryset``; ValueError when its columns run different ways."""
        terms = [str(term) for term in queryset.query.order_by]
        descending = [term.startswith("-") for term in terms]
        if not terms or len(set(descending)) > 1:
            raise ValueError(f"cannot page by {terms}: name columns that all run one way")
        return cls(tuple(term.lstrip("-") for term in terms), descending[0])

    @property
    def name(self) -> str:
        """Return what a cursor is bound to."""
        return ("-" if self.descending else "+") + ",".join(self.columns)

    def key(self, row: Model) -> tuple[Any, ...]:
        """Return what ``row`` is sorted by; times and ids sort here as they do in the database."""
        return tuple(getattr(row, column) for column in self.columns)

    def applied(self, queryset: QuerySet[Row], *, backwards: bool = False) -> QuerySet[Row]:
        """Return ``queryset`` in this order or against it."""
        sign = "-" if self.descending != backwards else ""
        return queryset.order_by(*(sign + column for column in self.columns))

    def beyond(
        self, queryset: QuerySet[Row], values: Sequence[Any], *, backwards: bool
    ) -> QuerySet[Row]:
        """Return the rows that come after ``values``, or before them."""
        down = self.descending != backwards
        compare = TupleLessThan if down else TupleGreaterThan
        key = Tuple(*(F(column) for column in self.columns))
        found = queryset.filter(compare(key, tuple(values)))
        if connections[queryset.db].vendor == "sqlite":
            within = LessThanOrEqual if down else GreaterThanOrEqual
            found = _first_of_all(found.filter(within(F(self.columns[0]), values[0])))
        return self.applied(found, backwards=backwards)


def _first_of_all(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return ``queryset`` with the condition it was given last before all others.

    SQLite compares rows column by column, and of two bounds on one column its index uses the one that
    is written first: where a filter ends at a time, all rows from there to the cursor would be walked.
    """
    conditions = queryset.query.where.children
    conditions.insert(0, conditions.pop())
    return queryset


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Row]):
    """Rows of which the first column of the order is from ``begin`` to before ``end``; None is open."""

    rows: QuerySet[Row]
    begin: Any = None
    end: Any = None

    def can_be_beyond(self, value: Any, *, down: bool) -> bool:
        """Tell whether rows of it can come after a value, in descending or ascending order."""
        if down:
            return self.begin is None or bool(self.begin <= value)
        return self.end is None or bool(self.end > value)

    def is_beyond(self, value: Any, *, down: bool) -> bool:
        """Tell whether all rows of it come after a value."""
        edge = self.end if down else self.begin
        return edge is not None and bool(edge <= value if down else edge > value)


def _beyond(
    stretches: Sequence[Stretch[Row]],
    order: Order,
    values: Sequence[Any] | None,
    *,
    backwards: bool,
) -> Iterator[QuerySet[Row]]:
    """Yield the rows of each stretch that come after ``values``, or before them.

    Where all do they are not compared: SQLite would walk its index from the values to the stretch.
    """
    down = order.descending != backwards
    for stretch in stretches if down else reversed(stretches):
        if values is None or stretch.is_beyond(values[0], down=down):
            yield order.applied(stretch.rows, backwards=backwards)
        elif stretch.can_be_beyond(values[0], down=down):
            yield order.beyond(stretch.rows, values, backwards=backwards)


@dataclass(frozen=True, slots=True)
class Source(Generic[Row]):
    """Where rows come from: one queryset, or disjoint parts whose rows are merged.

    With parts ("this sub-account", "that sub-account") each query walks its index in order and stops
    after a page.  One query over all of them (``IN``) makes SQLite sort every row they have.

    Where the order begins with a column of few ``values``, naming them all makes the database walk
    the index of that order from value to value, whatever the range of time.  Otherwise SQLite reads the
    range from the index of times and sorts all of it.
    """

    order: Order
    parts: tuple[QuerySet[Row], ...]
    stretches: tuple[Stretch[Row], ...] | None = None  # instead: read one behind the other
    values: tuple[Any, ...] | None = None  # of the first column, ascending as the database has it

    def take(
        self, count: int, *, beyond: Sequence[Any] | None = None, backwards: bool = False
    ) -> list[Row]:
        """Return the first ``count`` rows in the order or against it, those beyond a key alone."""
        found: list[Row] = []
        descending = self.order.descending != backwards
        if self.stretches is not None:
            return self._follow(self.stretches, count, beyond, backwards=backwards)
        for part in self.parts:
            taken: list[Row] = []
            for leg in self._legs(part, beyond, backwards=backwards):
                taken += leg[: count - len(taken)] if len(taken) < count else ()
            found += taken
        if len(self.parts) > 1:
            found.sort(key=self._key, reverse=descending)
        return found[:count]

    def _follow(
        self,
        stretches: Sequence[Stretch[Row]],
        count: int,
        beyond: Sequence[Any] | None,
        *,
        backwards: bool,
    ) -> list[Row]:
        """Return rows of stretches in descending order, of as many as are needed."""
        found: list[Row] = []
        for rows in _beyond(stretches, self.order, beyond, backwards=backwards):
            if len(found) >= count:
                break
            found += rows[: count - len(found)]
        return found

    def _legs(
        self, part: QuerySet[Row], beyond: Sequence[Any] | None, *, backwards: bool
    ) -> Iterator[QuerySet[Row]]:
        """Yield the rows of a part, one stretch of the order after the other.

        Of the value at which a page begins only the rest is left, of those behind it everything.
        """
        if beyond is None:
            yield self.order.applied(self._named(part, self.values), backwards=backwards)
        elif self.values is None or beyond[0] not in self.values:
            named = self._named(part, self.values)
            yield self.order.beyond(named, beyond, backwards=backwards)
        else:
            place = self.values.index(beyond[0])
            down = self.order.descending != backwards
            behind = self.values[:place] if down else self.values[place + 1 :]
            inside = replace(self.order, columns=self.order.columns[1:])
            same = self._named(part, beyond[:1])
            yield inside.beyond(same, beyond[1:], backwards=backwards)
            yield self.order.applied(self._named(part, behind), backwards=backwards)

    def _named(self, part: QuerySet[Row], values: Sequence[Any] | None) -> QuerySet[Row]:
        if values is None:
            return part
        return part.filter(**{f"{self.order.columns[0]}__in": values})

    def _key(self, row: Row) -> tuple[Any, ...]:
        """Return what rows of several parts are merged by; texts sort as the database has them."""
        first, *rest = self.order.key(row)
        return (first if self.values is None else self.values.index(first), *rest)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and the cursors of the pages on both sides ("" where there is none)."""

    rows: list[Row]
    size: int
    newer: str  # towards the first row of the order
    older: str  # towards its last row
    bad_cursor: bool = False
    first: str = ""  # of its first row, for count_before

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def paginate(
    queryset: QuerySet[Row],
    *,
    cursor: str = "",
    size: int = DEFAULT_SIZE,
    parts: Sequence[QuerySet[Row]] = (),
    stretches: Sequence[Stretch[Row]] | None = None,
    values: Sequence[Any] | None = None,
) -> Page[Row]:
    """Return the page at ``cursor``; a bad one gives the first page and says so.

    ``parts`` are disjoint querysets that make up ``queryset``, and so are ``stretches``, of which
    each lies wholly before the last in descending order.  ``values`` are all that the first column of
    the order can be, ascending; see Source.
    """
    order = Order.of(queryset)
    named = None if values is None else tuple(values)
    told = None if stretches is None else tuple(stretches)
    source = Source(order, tuple(parts) or (queryset,), told, named)
    if cursor == OLDEST:
        return _last(source, size)
    if not cursor:
        return _first(source, size)
    try:
        direction, values = _read(cursor, source.order, queryset.model)
    except BadCursor:
        return _first(source, size, bad_cursor=True)
    return (_after if direction == AFTER else _before)(source, size, values)


def cursor_at(queryset: QuerySet[Any], moment: datetime) -> str:
    """Return the cursor of the page that begins at ``moment``; the order is by a time and a UUID."""
    order = Order.of(queryset)
    edge = UUID(int=2**128 - 1 if order.descending else 0)
    values = [_written(moment), *(_written(edge) for _ in order.columns[1:])]
    return SIGNER.sign_object([AFTER, order.name, values])


def count_before(
    queryset: QuerySet[Row],
    cursor: str,
    most: int,
    stretches: Sequence[Stretch[Row]] | None = None,
) -> int:
    """Return how many rows there are now before the page whose ``first`` is ``cursor``.

    At most ``most``; BadCursor when the cursor was made for another order.
    """
    order = Order.of(queryset)
    _, values = _read(cursor, order, queryset.model)
    told = (Stretch(queryset),) if stretches is None else stretches
    number = 0
    for rows in _beyond(told, order, values, backwards=True):
        number += rows[: most - number].count()
    return number


def clamped(size: int | None) -> int:
    """Return the allowed page size nearest to ``size``."""
    return min(SIZES, key=lambda allowed: abs(allowed - (size or DEFAULT_SIZE)))


class KeysetPaginator:
    """Plugs keyset paging into django-tables2: the paginator class of ``Table.paginate``."""

    def __init__(
        self,
        rows: Any,
        per_page: int,
        cursor: str = "",
        parts: Sequence[QuerySet[Any]] = (),
        stretches: Sequence[Stretch[Any]] | None = None,
        values: Sequence[Any] | None = None,
    ) -> None:
        self.rows = rows
        self.size = clamped(per_page)
        self.cursor = cursor
        self.parts, self.stretches, self.values = parts, stretches, values
        self.num_pages = 1  # asked for by django-tables2 when a page does not exist: all do

    def page(self, number: int) -> Page[Any]:
        """Return the page at the cursor; pages have no numbers here."""
        queryset = self.rows.data.data
        return paginate(
            queryset,
            cursor=self.cursor,
            size=self.size,
            parts=self.parts,
            stretches=self.stretches,
            values=self.values,
        )


def _first(source: Source[Row], size: int, *, bad_cursor: bool = False) -> Page[Row]:
    rows = source.take(size + 1)
    more = len(rows) > size
    rows = rows[:size]
    older = _cursor(AFTER, source.order, rows[-1]) if more else ""
    first = _cursor(BEFORE, source.order, rows[0]) if rows else ""
    return Page(rows, size, "", older, bad_cursor, first)


def _last(source: Source[Row], size: int) -> Page[Row]:
    rows = source.take(size + 1, backwards=True)
    more = len(rows) > size
    rows = rows[:size][::-1]
    return Page(rows, size, _cursor(BEFORE, source.order, rows[0]) if more else "", "")


def _after(source: Source[Row], size: int, values: Sequence[Any]) -> Page[Row]:
    rows = source.take(size + 1, beyond=values)
    if not rows:  # the rows behind the cursor are gone since: show the end that is left
        return _last(source, size)
    more = len(rows) > size
    rows = rows[:size]
    older = _cursor(AFTER, source.order, rows[-1]) if more else ""
    return Page(rows, size, _cursor(BEFORE, source.order, rows[0]), older)


def _before(source: Source[Row], size: int, values: Sequence[Any]) -> Page[Row]:
    rows = source.take(size + 1, beyond=values, backwards=True)
    if len(rows) <= size:  # the beginning: a whole first page instead of a stump
        return _first(source, size)
    rows = rows[:size][::-1]
    newer = _cursor(BEFORE, source.order, rows[0])
    return Page(rows, size, newer, _cursor(AFTER, source.order, rows[-1]))


def _cursor(direction: str, order: Order, row: Model) -> str:
    values = [_written(value) for value in order.key(row)]
    return SIGNER.sign_object([direction, order.name, values])


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _read(cursor: str, order: Order, model: type[Model]) -> tuple[str, list[Any]]:
    if len(cursor) > LONGEST_CURSOR:
        raise BadCursor
    try:
        direction, name, values = SIGNER.unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        raise BadCursor from None
    if name != order.name:
        raise BadCursor
    return direction, [
        _value(model._meta.get_field(column), value)
        for column, value in zip(order.columns, values, strict=True)
    ]


def _value(field: Any, value: Any) -> Any:
    try:
        return field.to_python(value) if isinstance(field, Field) else value
    except ValidationError:  # the column has another type than when the cursor was made
        raise BadCursor from None
