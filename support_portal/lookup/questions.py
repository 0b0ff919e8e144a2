# ruff: noqa: S608 - what is put together are names of columns; values are parameters
"""The SQL that asks one table for everything at once.

It is written here, since Django takes longer to put such a union together than both databases to answer
it.  Values go as one parameter: a list of thousands takes longer to build than its rows to find.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models.sql import Query

from support_portal.core.composed import fetched
from support_portal.events.digits import LAST, LastDigits
from support_portal.payloads.recognise import CUT

MOST_RECORDS = 20  # for one way; the tables show the rest
FEW = 12  # branches of a statement that is asked again and again; cut ids make as many as there are
MOST_READ = 1_000  # ids that have the known digits of a cut one in the index
_ID_LENGTH = 32
_POSTGRESQL_ARRAYS = {UUID: "uuid[]", str: "text[]", bytes: "bytea[]"}


@dataclass(frozen=True, slots=True)
class Question:
    """The branches of one union over the rows of one model that a reader may see."""

    model: type[models.Model]
    own: str  # the column with the record's own id
    moment: str
    names: tuple[str, ...]  # the columns that are told
    allowed: Collection[str] | None  # sub-accounts; None stands for all
    branches: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def answers(self) -> Iterator[tuple[Any, str, Any]]:
        """Yield each row, the way to it, and the column or the cut id that led there."""
        found = _rows(self.branches, self.parameters)
        if not found:
            return
        compiler = Query(self.model).get_compiler(connection=connection)
        columns = [
            self.model._meta.get_field(name).get_col(self._table)  # type: ignore[union-attr]
            for name in self.names
        ]
        converted = compiler.apply_converters(found, compiler.get_converters(columns))
        for *values, way, led in converted:
            yield self.model.from_db(connection.alias, self.names, values), way, led

    def add_own(self, ids: Collection[UUID]) -> None:
        """Ask which of ``ids`` are a row's own; see own_ids."""
        where = f"{self._among(self.own, ids)}{self._seen()}"
        self.branches.append(
            f"SELECT '{self._table}' AS held_in, {self.own} AS id FROM {self._table} WHERE {where}"
        )

    def add_values(self, way: str, column: str, values: Collection[Any]) -> None:
        """Ask for the newest rows for each value: one batch cannot crowd out the others."""
        if column == self.model._meta.pk.name:
            where = f"{self._among(column, values)}{self._seen()}"
            self._add(way, f"'{column}'", f"{self._table} WHERE {where}")
            return
        rank = f"row_number() OVER (PARTITION BY {column} ORDER BY {self.moment} DESC)"
        # The indexes leave empty values out, and SQLite uses one only when the query says so too.
        filled = (
            f"NOT ({column} = '')"
            if isinstance(next(iter(values)), str)
            else f"{column} IS NOT NULL"
        )
        where = f"{self._among(column, values)} AND {filled}{self._seen()}"
        ranked = f"SELECT {self._told}, {rank} AS place FROM {self._table} WHERE {where}"
        self._add(way, f"'{column}'", f"({ranked}) ranked WHERE place <= {MOST_RECORDS + 1}")

    def add_part(self, way: str, part: str) -> None:
        """Ask for a few rows whose id begins and ends as ``part`` says."""
        self.parameters.append(part)
        near = near_sql(self.model, self.own, part, self.parameters)
        self.parameters.append(part.replace(CUT, "%"))
        whole = f"{_all_digits(self.own)} LIKE %s{self._seen()}"
        few = (
            f"SELECT {self._told} FROM {self._table} WHERE {self.own} IN ({near}) AND {whole}"
            f" ORDER BY {self.own} LIMIT {MOST_RECORDS + 1}"
        )
        self._add(way, "%s", f"({few}) part")

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    @property
    def _told(self) -> str:
        return ", ".join(self.names)

    def _add(self, way: str, column: str, source: str) -> None:
        self.branches.append(f"SELECT {self._told}, '{way}' AS way, {column} AS led FROM {source}")

    def _seen(self) -> str:
        if self.allowed is None:
            return ""
        return f" AND {self._among('sub_account', self.allowed)}"

    def _among(self, column: str, values: Collection[Any]) -> str:
        condition, parameters = _among(column, values)
        self.parameters.extend(parameters)
        return condition


def own_ids(questions: Sequence[Question], ids: Collection[UUID]) -> Mapping[str, set[UUID]]:
    """Return by table which of ``ids`` are a row's own, from one question to all of the tables."""
    for question in questions:
        question.add_own(ids)
    branches = [branch for each in questions for branch in each.branches]
    found: dict[str, set[UUID]] = defaultdict(set)
    for table, id in _rows(branches, [one for each in questions for one in each.parameters]):
        found[table].add(id if isinstance(id, UUID) else UUID(id))
    return found


def _rows(branches: Sequence[str], parameters: Sequence[Any]) -> list[Any]:
    """Return what the union of the branches finds."""
    if not branches:
        return []
    statement = " UNION ALL ".join(branches)
    if len(branches) <= FEW:
        return fetched(statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def near_sql(model: type[models.Model], own: str, part: str, parameters: list[Any]) -> str:
    """Return what asks for the ids that an index finds for a cut one, whoever may see them.

    Never more than MOST_READ: all ids that one SQL Server made end alike.  PostgreSQL has to walk the
    index, since it is asked for the order of that; else it may prefer to read all rows.  The order by a
    value that is the same in all of them counts only because a range of one value is no equality to it.
    """
    front, _, back = part.partition(CUT)
    if len(front) >= LAST:
        key, bounds = own, [front.ljust(_ID_LENGTH, digit) for digit in "0f"]
    else:
        key, bounds = _last_digits(own), [back[-LAST:]] * 2
    parameters.extend(bounds)
    given = "%s" if key == own or connection.vendor != "postgresql" else "decode(%s, 'hex')"
    return (
        f"SELECT {own} FROM {model._meta.db_table}"
        f" WHERE {key} BETWEEN {given} AND {given} ORDER BY {key} LIMIT {MOST_READ}"
    )


def _among(column: str, values: Collection[Any]) -> tuple[str, list[Any]]:
    """Return the condition that a column has one of ``values``, all of one type, and its parameters."""
    kind = type(next(iter(values)))
    if connection.vendor == "postgresql":
        told = "{" + ",".join(value.hex for value in values) + "}" if kind is UUID else list(values)
        return f"{column} = ANY(%s::{_POSTGRESQL_ARRAYS[kind]})", [told]
    if kind is bytes:  # JSON has none; there are few
        return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)
    told = [value.hex if kind is UUID else value for value in values]
    return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(told)]


def _all_digits(column: str) -> str:
    return f"encode(uuid_send({column}), 'hex')" if connection.vendor == "postgresql" else column


def _last_digits(column: str) -> str:
    """Return the expression that the index of last digits is made of."""
    postgresql = connection.vendor == "postgresql"
    template = LastDigits.on_postgresql if postgresql else LastDigits.template
    return template % {"expressions": column}
