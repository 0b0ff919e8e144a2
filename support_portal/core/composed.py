"""Queries that Django puts together once, and not anew each time they are asked.

To put a query together takes Django about half a millisecond, several times what the database takes
to answer it by an index, and a page asks fifteen.  Here the questions stay querysets; their SQL is
kept, with places for the values, and what turns the answer into rows.  On PostgreSQL they are prepared
statements: to plan one takes longer than to answer it.  What is the same each time stands in the
statement, not in a place, so that a plan for any values may still use an index over some of the rows.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import Expression
from psycopg import sql as postgresql

MOST_SHAPES = 64  # of one question: lists of other lengths and values of other types are others
FIELDS: "dict[type, type[models.Field[Any, Any]]]" = {
    UUID: models.UUIDField,
    datetime: models.DateTimeField,
    str: models.TextField,
    int: models.BigIntegerField,
    bytes: models.BinaryField,
}
M = TypeVar("M", bound=models.Model)
V = TypeVar("V", int, str)
STEP = 8  # values by which lists are longer
Shape = tuple[Any, ...]  # of values: a type, a tuple of types for a list, None for None


class Slot(Expression):
    """Stands in a query for the value of a place, which is given when the query is asked."""

    def __init__(self, place: tuple[int, ...], kind: type) -> None:
        super().__init__(output_field=FIELDS[kind]())
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return a mark, and this in place of the value."""
        return "%s", (self,)

    def fill(self, values: Sequence[Any]) -> Any:
        """Return the value as the database takes it."""
        value: Any = values
        for index in self.place:
            value = value[index]
        return self.output_field.get_db_prep_value(value, connection)


def padded(values: Iterable[V]) -> list[V]:
    """Return the values in order, the last one repeated, so that lists have few lengths: each is a shape."""
    found = sorted(set(values))
    return found + found[-1:] * (-len(found) % STEP)


class Composed(Generic[M]):
    """The rows of a queryset whose values differ each time.

    ``make`` is given a stand-in for each value: for a list a list of them, for None None.  What it
    returns may depend on nothing else, and has nothing to be fetched afterwards.
    """

    def __init__(self, make: Callable[..., "models.QuerySet[M, Any]"]) -> None:
        self._make = make
        self._kept = lru_cache(MOST_SHAPES)(self._compose)

    def __call__(self, *values: Any) -> list[Any]:
        """Return the rows for these values, in one query."""
        queryset, text = self._kept(_shape(values))
        rows = text and fetched(text.sql, text.parameters(values))
        if not (text and rows):  # most questions of a page find nothing
            return []
        asked = _Asked(text, rows)
        query = copy(queryset.query)
        query.get_compiler = lambda *_, **__: asked
        found = type(queryset)(model=queryset.model, query=query, using=connection.alias)
        found._iterable_class, found._fields = queryset._iterable_class, queryset._fields
        return list(found)

    def first(self, *values: Any) -> Any:
        """Return the first row, None without one."""
        return next(iter(self(*values)), None)

    def _compose(self, shape: Shape) -> "tuple[Any, _Text | None]":
        queryset = self._make(*_slots(shape))
        try:
            return queryset, _text(queryset)
        except EmptyResultSet:  # something is to be among the values of an empty list
            return queryset, None


@dataclass(frozen=True, slots=True)
class Figure:
    """One value that is asked for among others: that of the first row, or how many rows there are."""

    queryset: "models.QuerySet[Any, Any]"
    counted: bool = False


class Figures:
    """Several values from several tables, in one query.

    ``make`` is given stand-ins as in ``Composed`` and returns the figures by name; those that are not
    counted are of querysets of one column.
    """

    def __init__(self, make: Callable[..., Mapping[str, Figure]]) -> None:
        self._make = make
        self._kept = lru_cache(MOST_SHAPES)(self._compose)

    def __call__(self, *values: Any) -> dict[str, Any]:
        """Return each figure by its name."""
        sql, parts = self._kept(_shape(values))
        parameters = [one for text, _ in parts.values() for one in text.parameters(values)]
        (row,) = fetched(sql, parameters)
        return {
            name: found if counted else text.converted(found)
            for (name, (text, counted)), found in zip(parts.items(), row, strict=True)
        }

    def _compose(self, shape: Shape) -> "tuple[str, dict[str, tuple[_Text, bool]]]":
        parts, columns = {}, []
        for name, figure in self._make(*_slots(shape)).items():
            text = _text(figure.queryset if figure.counted else figure.queryset[:1])
            parts[name] = text, figure.counted
            columns.append(
                f"(SELECT COUNT(*) FROM ({text.sql}) counted)"  # noqa: S608 - SQL of Django's
                if figure.counted
                else f"({text.sql})"
            )
        return f"SELECT {', '.join(columns)}", parts


