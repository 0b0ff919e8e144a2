"""The two large tables.

django-tables2 keeps the columns and the order; the rows are drawn here, one format string a row,
because drawing cell by cell costs five times as much (see ``DrawnTable.drawn``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote

import django_tables2 as tables  # type: ignore[import-untyped]
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from support_portal.core.keyset import KeysetPaginator, Page
from support_portal.dashboard import pieces
from support_portal.dashboard.addresses import changed
from support_portal.knowledge.readings import of_errors, of_messages
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Reading


@dataclass(frozen=True, slots=True)
class Head:
    """One cell of a table's head."""

    title: str
    css: str
    href: str = ""  # sorts by this column; "" where no index would help
    sorted: str = ""  # the word of aria-sort
    hint: str = ""


def sortable(title: str, *columns: str) -> tables.Column:
    """Return a column to sort by; ``columns`` are those of the index that serves the order."""
    return tables.Column(verbose_name=title, order_by=columns, orderable=True, accessor=columns[0])


def plain(title: str, *, css: str = "") -> tables.Column:
    """Return a column that no index is sorted by."""
    return tables.Column(
        verbose_name=title, orderable=False, empty_values=(), attrs={"th": {"class": css}}
    )


class DrawnTable(tables.Table):  # type: ignore[misc]
    """A table whose page comes by keyset and whose rows are drawn whole."""

    caption: ClassVar[str]
    default_sort: ClassVar[str]
    page: Page[Any]
    request: HttpRequest

    @classmethod
    def for_request(
        cls, rows: Any, request: HttpRequest, size: int, parts: Sequence[Any] = ()
    ) -> "DrawnTable":
        """Return the table of ``rows`` at the place that the address names.

        ``parts`` are used in the order of time alone, see core.keyset.Source.
        """
        table = cls(data=rows, order_by=cls.allowed_sort(request.GET.get("sort", "")))
        table.request = request
        by_time = table.order_by[0].lstrip("-") == cls.default_sort.lstrip("-")
        cursor = request.GET.get("cursor", "")
        table.paginate(KeysetPaginator, size, cursor=cursor, parts=parts if by_time else ())
        return table

    @classmethod
    def allowed_sort(cls, asked: str) -> str:
        """Return what to sort by: one column that has an index, else the default."""
        column = cls.base_columns.get(asked.removeprefix("-"))
        return asked if column is not None and column.orderable else cls.default_sort

    @property
    def heads(self) -> Iterator[Head]:
        """Return the head, with links that sort."""
        for column in self.columns:
            css = column.column.attrs.get("th", {}).get("class", "")
            if column.orderable:
                yield self._sortable_head(column.name, str(column.header), css)
            else:
                yield Head(str(column.header), css)

    def _sortable_head(self, name: str, title: str, css: str) -> Head:
        current = self.order_by[0]
        if current.removeprefix("-") != name:
            first = name if name != self.default_sort.removeprefix("-") else self.default_sort
            return Head(title, css, self._sorted_by(first), hint=f"Sort by {title.lower()}")
        descending = current.startswith("-")
        other = name if descending else f"-{name}"
        word = "descending" if descending else "ascending"
        return Head(title, css, self._sorted_by(other), word, "Turn the order round")

    def _sorted_by(self, sort: str) -> str:
        return changed(self.request, sort=None if sort == self.default_sort else sort)

    @property
    def order_in_words(self) -> str:
        """Say how the rows are sorted."""
        current = self.order_by[0]
        title = str(self.columns[current.removeprefix("-")].header).lower()
        if current == self.default_sort:
            return "newest first"
        if current == self.default_sort.removeprefix("-"):
            return "oldest first"
        return f"by {title}, {'descending' if current.startswith('-') else 'ascending'}"

    @property
    def drawn(self) -> Iterable[SafeString]:
        """Return the rows of the page as HTML cells."""
        raise NotImplementedError


