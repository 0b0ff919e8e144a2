"""CSV and NDJSON: columns of values in, bytes out."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Protocol

from support_portal.browsing.exports.tables import Column, Form, Table
from support_portal.browsing.exports.values import Values, each
from support_portal.writing.guarding import guarded

BOM = b"\xef\xbb\xbf"  # Excel takes a file without it for one of an old code page


class Format(StrEnum):
    """What kind of file."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        """Return what the file says it is."""
        return _TYPES[self]


_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.NDJSON: "application/x-ndjson",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


AT_ONCE = (Format.CSV, Format.NDJSON)  # sent while they are read


class Writer(Protocol):
    """Writes one kind of file."""

    def head(self) -> bytes:
        """Return what comes before the rows."""

    def rows(self, columns: Sequence[Values]) -> bytes:
        """Return some rows; ``columns`` are those of the table."""


def writer(form: Format, table: Table, *, bom: bool = False) -> Writer:
    """Return what writes ``table`` as such a file."""
    return CsvWriter(table, bom=bom) if form is Format.CSV else NdjsonWriter(table)


class CsvWriter:
    """RFC 4180 with a head that says units; times are UTC to the microsecond."""

    def __init__(self, table: Table, *, bom: bool = False) -> None:
        self._columns = [
            (number, column) for number, column in enumerate(table.columns) if column.title
        ]
        self._bom = bom

    def head(self) -> bytes:
        """Return the row of titles."""
        head = _lines([[column.title for _, column in self._columns]])
        return BOM + head if self._bom else head

    def rows(self, columns: Sequence[Values]) -> bytes:
        """Return some rows."""
        cells = [each(columns[number], _CELLS[column.form]) for number, column in self._columns]
        return _lines(zip(*cells, strict=True))


class NdjsonWriter:
    """A JSON object a line, its members named and nested as the API has them."""

    def __init__(self, table: Table) -> None:
        self._columns = [
            (number, column) for number, column in enumerate(table.columns) if column.path
        ]
        self._columns.sort(key=lambda numbered: _group_first(table.columns, numbered[1]))
        self._line = _template([column.path for _, column in self._columns])

    def head(self) -> bytes:
        """Return nothing: every line stands for itself."""
        return b""

    def rows(self, columns: Sequence[Values]) -> bytes:
        """Return some lines."""
        cells = [each(columns[number], _MEMBERS[column.form]) for number, column in self._columns]
        return "".join(map(self._line.__mod__, zip(*cells, strict=True))).encode()


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Return lines of CSV; each column was written by its form, so csv.writer has nothing to look for."""
    return "".join(f"{','.join(cells)}\r\n" for cells in rows).encode()


def _group_first(columns: Sequence[Column], column: Column) -> int:
    """Return the place of the first column in the same object: its members stand together."""
    group = column.path.partition(".")[0]
    return next(at for at, other in enumerate(columns) if other.path.partition(".")[0] == group)


def _template(paths: Sequence[str]) -> str:
    """Return a line of JSON with %s where the values go, in the order of ``paths``."""
    tree: dict[str, Any] = {}
    for path in paths:
        *parents, name = path.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[name] = "%s"
    return json.dumps(tree, separators=(",", ":")).replace('"%s"', "%s") + "\n"


def _cell(text: str) -> str:
    text = guarded(text)
    return f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTED.search(text) else text


def _member(text: str) -> str:
    """Return a string of JSON; what some programs take for the end of a line is escaped."""
    if not text:
        return "null"
    return encode_basestring(text) if text.isprintable() else encode_basestring_ascii(text)


_QUOTE = '"'
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_CELLS: dict[Form, Callable[[Any], str]] = {
    Form.ID: str,
    Form.TIME: str,
    Form.NUMBER: lambda number: "" if number is None else str(number),
    Form.TEXT: _cell,
    Form.NUMBERS: _cell,
    Form.DECODED: _cell,
}
_MEMBERS: dict[Form, Callable[[Any], str]] = {
    Form.ID: lambda text: f'"{text}"' if text else "null",
    Form.TIME: lambda text: f'"{text[:10]}T{text[11:]}Z"' if text else "null",
    Form.NUMBER: lambda number: "null" if number is None else str(number),
    Form.TEXT: _member,
    Form.NUMBERS: _member,
    Form.DECODED: str,
}
