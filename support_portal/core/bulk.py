"""Insert, change and find many rows of one model by the fastest durable way the database has.

PostgreSQL takes rows by COPY in its binary form (a third of the cost of the text form, measured),
and changes from a staging table that one statement reads.  SQLite takes both by prepared
statements.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import islice
from typing import Any, TypeAlias, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.string import BytesBinaryDumper

Field: TypeAlias = "models.Field[Any, Any]"
Row = Sequence[Any]
Column = Sequence[Any]  # one value of each of many rows
Converter = Callable[[Column], Column]
# The rows are built with the right types: values of these fields go to the driver as they are.
PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BigIntegerField,
    models.BinaryField,
)
# psycopg knows these too, and has to be told what to write in binary.
BINARY_TYPES: dict[type[Field], str] = {
    models.CharField: "varchar",
    models.TextField: "text",
    models.IntegerField: "int4",
    models.BigIntegerField: "int8",
    models.BinaryField: "bytea",
    models.UUIDField: "uuid",
    models.DateTimeField: "timestamptz",
}
OFFSET_OF_UTC = len("+00:00")
# Rows that are turned into columns at once: few enough to stay in the processor's cache.
TURNED = 256


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert ``rows`` (values in the order of ``fields``) inside the caller's transaction.

    Raises IntegrityError when a key is there already: the caller has looked before, under the lock
    of the drain.
    """
    columns = [_column(model, name) for name in fields]
    values = converted(columns, rows)
    if not values:
        return
    if connection.vendor == "postgresql":
        _copy(_table(model), columns, values)
        return
    marks = ", ".join(["%s"] * len(columns))
    names = ", ".join(map(_quoted, columns))
    _execute_many(f"INSERT INTO {_table(model)} ({names}) VALUES ({marks})", values)  # noqa: S608 - names


