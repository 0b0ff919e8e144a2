"""The rows of log exports: cut without breaking a quoted line, read by the names in their header."""

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

from support_portal.payloads.records import Unrecognised


class Export(StrEnum):
    """The two log exports of 8x8."""

    SMS = "sms"
    MESSAGING = "messaging"


SMS_COLUMNS = (
    "umid,subaccountid,direction,country,operator,mcc,mnc,status_value,status_details,"
    "status_errorcode,status_errormessage,status_timestamp,msisdn,source,encoding,createdat,"
    "smscount,price_currency,price_persms,price_total,clientmessageid,clientbatchid,batchid,body"
)
MESSAGING_COLUMNS = (
    "umid,subAccountId,direction,channelType,channelId,country,status_value,status_details,"
    "status_errorCode,status_errorMessage,status_timestamp,user_msisdn,user_channelUserId,"
    "contentType,createdAt,clientMessageId,clientBatchId,batchId,step,content,ReadAt"
)
# Columns may be in any order and others beside them; without these there is nothing to record.
_NEEDED = {"umid", "direction", "status_value", "status_timestamp", "createdat"}
_TELLING = {Export.MESSAGING: {"channeltype", "user_msisdn"}, Export.SMS: {"msisdn", "source"}}
_BOM = b"\xef\xbb\xbf"
_LONGEST_HEADER = 2_000
# A quote that is never closed must not swallow the rows behind it, nor cost a look at all of them.
_LONGEST_ROW = 65_536
_MOST_LINES = 200
_MOST_BROKEN = 100


def header_end(text: bytes) -> int:
    """Return where the header row of a known export ends in ``text``, or -1 without one."""
    end = text.find(b"\n", 0, _LONGEST_HEADER)
    end = len(text) if end < 0 else end
    if end > _LONGEST_HEADER or export_of(text[:end]) is None:
        return -1
    return end


@lru_cache(maxsize=64)
def export_of(header: bytes) -> Export | None:
    """Return the export that a header row belongs to, or None."""
    found = set(_names(header))
    if not found >= _NEEDED:
        return None
    return next((export for export, names in _TELLING.items() if found >= names), None)


def rows(text: bytes, start: int) -> Iterator[bytes]:
    """Yield the rows behind ``start``, newlines inside quotes respected, empty lines left out."""
    broken = 0
    while start < len(text):
        end, whole = _row_end(text, start, look_ahead=broken < _MOST_BROKEN)
        broken += not whole
        if row := text[start:end].strip(b"\r\n"):
            yield row
        start = end + 1


def read_row(raw: bytes) -> tuple[Export, Mapping[str, str]]:
    """Return the export and the values of one row under its header; names are in lower case."""
    end = header_end(raw)
    export = export_of(raw[:end]) if end >= 0 else None
    if export is None:
        raise Unrecognised("bad_row", "The row does not stand under the header of a log export.")
    names = _names(raw[:end])
    found = _cells(raw[end + 1 :])
    if len(found) != len(names):
        raise Unrecognised(
            "bad_row", f"The row has {len(found)} values where the header names {len(names)}."
        )
    return export, dict(zip(names, found, strict=True))


def _row_end(text: bytes, start: int, *, look_ahead: bool) -> tuple[int, bool]:
    """Return where a row ends, and whether its quotes are closed there."""
    first = end = _line_end(text, start)
    quotes = text.count(b'"', start, end)
    lines = _MOST_LINES if look_ahead else 0
    while quotes % 2 and end < len(text) and lines and end - start < _LONGEST_ROW:
        following = _line_end(text, end + 1)
        quotes += text.count(b'"', end, following)
        end, lines = following, lines - 1
    return (first, False) if quotes % 2 else (end, True)


def _line_end(text: bytes, start: int) -> int:
    end = text.find(b"\n", start)
    return len(text) if end < 0 else end


@lru_cache(maxsize=64)
def _names(header: bytes) -> tuple[str, ...]:
    try:
        return tuple(name.strip().lower() for name in _cells(header.removeprefix(_BOM)))
    except Unrecognised:
        return ()


def _cells(line: bytes) -> list[str]:
    try:
        found = list(csv.reader([line.decode().strip("\r\n")]))
    except UnicodeDecodeError as error:
        raise Unrecognised(
            "not_text", f"The row is not UTF-8 text: byte {error.start} does not fit."
        ) from error
    except csv.Error as error:
        raise Unrecognised("bad_row", f"The row cannot be read: {error}.") from error
    return found[0] if found else []
