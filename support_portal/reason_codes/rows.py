"""Typed access to one table of a TOML file, with errors that name the place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


class MalformedData(Exception):
    """A data file cannot be used; the text names file, code and field."""

    def __init__(self, file: str, place: str, field: str, problem: str) -> None:
        where = ", ".join(part for part in (f"{file}.toml", place, field) if part)
        super().__init__(f"{where}: {problem}")


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one TOML table, and where they stand."""

    file: str
    place: str
    values: dict[str, object]

    def refuse(self, field: str, problem: str) -> NoReturn:
        """Raise MalformedData about one field of this row."""
        raise MalformedData(self.file, self.place, field, problem)

    def about(self, place: str) -> "Row":
        """Return the same row under a better name for its errors."""
        return Row(self.file, place, self.values)

    def has_any(self, fields: Collection[str]) -> bool:
        """Tell whether at least one of ``fields`` is given."""
        return not self.values.keys().isdisjoint(fields)

    def refuse_unknown(self, allowed: Collection[str]) -> None:
        """Refuse a misspelt field instead of ignoring it."""
        for field in self.values:
            if field not in allowed:
                self.refuse(field, "unknown field")

    def text(self, field: str, default: str | None = None) -> str:
        """Return a text of one line; without a default it must be given."""
        if field in self.values:
            return self._line(field, self.values[field])
        if default is None:
            self.refuse(field, "missing")
        return default

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of texts, which must be given."""
        return tuple(self._line(field, item) for item in self._list(field))

    def integer(self, field: str) -> int:
        """Return a whole number, which must be given."""
        if field not in self.values:
            self.refuse(field, "missing")
        return self._whole(field, self.values[field])

    def integers(self, field: str) -> tuple[int, ...]:
        """Return a list of whole numbers, which must be given."""
        return tuple(self._whole(field, item) for item in self._list(field))

    def date(self, field: str) -> date:
        """Return a date without a time, which must be given."""
        value = self.values.get(field)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(field, "must be a date such as 2026-07-23")
        return value

    def choice(self, field: str, choices: Sequence[Choice]) -> Choice:
        """Return the choice that the text names."""
        text = self.text(field)
        by_text = {choice.value: choice for choice in choices}
        if text not in by_text:
            self.refuse(field, f"{text!r} is none of {', '.join(by_text)}")
        return by_text[text]

    def table(self, field: str) -> "Row | None":
        """Return an inner table, or None."""
        value = self.values.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(field, "must be a table")
        return Row(self.file, self.place, value)

    def rows(self, field: str) -> list["Row"]:
        """Return a list of inner tables, which must be given."""
        rows = []
        for position, value in enumerate(self._list(field), start=1):
            if not isinstance(value, dict):
                self.refuse(field, "must be a list of tables")
            rows.append(Row(self.file, f"entry {position}", value))
        return rows

    def _list(self, field: str) -> list[object]:
        value = self.values.get(field)
        if not isinstance(value, list):
            self.refuse(field, "missing" if value is None else "must be a list")
        return value

    def _line(self, field: str, value: object) -> str:
        if not isinstance(value, str):
            self.refuse(field, "must be a text")
        if not value.strip() or value != value.strip() or "\n" in value:
            self.refuse(field, "must be one line with no space at its ends")
        return value

    def _whole(self, field: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(field, "must be a whole number")
        return value
