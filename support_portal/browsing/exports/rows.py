"""Reading the rows of an export, newest first, a few thousand at a time.

Each batch is a query of its own that goes on behind the last row of the one before.  So nothing is
held open meanwhile: no snapshot that keeps PostgreSQL from cleaning up, no reader that keeps
SQLite's log from being taken over.  Batches that are read in order cost one walk along the index
together, and whoever knows the last row may go on there.

Ids and times are read as the text that they are written as: making objects of them, to make text of
those, took more than half the time of an export.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import F, Func, QuerySet, TextField

from support_portal.browsing.exports.tables import Form, Table
from support_portal.core.keyset import Order

FIRST, MOST = 500, 2_000  # rows a query: few at first, so that something comes soon
Place = tuple[str, str]  # time and key of a row, as they are read
Row = tuple[Any, ...]
_place = itemgetter(0, 1)


class IdText(Func):
    """An id as text: on SQLite as it lies there, without dashes."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the id with dashes."""
        return self.as_sql(compiler, connection, template="(%(expressions)s)::text", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return an expression: columns are read by their type, which the driver knows, too."""
        return self.as_sql(compiler, connection, template="%(expressions)s || ''", **context)


class TimeText(IdText):
    """A time as text in UTC; on SQLite without the decimals where all of them are 0."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the time with six decimals."""
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=template, **context)


_READ = {Form.ID: IdText, Form.TIME: TimeText}


def batches(
    table: Table, parts: Sequence[QuerySet[Any]], behind: Place | None = None
) -> Iterator[list[Row]]:
    """Yield the rows of disjoint ``parts`` merged, those behind a place alone.

    A row holds the values of ``table.fields``, its place first.
    """
    most = max(MOST // max(len(parts), 1), 100)
    streams = [_rows(table, part, behind, most) for part in parts]
    rows = streams[0] if len(streams) == 1 else _merged(streams)
    size = FIRST
    while batch := list(islice(rows, size)):
        yield batch
        size = MOST


def place(row: Row) -> Place:
    """Return where a row stands."""
    at, key = _place(row)
    return at, key


def _merged(streams: Iterable[Iterator[Row]]) -> Iterator[Row]:
    return heapq.merge(*streams, key=_place, reverse=True)


def _rows(table: Table, part: QuerySet[Any], behind: Place | None, most: int) -> Iterator[Row]:
    order = Order(table.order, descending=True)
    forms = {each.field: _READ.get(each.form) for each in table.columns}
    read = {f"as_{name}": text(F(name)) for name, text in forms.items() if text}
    names = [f"as_{name}" if forms.get(name) else name for name in table.fields]
    size = min(FIRST, most)
    while True:
        rows = order.beyond(part, _key(behind), backwards=False) if behind else order.applied(part)
        batch = list(rows.annotate(**read).values_list(*names)[:size])
        yield from batch
        if len(batch) < size:
            return
        behind, size = place(batch[-1]), most


def _key(at: Place) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(at[0]).replace(tzinfo=UTC), UUID(at[1])
