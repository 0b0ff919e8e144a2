"""Tables of PostgreSQL that are parted by time: a partition a week, and one for all other times.

A row goes to the partition of its time, so what is written and read now lies close together however
much is stored, and what is old goes with its partition, at once.  The partition for other times takes
what comes before its week was made or by a clock that is wrong: a writer never lacks a place.

Tables are named after the Monday with which their week begins.  Everything that changes a table
first takes the lock that its writers take, and gives up when readers keep a table for longer than
LOCK_TIMEOUT, so that nobody stands in line behind it; it tries again a few times.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction

from support_portal.core.locks import hold_for_transaction

WEEK = timedelta(weeks=1)
A_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
AHEAD = 4  # weeks that have their partition before they begin
OLDEST = 104 * WEEK  # what is older gets no partition of its own
LOCK_TIMEOUT = "100ms"
TRIES, PAUSE = 10, 0.3  # seconds between two tries
LOCKED = "55P03"  # what PostgreSQL says when a lock is not to be had in time

Span = tuple[datetime, datetime]  # both ends belong to it
T = TypeVar("T")


class StillLocked(Exception):
    """Somebody keeps the table; another time it will be free."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A table parted by ``column``; whoever writes to it holds ``lock``."""

    table: str
    column: str
    lock: str

    @property
    def rest(self) -> str:
        """Return the name of the partition for times without one of their own."""
        return f"{self.table}_rest"

    def week(self, begins: datetime) -> "Week":
        """Return the partition of the week that begins then."""
        return Week(f"{self.table}_w{begins:%Y%m%d}", begins)

    def gone(self, week: "Week") -> str:
        """Return what a partition is called once it is none any more."""
        return f"{self.table}_gone_{week.begins:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Week:
    """One partition."""

    name: str
    begins: datetime

    @property
    def ends(self) -> datetime:
        """Return the first moment that does not belong to it."""
        return self.begins + WEEK


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a partition."""

    rows: int
    late: int  # rows to be kept although their week goes
    bytes: int


def monday(moment: datetime) -> datetime:
    """Return the beginning of the week of ``moment``, in UTC."""
    return A_MONDAY + (moment - A_MONDAY) // WEEK * WEEK


def mondays(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the beginnings of all weeks that touch the time from ``first`` to ``last``."""
    begins = monday(first)
    while begins <= last:
        yield begins
        begins += WEEK


def together(spans: Mapping[UUID, Span]) -> Iterator[tuple[list[UUID], Span | None]]:
    """Yield ids that are found in the same partitions, with the time that spans what they have.

    One question for all ids would look into every partition that any of them needs.  Without
    partitions there is one question, which needs no time.
    """
    if connection.vendor != "postgresql":
        yield list(spans), None
        return
    places: dict[Span, list[UUID]] = defaultdict(list)
    for identifier, (first, last) in spans.items():
        places[monday(first), monday(last)].append(identifier)
    for ids in places.values():
        yield ids, (min(spans[id][0] for id in ids), max(spans[id][1] for id in ids))


def is_parted(parted: Parted) -> bool:
    """Tell whether the database has the table in partitions."""
    if connection.vendor != "postgresql":
        return False
    return bool(_rows("SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relkind = 'p'", parted))


def weeks(parted: Parted) -> list[Week]:
    """Return the partitions that belong to a week, oldest first."""
    prefix = f"{parted.table}_w"
    names = _rows(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = %s::regclass",
        parted,
    )
    begun = (name.removeprefix(prefix) for (name,) in names if name.startswith(prefix))
    moments = (datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) for day in begun)
    return sorted(map(parted.week, moments), key=lambda week: week.begins)


def strays(parted: Parted, first: datetime, last: datetime) -> set[datetime]:
    """Return the beginnings of weeks between two moments whose rows lie in the rest."""
    table, column = _names(parted.rest, parted.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('week', {column}, 'UTC') FROM {table}"  # noqa: S608 - names
            f" WHERE {column} BETWEEN %s AND %s",
            [first, last],
        )
        return {monday(moment) for (moment,) in cursor.fetchall()}


def make(parted: Parted, begins: Iterable[datetime]) -> list[Week]:
    """Make the partitions that are missing, each in a transaction; return them.

    Rows of such a week that lie in the rest move along.
    """
    present = {week.begins for week in weeks(parted)}
    missing = [parted.week(moment) for moment in sorted(set(begins) - present)]
    return [week for week in missing if _patiently(parted, partial(_make, parted, week))]


