"""Tables in a text: CSV, rows of a spreadsheet, Markdown. The head says what the cells are."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from support_portal.payloads.recognise.labels import Label, Labels

_WORDS = r"[\"'# ]{0,3}+[A-Za-z_][\w .()/#-]{0,40}+[\"' ]{0,3}+|[\s:-]{0,100}+"
_NAME = re.compile(_WORDS, re.ASCII)
_FIRST_NAME = re.compile(rf"(?:^|[\"'>=])({_WORDS})\Z", re.ASCII)
_FEWEST_NAMES = 2
_LONGEST_HEAD = 2_000
_DELIMITERS = "\t;|,"
_QUOTED = re.compile(r"[\s>]{0,100}+\"(?:[^\"\n]|\"\")*+\"\s{0,100}+", re.ASCII)
_DRESS = " \t\r\"'=>`"
# Heads that name a number only where they stand above a column.
_PHONE_HEADS = frozenset(("to", "from", "source", "recipient", "number", "sender", "user"))


# The head of a column, and where a cell below it stands.
Cell = tuple[Label, int, int]


class _Head(NamedTuple):
    """The head of a table: its delimiter and the labels of its columns."""

    delimiter: str
    columns: tuple[Label | None, ...]


class Cells:
    """The cells of a text in columns whose head is a label, in order.

    A table has more cells than ids or words, so their places are kept in arrays.
    """

    def __init__(self, text: str, labels: Labels) -> None:
        heads: dict[Label, int] = {}
        self._columns, self._starts, self._ends = array("I"), array("I"), array("I")
        for label, start, end in _cells(text, labels):
            self._columns.append(heads.setdefault(label, len(heads)))
            self._starts.append(start)
            self._ends.append(end)
        self._heads = list(heads)

    def __iter__(self) -> Iterator[Cell]:
        return zip(
            map(self._heads.__getitem__, self._columns), self._starts, self._ends, strict=True
        )

    def head(self, start: int, end: int) -> Label | None:
        """Return the head above what stands from ``start`` to ``end``."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 or end > self._ends[index]:
            return None
        return self._heads[self._columns[index]]


def _cells(text: str, labels: Labels) -> Iterator[Cell]:
    """Yield the cells of labelled columns, in order."""
    done = 0
    for label in labels:
        if label.start < done:
            continue
        start, end = text.rfind("\n", 0, label.start) + 1, _line_end(text, label.start)
        head = _head(text, start, end, labels)
        done = end + 1
        while head and done < len(text):
            start, done = done, _line_end(text, done) + 1
            line = text[start : done - 1]
            if not line or line.isspace():
                break
            yield from _row(line, start, head)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _head(text: str, start: int, end: int, labels: Labels) -> _Head | None:
    """Return the head that the line is: names, of which at least one is a label."""
    if end - start > _LONGEST_HEAD:
        return None
    line = text[start:end].rstrip("\r")
    delimiter = max(_DELIMITERS, key=line.count)
    names = _names(line.split(delimiter))
    if sum(map(bool, map(str.strip, names))) < _FEWEST_NAMES:
        return None
    begin = start + len(line) - len(delimiter.join(names))
    columns = tuple(_column(name, place, labels) for name, place in _placed(names, begin))
    return _Head(delimiter, columns) if any(columns) else None


def _names(fields: list[str]) -> list[str]:
    """Return the fields if all are names; before the first a quote mark, tag or key may stand."""
    first = _FIRST_NAME.search(fields[0])
    if first is None or not all(map(_NAME.fullmatch, fields[1:])):
        return []
    return [first[1], *fields[1:]]


def _column(name: str, start: int, labels: Labels) -> Label | None:
    """Return the label that the name of a column ends with."""
    bare = name.strip(_DRESS)
    place = start + name.find(bare)
    if bare.lower() in _PHONE_HEADS:
        return Label("phone", bare.lower(), bare, place, place + len(bare))
    return labels.ending(place + len(bare))


def _row(line: str, start: int, head: _Head) -> Iterator[Cell]:
    """Yield the labelled cells of a line that has as many as the head."""
    fields = line.split(head.delimiter) if '"' not in line else _fields(line, head.delimiter)
    if len(fields) != len(head.columns):
        return
    place = start
    for field, label in zip(fields, head.columns, strict=True):
        if label and (bare := field.strip(_DRESS)):
            inner = place + field.find(bare)
            yield label, inner, inner + len(bare)
        place += len(field) + 1


def _placed(fields: list[str], start: int) -> Iterator[tuple[str, int]]:
    """Yield each field with its place; one delimiter lies between two."""
    for field in fields:
        yield field, start
        start += len(field) + 1


def _fields(line: str, delimiter: str) -> list[str]:
    """Split a line in which a delimiter may stand between quotes."""
    fields: list[str] = []
    start = 0
    while True:
        quoted = _QUOTED.match(line, start)
        end = line.find(delimiter, quoted.end() if quoted else start)
        if end < 0:
            return [*fields, line[start:]]
        fields.append(line[start:end])
        start = end + 1
