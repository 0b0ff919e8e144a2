"""Tables: what the columns of a CSV file mean, and rows that say so by themselves.

The log exports of 8x8 are known by their header, and their rows are kept under it.  For any other
table a person confirms what each column is; from then on its rows are kept as the JSON that 8x8 or
our own services would have sent.  So every body says what it holds and can be read years later.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import Any, Self

from support_portal.ingest.files import written_times
from support_portal.payloads import BadPart, Unrecognised, parse, split
from support_portal.payloads.csv_rows import export_of
from support_portal.payloads.ids import parse_id
from support_portal.payloads.times import parse_time

DELIMITERS = (",", ";", "\t", "|")
SAMPLES = 8
MOST_COLUMNS = 200
IGNORED = ""
_BOM = "\ufeff"
_LONGEST_NAME = 80
_STATES = {"queued", "sent", "delivered", "undelivered", "read", "rejected", "failed"}
_WORDS = re.compile(r"[^a-z0-9]+")
_CODE = re.compile(r"[0-9]{1,5}")
_PHONE = re.compile(r"\+?[1-9][0-9]{7,14}")
_DATA = re.compile(r"\s*(?:[+-]?[0-9][0-9.,:TZ+ /-]*|[{\[].*)?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column may be: its name in what we keep, words for people, other names it goes by."""

    name: str
    label: str
    also: tuple[str, ...] = ()


RECEIPT = (
    Meaning("umid", "umid", ("message id", "messageid", "id")),
    Meaning("subaccountid", "sub-account", ("sub account", "subaccount", "sub account id")),
    Meaning("status_value", "state", ("status", "state", "message status", "delivery status")),
    Meaning("status_details", "detail", ("status detail", "detail", "details", "status details")),
    Meaning("status_errorcode", "error code", ("error code", "errorcode", "reason code", "error")),
    Meaning("status_errormessage", "error text", ("error message", "errormessage", "reason")),
    Meaning(
        "status_timestamp",
        "time of the state",
        ("timestamp", "time", "date", "status timestamp", "updated at", "delivered at"),
    ),
    Meaning("msisdn", "recipient", ("destination", "to", "phone", "phone number", "recipient")),
    Meaning("source", "sender id", ("from", "sender", "sender id", "senderid")),
    Meaning("clientmessageid", "clientMessageId", ("client message id",)),
    Meaning("clientbatchid", "clientBatchId", ("client batch id",)),
    Meaning("batchid", "batchId", ("batch id",)),
)
ERROR = (
    Meaning("errorId", "errorId", ("error id", "errorid")),
    Meaning("code", "API error code", ("code", "api code", "api error code")),
    Meaning("message", "API error text", ("message",)),
    Meaning("httpStatus", "HTTP status", ("http status", "http code")),
    Meaning("method", "method of the request", ("http method",)),
    Meaning("path", "path of the request", ("url", "endpoint", "uri")),
    Meaning("service", "our service", ("service", "application")),
    Meaning("channel", "channel", ("channel type",)),
    Meaning("requestedAt", "time of the request", ("requested at", "request time")),
)
MEANINGS = {meaning.name: meaning for meaning in (*RECEIPT, *ERROR)}
_TIMES = ("status_timestamp", "requestedAt")
_NEEDED_FOR_RECEIPT = ("umid", "status_value", "status_timestamp")
_NEEDED_FOR_ERROR = ("errorId", "code", "status_timestamp")
# Where the values go: the paths of a receipt as 8x8 sends it, and of an API error of our services.
_RECEIPT_PLACES = {
    "umid": ("payload", "umid"),
    "subaccountid": ("payload", "subAccountId"),
    "channel": ("payload", "channel"),
    "msisdn": ("payload", "destination"),
    "source": ("payload", "source"),
    "clientmessageid": ("payload", "clientMessageId"),
    "clientbatchid": ("payload", "clientBatchId"),
    "batchid": ("payload", "batchId"),
    "status_value": ("payload", "status", "state"),
    "status_details": ("payload", "status", "detail"),
    "status_errorcode": ("payload", "status", "errorCode"),
    "status_errormessage": ("payload", "status", "errorMessage"),
    "status_timestamp": ("payload", "status", "timestamp"),
}
_ERROR_PLACES = {
    "errorId": ("error", "errorId"),
    "code": ("error", "code"),
    "message": ("error", "message"),
    "status_timestamp": ("error", "timestamp"),
    "umid": ("context", "umid"),
    "subaccountid": ("context", "subAccountId"),
    "channel": ("context", "channel"),
    "msisdn": ("context", "destination"),
    "clientmessageid": ("context", "clientMessageId"),
    "clientbatchid": ("context", "clientBatchId"),
    "batchid": ("context", "batchId"),
    "httpStatus": ("context", "httpStatus"),
    "method": ("context", "method"),
    "path": ("context", "path"),
    "service": ("context", "service"),
    "requestedAt": ("context", "requestedAt"),
}
_CHANGED = "outbound_message_status_changed"


