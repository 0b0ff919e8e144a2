"""Queries that Django puts together once, and not anew each time they are asked.

To put a query together takes Django about half a millisecond, several times what the database takes
to answer it by an index, and a page asks fifteen.  Here the questions stay querysets; their SQL is
kept, with places for the values.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import Expression

MOST_SHAPES = 64  # of one question: lists of other lengths and values of other types are others
FIELDS: "dict[type, type[models.Field[Any, Any]]]" = {
    UUID: models.UUIDField,
    datetime: models.DateTimeField,
    str: models.TextField,
    int: models.BigIntegerField,
    bytes: models.BinaryField,
}
M = TypeVar("M", bound=models.Model)
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
        compiler = text.compiler()
        asked = text.sql, text.parameters(values)
        compiler.as_sql = lambda *_, **__: asked
        query = copy(queryset.query)
        query.get_compiler = lambda *_, **__: compiler
        found = type(queryset)(model=queryset.model, query=query, using=connection.alias)
        found._iterable_class, found._fields = queryset._iterable_class, queryset._fields
        return list(found)

    def first(self, *values: Any) -> Any:
        """Return the first row, None without one."""
        return next(iter(self(*values)), None)

    def _compose(self, shape: Shape) -> "tuple[Any, _Text]":
        queryset = self._make(*_slots(shape))
        return queryset, _text(queryset)


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
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row = cursor.fetchone()
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

    made: Any  # the compiler, of which every asking takes a copy
    sql: str
    marked: tuple[Any, ...]  # a parameter or a Slot

    def compiler(self) -> Any:
        """Return a compiler for the connection of this thread."""
        mine = copy(self.made)
        mine.connection = connection
        return mine

    def parameters(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the parameters for these values."""
        return tuple(one.fill(values) if isinstance(one, Slot) else one for one in self.marked)

    def converted(self, found: Any) -> Any:
        """Return the value of the only column as Django gives it."""
        compiler = self.compiler()
        converters = compiler.get_converters([compiler.select[0][0]])
        return next(iter(compiler.apply_converters([[found]], converters)))[0]


def _text(queryset: "models.QuerySet[Any, Any]") -> _Text:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    return _Text(compiler, sql, tuple(parameters))


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