@dataclass(frozen=True, slots=True)
class _Text:
    """What Django made of a queryset."""

    made: Any  # the compiler
    sql: str
    marked: tuple[Any, ...]  # a parameter or a Slot
    columns: tuple[Any, ...]  # what is selected
    converters: Mapping[int, Any]  # by the place of a column

    def parameters(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the parameters for these values."""
        return tuple(one.fill(values) if isinstance(one, Slot) else one for one in self.marked)

    def converted(self, found: Any) -> Any:
        """Return the value of the only column as Django gives it."""
        return next(iter(self.rows([[found]])))[0]

    def rows(self, found: Iterable[Any]) -> Iterable[Any]:
        """Return rows as Django gives them."""
        if self.converters:
            found = self.made.apply_converters(found, self.converters)
        if self.made.has_composite_fields(self.columns):
            found = self.made.composite_fields_to_tuples(found, self.columns)
        return found


class _Asked:
    """In place of a compiler: what a queryset asks for when it was put together and answered before."""

    def __init__(self, text: _Text, rows: list[Any]) -> None:
        self._text, self._rows = text, rows
        self.select, self.klass_info = text.made.select, text.made.klass_info
        self.annotation_col_map = text.made.annotation_col_map

    def execute_sql(self, *_: Any, **__: Any) -> list[Any]:
        """Return the rows as the database gave them."""
        return self._rows

    def results_iter(
        self, results: list[Any] | None = None, *, tuple_expected: bool = False, **_: Any
    ) -> Iterable[Any]:
        """Return the rows as Django gives them."""
        rows = self._text.rows(self.execute_sql() if results is None else results)
        return map(tuple, rows) if tuple_expected else rows


class _Prepared(psycopg.Cursor[Any]):
    """A cursor whose statements are prepared."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        """Ask; the connection keeps the plans of the last hundred statements."""
        return super().execute(query, params, prepare=True)


def fetched(sql: str, parameters: Sequence[Any]) -> list[Any]:
    """Return the rows of a statement that is asked again and again, as the database gives them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor = _Prepared(cursor.connection)
        cursor.execute(sql, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _text(queryset: "models.QuerySet[Any, Any]") -> _Text:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, marked = compiler.as_sql()
    if connection.vendor == "postgresql":
        sql, marked = _with_constants(sql, marked)
    columns = tuple(each[0] for each in compiler.select[: compiler.col_count])
    return _Text(compiler, sql, tuple(marked), columns, compiler.get_converters(columns))


def _with_constants(sql: str, marked: Iterable[Any]) -> tuple[str, list[Slot]]:
    """Write every parameter into the SQL that is no Slot."""
    places, left = iter(marked), []

    def written(mark: re.Match[str]) -> str:
        if mark[0] != "%s":
            return mark[0]
        one = next(places)
        if isinstance(one, Slot):
            left.append(one)
            return mark[0]
        return postgresql.Literal(one).as_string(connection.connection).replace("%", "%%")

    return re.sub("%.", written, sql), left


def _shape(values: Sequence[Any]) -> Shape:
    return tuple(_shape_of(value) for value in values)


def _shape_of(value: Any) -> Any:
    if value is None:
        return None
    return tuple(map(type, value)) if isinstance(value, list | tuple) else type(value)


def _slots(shape: Shape) -> list[Any]:
    return [_slot(place, kind) for place, kind in enumerate(shape)]


def _slot(place: int, kind: Any) -> Any:
    if kind is None:
        return None
    if isinstance(kind, tuple):
        return [Slot((place, index), each) for index, each in enumerate(kind)]
    return Slot((place,), kind)
