"""The two large tables, of errors and of messages: their columns, and how a cell is drawn."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Protocol
from urllib.parse import quote
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from support_portal.dashboard import pieces
from support_portal.dashboard.markup import attribute, draw
from support_portal.dashboard.row_notes import Beside, notes
from support_portal.dashboard.tables import DrawnTable, plain, sortable
from support_portal.knowledge.readings import of_errors, of_messages
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Reading

CHECK = (
    '<td class="check"><input class="box" type="checkbox" name="row" value="{}" form="selection"'
    ' aria-label="Select {}">{}</td>'
)
NAMED = {"error": "error_id", "message": "umid"}  # what forms call their ids


@dataclass(slots=True)
class Row:
    """A record of the page with what is known of it, for the cells to draw."""

    record: Any
    reading: Reading | None
    beside: Beside

    @property
    def plate(self) -> SafeString:
        """Draw the code."""
        return pieces.plate(self.reading) if self.reading else pieces.NOTHING

    @property
    def whose(self) -> SafeString:
        """Draw whose problem it is."""
        return pieces.whose(self.reading.verdict) if self.reading else pieces.NOTHING

    def meaning(self, text: str = "") -> SafeString:
        """Draw the meaning of the code and the text that came with it."""
        return meaning(self.reading, text) if self.reading else pieces.NOTHING


class Cell(NamedTuple):
    """How a column is drawn in a row."""

    draw: Callable[[Row], object]
    css: str = ""
    needs: tuple[str, ...] = ()  # columns of the record beyond those that are always read


class Readings(Protocol):
    """How the codes of records are read."""

    def __call__(self, records: Iterable[Any], /) -> Iterable[tuple[Any, Reading | None]]:
        """Return each record with what its code means, None for one without a code."""


class RecordTable(DrawnTable):
    """A table of records with what their codes mean; its columns can be chosen."""

    what: ClassVar[str]  # the kind of record, as comments name it
    needed: ClassVar[tuple[str, ...]]  # columns of a record that are read in any case
    cells: ClassVar[Mapping[str, Cell]]
    readings: ClassVar[Readings]
    beside: Beside
    may_inquire = False  # whether rows offer to be added to an inquiry

    @classmethod
    def columns_needed(cls, shown: tuple[str, ...]) -> set[str]:
        """Return the columns of a record that drawing these columns reads."""
        return {
            *cls.needed,
            *(each for name in shown or cls.usual for each in cls.cells[name].needs),
        }

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows of the page as HTML cells, each with a box to tick before them."""
        cells = [self.cells[name] for name in self.shown]
        template = CHECK + "".join(f"<td{attribute('class', each.css)}>{{}}</td>" for each in cells)
        for record, reading in self.readings(self.page):
            key = str(record.pk)
            row = Row(record, reading, self.beside)
            add = self._add(key) if self.may_inquire else pieces.NOTHING
            yield draw(template, key, key[:8], add, *[each.draw(row) for each in cells])

    def _add(self, key: str) -> SafeString:
        """Draw the button that adds a row to an inquiry."""
        return draw(
            '<button class="copy" form="selection" formaction="{}" name="wanted" value="{} {}"'
            ' data-add aria-label="Add {} to an inquiry" title="Add to inquiry">{}</button>',
            _list_page("inquiries:add"), NAMED[self.what], key, key[:8], pieces.icon("inquiry"),
        )  # fmt: skip


class ErrorTable(RecordTable):
    """API errors."""

    caption = "Errors"
    what = "error"
    readings = staticmethod(of_errors)
    default_sort = "-time"

    time = sortable("Event time", "occurred_at", "error_id")
    error_id = plain("errorId")
    code = sortable("Code", "code", "occurred_at", "error_id")
    meaning = plain("Meaning and text")
    whose = plain("Whose", css="aside")
    sub_account = sortable("Sub-account", "sub_account", "occurred_at", "error_id")
    country = plain("Ctry", css="aside")
    notes = plain("Notes", css="end")
    channel = plain("Channel", css="aside")
    recipient = plain("Recipient", css="aside")
    http = plain("HTTP", css="aside")
    endpoint = plain("Endpoint", css="aside")
    umid = plain("umid", css="aside")
    received = plain("Received", css="aside")

    usual = (
        "time", "error_id", "code", "meaning", "whose", "sub_account", "country", "notes",
    )  # fmt: skip
    needed = ("error_id", "code", "occurred_at", "country", "channel", "sub_account")
    cells: ClassVar[Mapping[str, Cell]] = {
        "time": Cell(lambda row: pieces.moment(row.record.occurred_at, "row"), "lead"),
        "error_id": Cell(
            lambda row: pieces.identifier(
                row.record.error_id,
                "errorId",
                record_page("errors", row.record.error_id),
                short=True,
            ),
            "lead ident",
        ),
        "code": Cell(lambda row: row.plate),
        "meaning": Cell(
            lambda row: row.meaning(masked_text(row.record.message)), "grow", ("message",)
        ),
        "whose": Cell(lambda row: row.whose, "aside"),
        "sub_account": Cell(
            lambda row: sub_account_link("errors:list", row.record.sub_account),
            "aside",
            ("sub_account",),
        ),
        "country": Cell(lambda row: row.record.country, "aside"),
        "notes": Cell(
            lambda row: notes(
                row.record, row.beside, repeats=row.record.repeats, group=row.record.group_id
            ),
            "end",
            ("repeats", "group_id"),
        ),
        "channel": Cell(lambda row: foreign(row.record.channel), "aside"),
        "recipient": Cell(
            lambda row: pieces.masked(row.record.destination_masked, row.record.country),
            "aside",
            ("destination_masked",),
        ),
        "http": Cell(lambda row: shown(row.record.http_status), "aside", ("http_status",)),
        "endpoint": Cell(
            lambda row: foreign(f"{row.record.method} {masked_text(row.record.path)}".strip()),
            "aside",
            ("method", "path"),
        ),
        "umid": Cell(lambda row: umid_link(row.record.umid), "aside", ("umid",)),
        "received": Cell(
            lambda row: pieces.moment(row.record.received_at, "row"), "aside", ("received_at",)
        ),
    }

    class Meta:
        order_by_field = "sort"


