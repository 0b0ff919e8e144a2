"""Evidence as files: CSV for people, NDJSON for programs."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from support_portal.inquiries.letters.sample import Sample
from support_portal.payloads.revealing import inline
from support_portal.writing.guarding import guarded

# The names of 8x8's documentation -> the field of a sample.
COLUMNS = {
    "errorId": "error_id",
    "umid": "umid",
    "batchId": "batch_id",
    "id": "record_id",
    "timestamp": "at",
    "code": "code",
    "codeTable": "registry",
    "codeMeaning": "meaning",
    "httpStatus": "http_status",
    "endpoint": "endpoint",
    "text": "text",
    "subAccountId": "sub_account",
    "channel": "channel",
    "source": "sender",
    "destinationMasked": "recipient",
    "country": "country",
    "operator": "operator",
    "state": "state",
    "detail": "detail",
    "stateTimestamp": "state_at",
}


def as_csv(samples: Iterable[Sample]) -> str:
    """Return a row for each sample."""
    rows = ([getattr(each, name) for name in COLUMNS.values()] for each in samples)
    return table(list(COLUMNS), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows under their head as CSV; no cell is taken for a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(map(_cell, row))
    return text.getvalue()


def as_ndjson(samples: Iterable[Sample]) -> str:
    """Return a line for each sample; what is not known is null."""
    lines = (
        json.dumps(
            {key: _value(getattr(each, name)) for key, name in COLUMNS.items()}, ensure_ascii=True
        )
        for each in samples
    )
    return "".join(f"{line}\n" for line in lines)


def _cell(value: Any) -> str:
    known = _value(value)
    return "" if known is None else guarded(inline(str(known)))


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else (None if value == "" else value)
