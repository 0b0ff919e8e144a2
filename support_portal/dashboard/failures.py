"""Failures by code: how many of each there are, and how many there were in as long a time before."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import django_tables2 as tables  # type: ignore[import-untyped]
from django.http import HttpRequest
from django.utils.safestring import SafeString

from support_portal.accounts.models import User
from support_portal.browsing.filtering import Filter
from support_portal.dashboard import partings, pieces
from support_portal.dashboard.facets import share
from support_portal.dashboard.markup import draw
from support_portal.dashboard.record_tables import meaning
from support_portal.dashboard.tables import DrawnTable, plain
from support_portal.insights import asking
from support_portal.insights.asking import Cell, Question
from support_portal.reason_codes import Reading


@dataclass(frozen=True, slots=True)
class Failure:
    """A code and its numbers."""

    code: int
    reading: Reading
    whose: str
    number: int
    total: int  # of all codes that are shown
    before: int | None  # None: nothing at all was heard before
    places: int  # sub-accounts
    href: str  # the list of them

    @property
    def change(self) -> float:
        """Return how many times as many there are, to sort by."""
        return 0.0 if self.before is None else self.number / (self.before or 0.5)


@dataclass(frozen=True, slots=True)
class Failures:
    """All codes of a range."""

    rows: tuple[Failure, ...]
    number: int
    before: int
    exact: bool


def failures(
    shown: Filter, person: User, now: datetime, address: Callable[[Filter], str]
) -> Failures | None:
    """Return the codes of what is shown; None where nothing is counted by its filters."""
    question = shown.question(person, now)
    if question is None or shown.begin is None:
        return None
    cells = asking.cells(question)
    counts, places = _by_code(question, cells)
    earlier = replace(question, begin=shown.begin - (question.end - shown.begin), end=shown.begin)
    before_cells = asking.cells(earlier)
    before, _ = _by_code(earlier, before_cells)
    heard = bool(asking.total(earlier, before_cells))
    named = partings.named(shown.kind, counts)
    total = sum(counts.values())
    rows = tuple(
        Failure(
            code=code,
            reading=named[registry, code],
            whose=named[registry, code].verdict.whose_label,
            number=number,
            total=total,
            before=before[registry, code] if heard else None,
            places=len(places[registry, code]),
            href=address(shown.without("code").with_("code", code)),
        )
        for (registry, code), number in counts.items()
    )
    return Failures(rows, total, sum(before.values()), asking.is_exact([*cells, *before_cells]))


def _by_code(
    question: Question, cells: list[Cell]
) -> tuple[Counter[tuple[str, int]], dict[tuple[str, int], set[str]]]:
    counts: Counter[tuple[str, int]] = Counter()
    places: dict[tuple[str, int], set[str]] = {}
    for cell in cells:
        code = cell.traits.code
        if code is not None and question.admits(cell.traits):
            counts[cell.traits.registry, code] += cell.number
            places.setdefault((cell.traits.registry, code), set()).add(cell.traits.sub_account)
    return counts, places


def _number(title: str, name: str) -> Any:
    return tables.Column(
        verbose_name=title, accessor=name, orderable=True, attrs={"th": {"class": "num"}}
    )


class FailureTable(DrawnTable):
    """Codes with their numbers; all of them are on one page."""

    caption = "Failures by code"
    default_sort = "-number"
    ticked = False

    code = tables.Column(verbose_name="Code", orderable=True)
    meaning = plain("Meaning")
    whose = tables.Column(verbose_name="Whose", orderable=True)
    number = _number("Number", "number")
    share = _number("Share", "number")
    before = plain("Before", css="num")
    change = _number("Change", "change")
    places = _number("Sub-accounts", "places")
    usual = ("code", "meaning", "whose", "number", "share", "before", "change", "places")

    class Meta:
        order_by_field = "sort"

    @classmethod
    def of(cls, rows: tuple[Failure, ...], request: HttpRequest) -> "FailureTable":
        """Return the table in the order that the address names; equal rows in the order of codes."""
        data = sorted(rows, key=lambda row: (row.code, row.reading.registry))
        table = cls(data=data, order_by=cls.allowed_sort(request.GET.get("sort", "")))
        table.request, table.shown = request, cls.usual
        return table

    @property
    def order_in_words(self) -> str:
        """Say how the rows are sorted."""
        current = self.order_by[0]
        title = str(self.columns[current.removeprefix("-")].header).lower()
        return f"by {title}, {'descending' if current.startswith('-') else 'ascending'}"

    @property
    def drawn(self) -> Iterator[SafeString]:
        """Return the rows as HTML cells."""
        for bound in self.rows:
            row: Failure = bound.record
            yield draw(
                '<td class="lead">{}</td><td class="grow">{}</td><td class="aside">{}</td>'
                '<td class="num lead ident"><a class="link" href="{}" data-main>{}</a></td>'
                '<td class="num aside">{}</td><td class="num aside">{}</td>'
                '<td class="num">{}</td><td class="num aside">{}</td>',
                pieces.plate(row.reading),
                meaning(row.reading, ""),
                pieces.whose(row.reading.verdict),
                row.href,
                f"{row.number:,}",
                share(row.number, row.total),
                "" if row.before is None else f"{row.before:,}",
                change_words(row.number, row.before),
                f"{row.places:,}",
            )


def change_words(number: int, before: int | None) -> str:
    """Say how a number changed: +120 %, −40 %, 12 times, new; "" where there is nothing to compare."""
    if before is None:
        return ""
    if not before:
        return "new"
    times = number / before
    if times >= 10:
        return f"{times:,.0f} times"
    percent = round((times - 1) * 100)
    return "same" if percent == 0 else f"{'+' if percent > 0 else '−'}{abs(percent)} %"