class MessageTable(RecordTable):
    """Messages with the state that their receipts add up to."""

    caption = "Messages"
    what = "message"
    readings = staticmethod(of_messages)
    default_sort = "-time"

    time = sortable("State since", "state_at", "umid")
    umid = plain("umid")
    state = sortable("State", "state", "state_at", "umid")
    code = plain("Code")
    meaning = plain("Meaning")
    whose = plain("Whose", css="aside")
    channel = sortable("Channel", "channel", "state_at", "umid")
    sub_account = sortable("Sub-account", "sub_account", "state_at", "umid")
    recipient = plain("Recipient", css="wide")
    notes = plain("Notes", css="end")
    country = plain("Ctry", css="aside")
    operator = plain("Operator", css="aside")
    first = plain("First heard of", css="aside")

    usual = (
        "time", "umid", "state", "code", "meaning", "whose", "channel", "sub_account", "recipient",
        "notes",
    )  # fmt: skip
    needed = (
        "umid", "state", "state_at", "channel", "sub_account", "country", "operator", "error_code",
        "error_context",
    )  # fmt: skip
    cells: ClassVar[Mapping[str, Cell]] = {
        "time": Cell(lambda row: pieces.moment(row.record.state_at, "row"), "lead"),
        "umid": Cell(
            lambda row: pieces.identifier(
                row.record.umid, "umid", record_page("messages", row.record.umid), short=True
            ),
            "lead ident",
        ),
        "state": Cell(
            lambda row: pieces.message_state(row.record.state, row.record.detail),
            needs=("detail",),
        ),
        "code": Cell(lambda row: row.plate),
        "meaning": Cell(lambda row: row.meaning(), "grow"),
        "whose": Cell(lambda row: row.whose, "aside"),
        "channel": Cell(
            lambda row: channel(row.record.channel, row.record.channels), "aside", ("channels",)
        ),
        "sub_account": Cell(
            lambda row: sub_account_link("messages:list", row.record.sub_account),
            "aside",
            ("sub_account",),
        ),
        "recipient": Cell(
            lambda row: pieces.masked(row.record.destination_masked, row.record.country),
            "aside wide",
            ("destination_masked",),
        ),
        "notes": Cell(lambda row: notes(row.record, row.beside), "end"),
        "country": Cell(lambda row: row.record.country, "aside"),
        "operator": Cell(lambda row: foreign(row.record.operator), "aside"),
        "first": Cell(
            lambda row: pieces.moment(row.record.first_at, "row"), "aside", ("first_at",)
        ),
    }

    class Meta:
        order_by_field = "sort"


def record_page(kind: str, key: object) -> str:
    """Return the page of a record; reversing an address for every row would cost a millisecond."""
    return f"{_list_page(f'{kind}:list')}{key}/"


def meaning(reading: Reading, text: str) -> SafeString:
    """Draw the meaning of a code and, quieter, the text that came with it."""
    name = (
        draw("{}", reading.name)
        if reading.named
        else draw('<span class="hint muted">{}</span>', "not in the tables")
    )
    if not text or text == reading.name:
        return name
    return draw('{} <bdi class="muted" title="{}">{}</bdi>', name, text[:500], text[:200])


def sub_account_link(page: str, name: str) -> SafeString:
    """Draw a sub-account that leads to its rows."""
    if not name:
        return pieces.NOTHING
    return draw(
        '<a href="{}?sub_account={}" title="{}"><bdi class="clip">{}</bdi></a>',
        _list_page(page), quote(name, safe=""), name, name,
    )  # fmt: skip


def foreign(text: str) -> SafeString:
    """Draw a word of others, cut where it is long."""
    return (
        draw('<bdi class="clip" title="{}">{}</bdi>', text[:500], text) if text else pieces.NOTHING
    )


def shown(value: int | None) -> object:
    """Draw a number that may be absent."""
    return pieces.NOTHING if value is None else value


def umid_link(umid: UUID | None) -> SafeString:
    """Draw the message that an error is about."""
    if umid is None:
        return pieces.NOTHING
    return pieces.identifier(umid, "umid", record_page("messages", umid), short=True)


def channel(name: str, channels: int) -> SafeString:
    """Draw the channel, and whether there was a fallback."""
    if channels > 1:
        return draw('<bdi>{}</bdi> <span class="muted">of {}</span>', name, channels)
    return draw("<bdi>{}</bdi>", name)


@lru_cache(maxsize=10)
def _list_page(name: str) -> str:
    return reverse(name)