class Incomplete(ValueError):
    """The columns do not make a record; the message is a sentence that says what is missing."""


class Doubtful(Incomplete):
    """Not one of the first rows would be understood; the message says why not."""


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of a table are written, and what their columns mean."""

    delimiter: str
    names: tuple[str, ...]  # as the file has them, or "Column 1" …
    header_size: int  # bytes of the text before the first row
    meanings: tuple[str, ...] = ()  # a name of MEANINGS for each column; none: an export of 8x8
    order: str = written_times.ISO  # whether the day or the month is first in a date

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return what ``kept`` gave away."""
        return cls(
            kept["delimiter"],
            tuple(kept["names"]),
            kept["header_size"],
            tuple(kept["meanings"]),
            kept.get("order", written_times.ISO),  # tables of before had none
        )

    def kept(self) -> dict[str, Any]:
        """Return the table as plain data."""
        return asdict(self)

    @property
    def is_export(self) -> bool:
        """Tell whether 8x8 wrote it: then nobody has to say what the columns are."""
        return export_of(_row(self.names)) is not None

    def body(self, rows: bytes) -> bytes:
        """Return rows as they are kept: an export under its header, all else as JSON."""
        if not rows.strip():
            return b""
        if self.meanings:
            return b"\n".join(map(self._record, self._cells(rows)))
        header = _row(self.names)
        if self.delimiter == ",":
            return header + rows.removeprefix(_BOM.encode())
        return header + b"".join(map(_row, self._cells(rows)))

    def _cells(self, rows: bytes) -> Iterator[list[str]]:
        return _read(rows.decode("utf-8", "surrogateescape"), self.delimiter)

    def _record(self, cells: Sequence[str]) -> bytes:
        """Return a row as the JSON of a receipt or an API error; what has no meaning stays beside it."""
        places = _ERROR_PLACES if "errorId" in self.meanings else _RECEIPT_PLACES
        record: dict[str, Any] = {}
        rest: dict[str, str] = {}
        for name, meaning, cell in zip_longest(self.names, self.meanings, cells, fillvalue=""):
            if place := places.get(meaning):
                _put(record, place, self._value(meaning, cell.strip()))
            elif cell:
                rest[_unused(name or "more", rest)] = cell
        if places is _RECEIPT_PLACES:
            channel = record.setdefault("payload", {}).get("channel", "")
            messaging = channel and channel.lower() != "sms"
            record |= {"namespace": "ChatApps" if messaging else "SMS", "eventType": _CHANGED}
        if rest:
            record["row"] = rest
        return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogateescape")

    def _value(self, meaning: str, cell: str) -> str:
        return written_times.in_iso(cell, self.order) if meaning in _TIMES else cell


def _put(record: dict[str, Any], place: Sequence[str], value: str) -> None:
    *above, last = place
    for name in above:
        record = record.setdefault(name, {})
    if value:
        record[last] = value


def _unused(name: str, taken: Mapping[str, str]) -> str:
    while name in taken:
        name += "_"
    return name


def recognise(head: bytes, *, named_csv: bool) -> Table | None:
    """Return the table that a text begins with, or None when it is something else."""
    text = head.decode(errors="replace")
    for delimiter in DELIMITERS:
        rows = _whole_rows(text, delimiter)
        if rows and _is_table(rows, named_csv=named_csv):
            return _table(rows, head, delimiter)
    return None


def samples(head: bytes, table: Table) -> list[list[str]]:
    """Return the first rows, each with as many cells as there are columns."""
    text = head[table.header_size :].decode(errors="replace")
    width = len(table.names)
    rows = _whole_rows(text, table.delimiter)[:SAMPLES]
    return [(row + [""] * width)[:width] for row in rows]


