"""Insert many rows of one model by the fastest durable way the database has."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection, models


def insert_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert ``rows`` (values in the order of ``fields``) inside the caller's transaction.

    PostgreSQL takes them by COPY, SQLite by one prepared statement.  Raises IntegrityError when a
    key is there already: the caller has looked before, under the lock of the drain.
    """
    columns = [_column(model, name) for name in fields]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(_quoted(column) for column in columns)
    prepared = [_prepared(columns, row) for row in rows]
    if not prepared:
        return
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
    rows = [[amount, *_prepared(columns, values)] for values, amount in amounts.items()]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _column(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _quoted(column: "models.Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(column.column))


def _prepared(columns: "Sequence[models.Field[Any, Any]]", row: Sequence[Any]) -> list[Any]:
    return [
        column.get_db_prep_save(value, connection)
        for column, value in zip(columns, row, strict=True)
    ]