def part(parted: Parted, now: datetime) -> None:
    """Turn a plain table into a parted one, in the caller's transaction."""
    table, whole, rest, column = _names(
        parted.table, f"{parted.table}_whole", parted.rest, parted.column
    )
    with connection.cursor() as cursor:
        _set_aside(parted, cursor)
        cursor.execute(
            f"CREATE TABLE {table} (LIKE {whole} INCLUDING ALL) PARTITION BY RANGE ({column})"
        )
        cursor.execute(f"CREATE TABLE {rest} PARTITION OF {table} DEFAULT")
        cursor.execute(f"SELECT DISTINCT date_trunc('week', {column}, 'UTC') FROM {whole}")  # noqa: S608
        told = {monday(moment) for (moment,) in cursor.fetchall()}
        oldest, last = now - OLDEST, now + AHEAD * WEEK
        begun = {moment for moment in told if oldest < moment < last}
        for begins in sorted(begun.union(mondays(now, last))):
            week = parted.week(begins)
            (name,) = _names(week.name)
            cursor.execute(f"CREATE TABLE {name} PARTITION OF {table} {_bounds(week)}")
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {whole}")  # noqa: S608 - names
        cursor.execute(f"DROP TABLE {whole}")


def unite(parted: Parted) -> None:
    """Turn a parted table into a plain one, in the caller's transaction."""
    table, whole = _names(parted.table, f"{parted.table}_whole")
    with connection.cursor() as cursor:
        _set_aside(parted, cursor)
        cursor.execute(f"CREATE TABLE {table} (LIKE {whole} INCLUDING ALL)")
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {whole}")  # noqa: S608 - names
        cursor.execute(f"DROP TABLE {whole}")


def _set_aside(parted: Parted, cursor: Any) -> None:
    """Give a table and its indexes other names, so that theirs are free."""
    table, whole = _names(parted.table, f"{parted.table}_whole")
    cursor.execute(f"ALTER TABLE {table} RENAME TO {whole}")
    cursor.execute(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indrelid = %s::regclass",
        [f"{parted.table}_whole"],
    )
    for (name,) in cursor.fetchall():
        old, new = _names(name, f"{name}_whole")
        cursor.execute(f"ALTER INDEX {old} RENAME TO {new}")


def content(name: str, column: str, since: datetime) -> Content:
    """Count the rows of a partition, and those whose ``column`` is ``since`` or later."""
    table, quoted = _names(name, column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {quoted} >= %s),"  # noqa: S608 - names
            f" pg_total_relation_size(%s::regclass) FROM {table}",
            [since, name],
        )
        return Content(*cursor.fetchone())


def let_go(parted: Parted, week: Week, column: str, since: datetime) -> Content:
    """Drop a partition; rows whose ``column`` is ``since`` or later go to the rest before.

    Readers wait for the moment in which it stops being a partition, and not for its removal.
    """
    told = _patiently(parted, partial(_detach, parted, week, column, since))
    drop_gone(parted)
    return told


def drop_gone(parted: Parted) -> None:
    """Drop tables that were partitions and are none any more; nobody knows them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition"
            " AND relnamespace = current_schema()::regnamespace AND starts_with(relname, %s)",
            [f"{parted.table}_gone_"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)}")


def _make(parted: Parted, week: Week) -> bool:
    """Make a partition; tell whether it was still missing once the lock was held."""
    if week in weeks(parted):
        return False
    table, rest, name, column = _names(parted.table, parted.rest, week.name, parted.column)
    bounds = [week.begins, week.ends]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {rest} WHERE {column} >= %s AND {column} < %s RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved",
            bounds,
        )
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        # Unlike CREATE … PARTITION OF, this does not shut out those who read other partitions.
        cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} {_bounds(week)}")
    return True


def _detach(parted: Parted, week: Week, column: str, since: datetime) -> Content:
    told = content(week.name, column, since)
    table, name, gone, quoted = _names(parted.table, week.name, parted.gone(week), column)
    with connection.cursor() as cursor:
        if told.late:
            cursor.execute(
                f"CREATE TEMPORARY TABLE late ON COMMIT DROP AS SELECT * FROM {name}"  # noqa: S608
                f" WHERE {quoted} >= %s",
                [since],
            )
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {name}")
        cursor.execute(f"ALTER TABLE {name} RENAME TO {gone}")
        if told.late:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM late")  # noqa: S608 - names
    return told


def _patiently(parted: Parted, step: Callable[[], T]) -> T:
    """Do ``step`` in a transaction in which nobody else writes; try again while it is locked."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                hold_for_transaction(parted.lock)
                return step()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCKED:
                raise
        time.sleep(PAUSE)
    raise StillLocked(f"{parted.table} is in use; nothing was changed")


def _bounds(week: Week) -> str:
    return f"FOR VALUES FROM ('{week.begins.isoformat()}') TO ('{week.ends.isoformat()}')"


def _names(*names: str) -> list[str]:
    return [connection.ops.quote_name(name) for name in names]


def _rows(statement: str, parted: Parted) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [parted.table])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
