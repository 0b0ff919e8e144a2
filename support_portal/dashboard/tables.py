"""What all large tables have in common: a head that sorts, and a page by keyset.

django-tables2 keeps the columns and the order; each table draws its rows itself (``drawn``), one format
string a row, because drawing cell by cell costs five times as much.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import django_tables2 as tables  # type: ignore[import-untyped]
from django.http import HttpRequest

from support_portal.browsing.values import cut
from support_portal.core.keyset import KeysetPaginator, Page
from support_portal.dashboard.addresses import changed


@dataclass(frozen=True, slots=True)
class Head:
    """One cell of a table's head."""

    title: str
    css: str
    href: str = ""  # sorts by this column; "" where no index would help
    name: str = ""  # of the column, where it sorts
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
    """A table whose page comes by keyset; ``drawn`` of each yields its rows as HTML cells."""

    caption: ClassVar[str]
    default_sort: ClassVar[str]
    ticked: ClassVar[bool] = True  # rows have a box
    usual: ClassVar[tuple[str, ...]]  # the columns that are shown unless others are chosen
    page: Page[Any]
    request: HttpRequest
    shown: tuple[str, ...]

    @classmethod
    def for_request(
        cls,
        rows: Any,
        request: HttpRequest,
        size: int,
        shown: tuple[str, ...] = (),
        **reading: Sequence[Any] | None,
    ) -> Self:
        """Return the table of ``rows`` at the place that the address names.

        ``shown`` are the columns, the usual ones when there are none; ``reading`` is how the rows are
        read in the order of the address, as ``core.keyset.paginate`` takes it.
        """
        shown = shown or cls.usual
        table = cls(
            data=rows,
            order_by=cls.allowed_sort(request.GET.get("sort", "")),
            sequence=(*shown, "..."),
        )
        table.request, table.shown = request, shown
        cursor = request.GET.get("cursor", "")
        table.paginate(KeysetPaginator, size, cursor=cursor, **reading)
        return table

    @property
    def is_narrow(self) -> bool:
        """Tell whether the columns fit without scrolling, so that the head can stay in sight."""
        return len(self.shown) <= len(self.usual)

    @classmethod
    def allowed_sort(cls, asked: str) -> str:
        """Return what to sort by: one column that has an index, else the default."""
        column = cls.base_columns.get(asked.removeprefix("-"))
        return asked if column is not None and column.orderable else cls.default_sort

    @property
    def unknown_sort(self) -> str:
        """Return what was asked to sort by and cannot be, short enough for a sentence."""
        asked = str(self.request.GET.get("sort", ""))
        return cut(asked) if asked and asked != self.order_by[0] else ""

    @classmethod
    def sorted_by(cls, asked: str) -> str:
        """Return the column of the records that the order begins with."""
        return str(cls.base_columns[cls.allowed_sort(asked).removeprefix("-")].accessor)

    @property
    def heads(self) -> Iterator[Head]:
        """Return the head, with links that sort."""
        for column in map(self.columns.__getitem__, self.shown):
            css = column.column.attrs.get("th", {}).get("class", "")
            if column.orderable:
                yield self._sortable_head(column.name, str(column.header), css)
            else:
                yield Head(str(column.header), css)

    def _sortable_head(self, name: str, title: str, css: str) -> Head:
        current = self.order_by[0]
        if current.removeprefix("-") != name:
            first = name if name != self.default_sort.removeprefix("-") else self.default_sort
            hint = f"Sort by {title.lower()}"
            return Head(title, css, self._sorted_by(first), name, hint=hint)
        descending = current.startswith("-")
        other = name if descending else f"-{name}"
        word = "descending" if descending else "ascending"
        return Head(title, css, self._sorted_by(other), name, word, "Turn the order round")

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
