"""From rows to columns of values that every kind of file writes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from support_portal.browsing.exports.meanings import Meanings
from support_portal.browsing.exports.rows import Row
from support_portal.browsing.exports.tables import COMMENTS, DECODED, Column, Form, Table
from support_portal.comments.selectors import all_counts, counts
from support_portal.payloads.phones import masked_text

Values = Sequence[Any]
WHOLE = len("2026-11-20 12:00:00.000000")
DASHED = 36
MOST_COMMENTED = 20_000  # records whose comments are counted once, and not for every batch


class Reader:
    """Turns batches of rows into columns; what codes mean, and few comments, are looked up once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._meanings = Meanings()
        self._commented = all_counts(table.kind.value, MOST_COMMENTED)

    def columns(self, rows: Sequence[Row]) -> list[Values]:
        """Return the values of ``table.columns``: numbers, and text that is "" where there is none.

        Ids have dashes, times six decimals, phone numbers are masked.
        """
        names = self._table.fields
        read: dict[str, Values] = dict(zip(names, zip(*rows, strict=True), strict=True))
        meant = list(map(self._meanings.of, *(read[name] for name in self._table.code)))
        read[DECODED] = [each.json for each in meant]
        for name in ("registry", "name", "whose", "retry"):
            read[f"{DECODED}.{name}"] = [getattr(each, name) for each in meant]
        read[COMMENTS] = self._comments([_dashed(key) for key in read[self._table.order[1]]])
        return [_finished(each, read) for each in self._table.columns]

    def _comments(self, keys: Sequence[str]) -> Values:
        known = self._commented
        found = counts(self._table.kind.value, keys) if known is None else known
        return [found.get(key, 0) for key in keys] if found else [0] * len(keys)


def each(values: Values, change: Callable[[Any], Any]) -> Values:
    """Return the values changed, each distinct one once where few are distinct."""
    distinct = set(values)
    if len(distinct) * 4 > len(values):
        return list(map(change, values))
    changed = {value: change(value) for value in distinct}
    return [changed[value] for value in values]


def _finished(column: Column, read: Mapping[str, Values]) -> Values:
    values = read[column.field]
    finish = _FINISH.get(column.form)
    return each(values, finish) if finish else values


def _dashed(text: str | None) -> str:
    if not text or len(text) == DASHED:
        return text or ""
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _with_decimals(text: str | None) -> str:
    if not text or len(text) == WHOLE:
        return text or ""
    return f"{text}.000000"


_FINISH: Mapping[Form, Callable[[Any], Any]] = {
    Form.ID: _dashed,
    Form.TIME: _with_decimals,
    Form.NUMBERS: masked_text,
}