class ErrorTable(DrawnTable):
    """API errors."""

    caption = "Errors"
    default_sort = "-time"
    comments: Mapping[str, int]

    time = sortable("Event time", "occurred_at", "error_id")
    error_id = plain("errorId")
    code = sortable("Code", "code", "occurred_at", "error_id")
    meaning = plain("Meaning and text")
    whose = plain("Whose", css="aside")
    sub_account = sortable("Sub-account", "sub_account", "occurred_at", "error_id")
    country = plain("Ctry", css="aside")
    notes = plain("Notes", css="end")

    class Meta:
        order_by_field = "sort"

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows of the page as HTML cells."""
        for error, reading in of_errors(self.page):
            yield format_html(
                "<td>{}</td><td>{}</td><td>{}</td>"
                '<td class="grow">{}</td><td class="aside">{}</td>'
                '<td class="aside">{}</td><td class="aside">{}</td><td class="aside end">{}</td>',
                pieces.moment(error.occurred_at, "row"),
                pieces.identifier(
                    error.error_id, "errorId", record_page("errors", error.error_id), short=True
                ),
                pieces.plate(reading),
                meaning(reading, masked_text(error.message)),
                pieces.whose(reading.verdict),
                sub_account_link("errors:list", error.sub_account),
                error.country,
                notes(error.repeats, self.comments.get(str(error.error_id), 0)),
            )


class MessageTable(DrawnTable):
    """Messages with the state that their receipts add up to."""

    caption = "Messages"
    default_sort = "-time"
    comments: Mapping[str, int]

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

    class Meta:
        order_by_field = "sort"

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows of the page as HTML cells."""
        for message, reading in of_messages(self.page):
            yield format_html(
                "<td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
                '<td class="grow">{}</td><td class="aside">{}</td><td class="aside">{}</td>'
                '<td class="aside">{}</td><td class="aside wide">{}</td><td class="aside end">{}</td>',
                pieces.moment(message.state_at, "row"),
                pieces.identifier(
                    message.umid, "umid", record_page("messages", message.umid), short=True
                ),
                pieces.message_state(message.state, message.detail),
                pieces.plate(reading) if reading else pieces.NOTHING,
                meaning(reading, "") if reading else pieces.NOTHING,
                pieces.whose(reading.verdict) if reading else pieces.NOTHING,
                channel(message.channel, message.channels),
                sub_account_link("messages:list", message.sub_account),
                pieces.masked(message.destination_masked, message.country),
                notes(0, self.comments.get(str(message.umid), 0)),
            )


def record_page(kind: str, key: object) -> str:
    """Return the page of a record; reversing an address for every row would cost a millisecond."""
    return f"{_list_page(f'{kind}:list')}{key}/"


def meaning(reading: Reading, text: str) -> SafeString:
    """Draw the meaning of a code and, quieter, the text that came with it."""
    name = (
        format_html("{}", reading.name)
        if reading.named
        else format_html('<span class="hint muted">{}</span>', "not in the tables")
    )
    if not text or text == reading.name:
        return name
    return format_html('{} <bdi class="muted" title="{}">{}</bdi>', name, text[:500], text[:200])


def sub_account_link(page: str, name: str) -> SafeString:
    """Draw a sub-account that leads to its rows."""
    if not name:
        return pieces.NOTHING
    return format_html(
        '<a href="{}?sub_account={}" title="{}"><bdi class="clip">{}</bdi></a>',
        _list_page(page), quote(name, safe=""), name, name,
    )  # fmt: skip


def channel(name: str, channels: int) -> SafeString:
    """Draw the channel, and whether there was a fallback."""
    if channels > 1:
        return format_html('<bdi>{}</bdi> <span class="muted">of {}</span>', name, channels)
    return format_html("<bdi>{}</bdi>", name)


def notes(repeats: int, comments: int) -> SafeString:
    """Draw how often a row came again, and how many comments it has."""
    parts = []
    if repeats:
        parts.append(_counted("repeat", f"{repeats + 1}×", f"came {repeats + 1} times"))
    if comments:
        said = f"{comments} comment" + ("s" if comments > 1 else "")
        parts.append(_counted("comment", str(comments), said))
    return format_html_join(" ", "{}", ((part,) for part in parts))


@lru_cache(maxsize=500)
def _counted(icon: str, shown: str, said: str) -> SafeString:
    return format_html(
        '<span class="state" title="{}">{}<span aria-hidden="true">{}</span>'
        '<span class="vh">{}</span></span>',
        said, pieces.icon(icon), shown, said,
    )  # fmt: skip


@lru_cache(maxsize=10)
def _list_page(name: str) -> str:
    return reverse(name)