def insert_missing(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert the ``rows`` whose key is not there yet."""
    _merge(model, fields, rows, "DO NOTHING")


def add_up(
    model: type[models.Model], field: str, key: Sequence[str], amounts: Mapping[Row, int]
) -> None:
    """Add to ``field`` of the rows named by ``key`` values; rows that are not there yet are made."""
    table, name = _table(model), _quoted(_column(model, field))
    keys = ", ".join(_quoted(_column(model, part)) for part in key)
    rows = ((*values, amount) for values, amount in amounts.items())
    adding = f"({keys}) DO UPDATE SET {name} = {table}.{name} + excluded.{name}"
    _merge(model, (*key, field), rows, adding)


def update_rows(
    model: type[models.Model],
    fields: Sequence[str],
    key: Sequence[str],
    rows: Iterable[Row],
    *,
    adding: Collection[str] = (),
    parted_by: str = "",
) -> None:
    """Set ``fields`` of the rows named by ``key``; a row holds the values of both, in that order.

    To fields that are named in ``adding`` the value is added.  ``bulk_update`` builds an
    expression for every value, which costs twenty times as much.  ``parted_by`` is the column of
    the key that decides the partition: those that hold none of the rows are then not planned for.
    """
    changes = {name: "{old} + {new}" if name in adding else "{new}" for name in fields}
    _change(model, changes, key, rows, parted_by)


def increment(
    model: type[models.Model],
    field: str,
    key: Sequence[str],
    amounts: Mapping[tuple[Any, ...], int],
    *,
    parted_by: str = "",
) -> None:
    """Add to ``field`` of the rows named by ``key`` values."""
    rows = [(amount, *values) for values, amount in amounts.items()]
    update_rows(model, (field,), key, rows, adding=(field,), parted_by=parted_by)


def delete_rows(model: type[models.Model], key: Sequence[str], rows: Iterable[Row]) -> None:
    """Delete the rows named by ``key`` values, which may be there or not."""
    columns = [_column(model, name) for name in key]
    values = converted(columns, rows)
    if not values:
        return
    table, names = _table(model), [_quoted(column) for column in columns]
    if connection.vendor != "postgresql":
        where = " AND ".join(f"{name} = %s" for name in names)
        _execute_many(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608 - names
        return
    where = " AND ".join(f"{table}.{name} = stage.{name}" for name in names)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        stage = _stage(table, names)
        _copy(stage, columns, values)
        cursor.execute(f"DELETE FROM {table} USING {stage} stage WHERE {where}")  # noqa: S608 - names


def find_rows(
    model: type[models.Model],
    fields: Sequence[str],
    key: str,
    ids: Collection[UUID],
    *,
    within: tuple[str, datetime, datetime] | None = None,
) -> list[tuple[Any, ...]]:
    """Return ``fields`` of the rows whose UUID in ``key`` is one of ``ids``.

    They are sent as one parameter: a list of thousands of parameters takes longer to build than
    the rows take to find.  ``within`` names a column and the time, both ends included, in which
    all rows are known to lie: on PostgreSQL other partitions are then not looked into.
    """
    if not ids:
        return []
    columns = [_column(model, name) for name in fields]
    names, wanted = ", ".join(map(_quoted, columns)), _quoted(_column(model, key))
    spelt = [identifier.hex for identifier in ids]
    if connection.vendor == "postgresql":
        where = f"{wanted} = ANY(%s::uuid[])"
        parameters: list[Any] = ["{" + ",".join(spelt) + "}"]
        if within:
            column, *times = within
            where += f" AND {_quoted(_column(model, column))} BETWEEN %s AND %s"
            parameters += times
    else:
        where = f"{wanted} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a name
        parameters = ['["' + '","'.join(spelt) + '"]']
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {_table(model)} WHERE {where}", parameters)  # noqa: S608 - names
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return _read(columns, rows)


def _merge(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Row], conflict: str
) -> None:
    """Insert ``rows`` and do what ``conflict`` says where the key is there already."""
    columns = [_column(model, name) for name in fields]
    values = converted(columns, rows)
    if not values:
        return
    quoted = [_quoted(column) for column in columns]
    names = ", ".join(quoted)
    into = f"INSERT INTO {_table(model)} ({names})"
    if connection.vendor != "postgresql":
        marks = ", ".join(["%s"] * len(columns))
        _execute_many(f"{into} VALUES ({marks}) ON CONFLICT {conflict}", values)
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        stage = _stage(_table(model), quoted)
        _copy(stage, columns, values)
        cursor.execute(f"{into} SELECT {names} FROM {stage} ON CONFLICT {conflict}")  # noqa: S608 - names


def _change(
    model: type[models.Model],
    changes: Mapping[str, str],
    key: Sequence[str],
    rows: Iterable[Row],
    parted_by: str,
) -> None:
    """Set each field to an expression over its ``{old}`` and ``{new}`` value."""
    columns = [_column(model, name) for name in (*changes, *key)]
    values = converted(columns, rows)
    if not values:
        return
    table = _table(model)
    names = [_quoted(column) for column in columns]
    staged = connection.vendor == "postgresql"
    new = [f"stage.{name}" if staged else "%s" for name in names]
    assignments = ", ".join(
        f"{name} = {change.format(old=f'{table}.{name}', new=value)}"
        for name, value, change in zip(names, new, changes.values(), strict=False)
    )
    count = len(changes)
    where = " AND ".join(
        f"{table}.{name} = {value}" for name, value in zip(names[count:], new[count:], strict=True)
    )
    if not staged:
        _execute_many(f"UPDATE {table} SET {assignments} WHERE {where}", values)  # noqa: S608 - names
        return
    # The staging table is emptied by every commit, so outside a transaction it needs one.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        stage = _stage(table, names)
        _copy(stage, columns, values)
        bounds: list[Any] = []
        if parted_by:
            place = [column.name for column in columns].index(parted_by)
            times = [row[place] for row in values]
            where += f" AND {table}.{names[place]} BETWEEN %s AND %s"
            bounds = [min(times), max(times)]
        cursor.execute(f"UPDATE {table} SET {assignments} FROM {stage} stage WHERE {where}", bounds)  # noqa: S608 - names


def _stage(table: str, names: Sequence[str]) -> str:
    """Return a temporary table with these columns, empty in every transaction."""
    listed = ", ".join(names)
    stage = connection.ops.quote_name(f"stage_{zlib.crc32(f'{table} {listed}'.encode()):08x}")
    shape = f"SELECT {listed} FROM {table}"  # noqa: S608 - names
    with connection.cursor() as cursor:
        # PostgreSQL would give notice each time but the first that it is there already.
        cursor.execute(
            "SET LOCAL client_min_messages = warning;"
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS"
            f" AS {shape} WITH NO DATA; TRUNCATE {stage}"
        )
    return stage


def _copy(table: str, columns: Sequence[Field], values: Iterable[Row]) -> None:
    names = ", ".join(map(_quoted, columns))
    # COPY bypasses Django's cursor wrapper, so its errors are translated here.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        # psycopg's own choice asks in Python whether each value is wrapped.
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
        copy.set_types([BINARY_TYPES[_kind(column)] for column in columns])
        for row in values:
            copy.write_row(row)


def _execute_many(statement: str, values: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(model: type[models.Model], name: str) -> Field:
    return cast(Field, model._meta.get_field(name))


def _quoted(column: Field) -> str:
    return connection.ops.quote_name(str(column.column))


def converted(columns: Sequence[Field], rows: Iterable[Row]) -> list[Row]:
    """Return the rows as Django's cursor takes them.

    What has to be done is decided once a column and not once a value: asking each field for each
    value was half the time of a drain.
    """
    return _mapped(_steps(columns, _writer), rows)


def _read(columns: Sequence[Field], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    steps = _steps(columns, _reader)
    return [tuple(row) for row in _mapped(steps, rows)] if steps else rows


def _steps(
    columns: Sequence[Field], choose: Callable[[Field], Converter | None]
) -> list[tuple[int, Converter]]:
    chosen = ((position, choose(column)) for position, column in enumerate(columns))
    return [(position, convert) for position, convert in chosen if convert is not None]


def _mapped(steps: Sequence[tuple[int, Converter]], rows: Iterable[Row]) -> list[Row]:
    """Convert column by column: turning rows into columns and back costs less than lists of values."""
    if not steps:
        return list(rows)
    mapped: list[Row] = []
    left = iter(rows)
    while some := tuple(islice(left, TURNED)):
        columns: list[Column] = list(zip(*some, strict=True))
        for position, convert in steps:
            columns[position] = convert(columns[position])
        mapped += zip(*columns, strict=True)
    return mapped


def _writer(column: Field) -> Converter | None:
    """Return what turns values of ``column`` into those the driver takes, None for nothing."""
    real: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]  # the proxy costs a look-up a value
    kind = _kind(column)
    if kind in PLAIN or (real.vendor == "postgresql" and kind in BINARY_TYPES):
        return None
    if kind is models.DateTimeField:
        return _spelt
    if kind is models.UUIDField:
        return _hex
    return partial(_each, partial(column.get_db_prep_save, connection=real))


def _kind(column: Field) -> type[Field]:
    """Return the class of ``column``, and of one that names a row that of the key there."""
    return type(column.target_field if isinstance(column, models.ForeignKey) else column)


def _reader(column: Field) -> Converter | None:
    if connection.vendor == "postgresql":
        return None
    if type(column) is models.DateTimeField:
        return partial(_each, _moment)
    if type(column) is models.UUIDField:
        return partial(_each, UUID)
    return None


def _each(convert: Callable[[Any], Any], values: Column) -> Column:
    return [None if value is None else convert(value) for value in values]


def _hex(identifiers: Column) -> Column:
    """Spell UUIDs, of which neighbours are often the same one: they came in one delivery."""
    before, text = None, None
    spelt = []
    for identifier in identifiers:
        if identifier is not before:
            before = identifier
            # A third of what its property ``hex`` takes.
            text = None if identifier is None else identifier.int.to_bytes(16).hex()
        spelt.append(text)
    return spelt


def _spelt(moments: Column) -> Column:
    return [None if moment is None else _in_utc(moment) for moment in moments]


@lru_cache(maxsize=16_384)  # a batch says the same moments in several columns and tables
def _in_utc(moment: datetime) -> str:
    """Spell a time as Django does on SQLite: in UTC, without saying so."""
    return moment.astimezone(UTC).isoformat(" ")[:-OFFSET_OF_UTC]


def _moment(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)
