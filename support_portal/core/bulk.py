"""Insert and update many rows of one model by the fastest durable way the database has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Preparer = Callable[[Any], Any]
# Their values go to the driver as they are: the rows are built with the right types.
PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BigIntegerField,
    models.BinaryField,
)
# psycopg knows these too; SQLite has no type for them.
PLAIN_IN_POSTGRESQL = (*PLAIN, models.UUIDField, models.DateTimeField)


def insert_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert ``rows`` (values in the order of ``fields``) inside the caller's transaction.

    PostgreSQL takes them by COPY, SQLite by one prepared statement.  Raises IntegrityError when a
    key is there already: the caller has looked before, under the lock of the drain.
    """
    columns = [_column(model, name) for name in fields]
    prepared = _prepared(columns, rows)
    if not prepared:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(_quoted(column) for column in columns)
    # COPY bypasses Django's cursor wrapper, so its errors are translated here.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for values in prepared:
                    copy.write_row(values)
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names only
            cursor.executemany(statement, prepared)


def update_rows(
    model: type[models.Model],
    fields: Sequence[str],
    key: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Set ``fields`` of the rows named by ``key``; a row holds the values of both, in that order.

    One prepared statement, where ``bulk_update`` builds an expression for every value.
    """
    columns = [_column(model, name) for name in (*fields, *key)]
    prepared = _prepared(columns, rows)
    if not prepared:
        return
    names = [_quoted(column) for column in columns]
    changes = ", ".join(f"{name} = %s" for name in names[: len(fields)])
    where = " AND ".join(f"{name} = %s" for name in names[len(fields) :])
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"UPDATE {table} SET {changes} WHERE {where}"  # noqa: S608 - names only
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)


def increment(
    model: type[models.Model],
    field: str,
    key: Sequence[str],
    amounts: Mapping[tuple[Any, ...], int],
) -> None:
    """Add to ``field`` of the rows named by ``key`` values, in one prepared statement."""
    if not amounts:
        return
    columns = [_column(model, name) for name in key]
    target = _quoted(_column(model, field))
    where = " AND ".join(f"{_quoted(column)} = %s" for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"UPDATE {table} SET {target} = {target} + %s WHERE {where}"  # noqa: S608 - names only
    keys = _prepared(columns, amounts)
    rows = [[amount, *values] for values, amount in zip(keys, amounts.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _column(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _quoted(column: "models.Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(column.column))


def _prepared(
    columns: "Sequence[models.Field[Any, Any]]", rows: Iterable[Sequence[Any]]
) -> list[list[Any]]:
    """Return the rows as the driver takes them.

    What has to be done is decided once a column and not once a value: asking each field for each
    value was half the time of a drain.
    """
    steps = [
        (position, preparer)
        for position, column in enumerate(columns)
        if (preparer := _preparer(column)) is not None
    ]
    prepared = [list(row) for row in rows]
    for values in prepared:
        for position, prepare in steps:
            if values[position] is not None:
                values[position] = prepare(values[position])
    return prepared


def _preparer(column: "models.Field[Any, Any]") -> Preparer | None:
    """Return what turns a value of ``column`` into one the driver takes, None for nothing."""
    real: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]  # the proxy costs a look-up a value
    plain = PLAIN_IN_POSTGRESQL if real.vendor == "postgresql" else PLAIN
    if type(column) in plain:
        return None
    if type(column) is models.DateTimeField:
        return real.ops.adapt_datetimefield_value
    if type(column) is models.UUIDField:
        return _hex
    return partial(column.get_db_prep_save, connection=real)


def _hex(identifier: Any) -> str:
    return cast(str, identifier.hex)
