"""Rows of a list as a table to take along: times in UTC, numbers masked."""

from collections.abc import Iterator, Sequence
from typing import Any

from support_portal.dashboard import clock, pieces
from support_portal.dashboard.record_tables import record_page
from support_portal.insights.models import Kind
from support_portal.knowledge.readings import of_errors, of_messages
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Reading

MOST = 1_000  # rows at once; an export takes any number
ERRORS = (
    "errorId", "Event time (UTC)", "Code", "Meaning", "Whose", "Sub-account", "Channel", "Country",
    "Text", "Link",
)  # fmt: skip
MESSAGES = (
    "umid", "State since (UTC)", "State", "Code", "Meaning", "Whose", "Channel", "Sub-account",
    "Recipient", "Link",
)  # fmt: skip


def table(kind: Kind, rows: Sequence[Any], site: str) -> list[list[str]]:
    """Return a head and a line for each row; no cell holds a tab or a line break."""
    lines = _errors(rows, site) if kind is Kind.ERROR else _messages(rows, site)
    head = ERRORS if kind is Kind.ERROR else MESSAGES
    return [list(head), *([" ".join(cell.split()) for cell in line] for line in lines)]


def _errors(rows: Sequence[Any], site: str) -> Iterator[list[str]]:
    for error, reading in of_errors(rows):
        yield [
            str(error.error_id), clock.utc(error.occurred_at).removesuffix(" UTC"), *_read(reading),
            error.sub_account, error.channel, error.country, masked_text(error.message),
            site + record_page("errors", error.error_id),
        ]  # fmt: skip


def _messages(rows: Sequence[Any], site: str) -> Iterator[list[str]]:
    for message, reading in of_messages(rows):
        yield [
            str(message.umid), clock.utc(message.state_at).removesuffix(" UTC"), message.state,
            *_read(reading), message.channel, message.sub_account, message.destination_masked,
            site + record_page("messages", message.umid),
        ]  # fmt: skip


def _read(reading: Reading | None) -> list[str]:
    if reading is None:
        return ["", "", ""]
    code = f"{reading.label} {pieces.shown_code(reading.code)}"
    return [code, reading.name, reading.verdict.whose_label]