def guess(table: Table, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return what each column probably is, by its name and then by its values; each only once."""
    found: list[str] = []
    for number, name in enumerate(table.names):
        values = [row[number].strip() for row in rows if row[number].strip()]
        candidates = [*_by_name(name), *_by_values(values)]
        found.append(next((each for each in candidates if each not in found), IGNORED))
    return found


def guess_order(table: Table, rows: Sequence[Sequence[str]]) -> str:
    """Return whether the day or the month is first in the dates of a table, ISO where none tells."""
    return written_times.order_of(cell for row in rows for cell in row[: len(table.names)])


def checked(table: Table, meanings: Sequence[str], order: str = written_times.ISO) -> Table:
    """Return the table with the meanings of its columns, or raise Incomplete."""
    chosen = [meaning for meaning in meanings if meaning]
    if len(meanings) != len(table.names) or not set(chosen) <= set(MEANINGS):
        raise Incomplete("Say for each column what it is.")
    twice = {meaning for meaning in chosen if chosen.count(meaning) > 1}
    if twice:
        labels = ", ".join(sorted(MEANINGS[name].label for name in twice))
        raise Incomplete(f"Only one column can be each of these: {labels}.")
    is_error = "errorId" in chosen
    needed = _NEEDED_FOR_ERROR if is_error else _NEEDED_FOR_RECEIPT
    missing = [MEANINGS[name].label for name in needed if name not in chosen]
    if missing:
        what = "An API error" if is_error else "A receipt"
        raise Incomplete(f"{what} needs these columns, too: {', '.join(missing)}.")
    if order not in written_times.ORDERS:
        raise Incomplete("Say how times are written.")
    return replace(table, meanings=tuple(meanings), order=order)


def try_out(table: Table, rows: Sequence[Sequence[str]]) -> None:
    """Raise Doubtful when not one of the first rows would be understood."""
    refusals = [_refusal(table, row) for row in rows if any(row)]
    if refusals and all(refusals):
        many = len(refusals) > 1
        which = (
            f"None of the first {len(refusals)} rows would" if many else "The first row would not"
        )
        raise Doubtful(f"{which} be understood. {refusals[0]}")


def _refusal(table: Table, row: Sequence[str]) -> str:
    """Return why a row would be set aside, "" when it would not."""
    try:
        records = [one for item in split(table._record(row)) for one in parse(item.raw)]
    except Unrecognised as why:
        return why.detail
    return next((one.detail for one in records if isinstance(one, BadPart)), "")


def _read(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of ``text``; a field may be as long as a body."""
    csv.field_size_limit(2**30)
    lines = text.removeprefix(_BOM).replace("\0", "\ufffd")
    return (row for row in csv.reader(io.StringIO(lines, ""), delimiter=delimiter) if row)


def _row(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8", "surrogateescape")


def _whole_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows at the beginning of ``text`` without the last, which may be cut."""
    lines = text.splitlines(keepends=True)[: 4 * SAMPLES]
    if len(lines) > 1 and not lines[-1].endswith(("\n", "\r")):
        lines.pop()
    return list(_read("".join(lines), delimiter))[: 2 * SAMPLES]


def _is_table(rows: Sequence[Sequence[str]], *, named_csv: bool) -> bool:
    """Tell whether rows of this delimiter make a table: as wide as their header, nearly all."""
    width = len(rows[0])
    if not 2 <= width <= MOST_COLUMNS:
        return False
    alike = sum(len(row) == width for row in rows)
    if named_csv:
        return 2 * alike >= len(rows)
    if not _is_header(rows[0]) or any(":" in name for name in rows[0]):
        return False
    return len(rows) > 1 and 10 * alike >= 8 * len(rows)


def _is_header(row: Sequence[str]) -> bool:
    return all(
        len(name) <= _LONGEST_NAME and not _DATA.fullmatch(name) and not parse_id(name)
        for name in row
    )


def _table(rows: Sequence[Sequence[str]], head: bytes, delimiter: str) -> Table:
    first = rows[0]
    if not _is_header([name for name in first if name]) or not any(first):
        return Table(delimiter, tuple(f"Column {n}" for n in range(1, len(first) + 1)), 0)
    names = tuple(
        name.strip().lstrip(_BOM) or f"Column {n}" for n, name in enumerate(first, start=1)
    )
    return Table(delimiter, names, _header_size(head))


def _header_size(head: bytes) -> int:
    """Return where the first row ends; a quoted name may hold a newline."""
    end = head.find(b"\n") + 1
    while end and head.count(b'"', 0, end) % 2:
        end = head.find(b"\n", end) + 1
    return end or len(head)


def _by_name(name: str) -> list[str]:
    plain = _plain(name)
    exact = [each.name for each in MEANINGS.values() if plain == _plain(each.name)]
    return exact or [each.name for each in MEANINGS.values() if plain in map(_plain, each.also)]


def _by_values(values: Sequence[str]) -> list[str]:
    if not values:
        return []
    if all(value.lower() in _STATES for value in values):
        return ["status_value"]
    if all(_is_time(value) or written_times.is_written(value) for value in values):
        return ["status_timestamp"]
    if all(map(parse_id, values)):
        return ["umid"]
    if all(map(_CODE.fullmatch, values)):
        return ["status_errorcode"]
    if all(map(_PHONE.fullmatch, values)):
        return ["msisdn"]
    return []


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    return _WORDS.sub("", name.lower())
