"""What the pages with a large table have in common: one address, a page by keyset, a fragment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, cast
from urllib.parse import quote, urlencode

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_filters.views import FilterView  # type: ignore[import-untyped]
from django_tables2 import SingleTableMixin  # type: ignore[import-untyped]

from support_portal.accounts.models import User
from support_portal.browsing.fields import TIMES
from support_portal.browsing.filtering import NAME_OF_LINE, Filter
from support_portal.browsing.language import Problem
from support_portal.browsing.narrowing import stretches, values
from support_portal.browsing.windows import windowed
from support_portal.core.keyset import OLDEST, SIZES, Page, clamped, cursor_at
from support_portal.core.patience import TookTooLong, at_most
from support_portal.dashboard import query_line
from support_portal.dashboard.addresses import LOOKS, VIEW, changed, filtered, only, settled
from support_portal.dashboard.around import around, span_of, without_counts
from support_portal.dashboard.columns import USUAL, Columns, columns, menu
from support_portal.dashboard.filters import FORM
from support_portal.dashboard.inputs import parse_moment
from support_portal.dashboard.record_tables import RecordTable
from support_portal.dashboard.row_notes import beside
from support_portal.dashboard.taken import MOST
from support_portal.dashboard.view_tabs import opened, tabs
from support_portal.inquiries.services import MOST_EVIDENCE
from support_portal.insights.models import Kind

TYPED = ("table",)  # filters that have no facet
FRESH = timedelta(hours=1)  # a range up to now is taken for one that goes on
PATIENCE = 3.0  # seconds that reading rows may take


class ListPage(SingleTableMixin, FilterView):  # type: ignore[misc]
    """A filtered table.  The query string is its whole state; htmx gets the fragment alone."""

    table_class: type[RecordTable]
    fragment_name: ClassVar[str]
    kind: ClassVar[Kind]  # of the records
    asked: Filter
    columns: Columns
    now: datetime
    jump_error = ""
    problems: Sequence[Problem]  # of the query line
    gave_up = False  # reading the rows took too long
    object_list: QuerySet[Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the table, or first move to the address that stays true.

        When reading its rows is given up, the page around the table says so.
        """
        response: HttpResponse
        try:
            with at_most(PATIENCE):
                if address := self.moved(request):
                    return HttpResponseRedirect(address)
                response = super().get(request, *args, **kwargs)
        except TookTooLong:
            self.gave_up = True
            response = super().get(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def moved(self, request: HttpRequest) -> str:
        """Read what is asked; return the address where it is said for good, "" when this is it."""
        self.now = now = timezone.now()
        self.columns = columns(request, self.table_class)
        typed = request.GET.get(NAME_OF_LINE)
        if typed is not None:
            self.asked, self.problems = Filter.from_line(self.kind, typed, now)
            return "" if self.problems else filtered(request, self.asked)
        if address := opened(request, self.kind, now) or settled(request, now):
            return address
        self.asked, self.problems = Filter.read(self.kind, request.GET, now), []
        bounded = windowed(self.asked, self.person, now)
        if bounded is not self.asked:
            return filtered(request, bounded, "cursor", "at")
        return self._jump(request.GET["at"]) if "at" in request.GET else ""

    def get_template_names(self) -> list[str]:
        """Return the fragment for htmx, unless it restores a page of the history."""
        htmx = self.request.htmx
        part = htmx and not htmx.history_restore_request
        return [self.fragment_name if part else self.template_name]

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        """Hand the filter to the form over it."""
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        if self.problems:  # what was understood is shown in the fields as well
            kwargs["data"] = QueryDict(self.asked.to_query())
        return kwargs | {"asked": self.asked}

    def get_queryset(self) -> QuerySet[Any]:
        """Return the records that the filter chooses, of the sub-accounts this person looks after."""
        rows = self.asked.rows(self.person)
        return rows.none() if self.gave_up else rows

    def get_table(self, **_: Any) -> RecordTable:
        """Return the table at the place that the address names, with what is known beside its rows."""
        table = self.table_class.for_request(
            self.drawn(self.object_list),
            self.request,
            page_size(self.request),
            self.columns.shown,
            **({} if self.gave_up else self._reading()),
        )
        table.may_inquire = self.person.may("inquire")
        noted = table.page.rows if "notes" in table.shown else ()
        table.beside = beside(table.what, noted, self.person)
        return table

    def _reading(self) -> dict[str, Sequence[Any] | None]:
        """Return how the rows are read in their order without reading others (core.keyset.Source)."""
        column = self.table_class.sorted_by(self.request.GET.get("sort", ""))
        parts = self.asked.parts(self.person, column)
        found = None if parts else stretches(self.asked, self.person, self.now)
        if column == TIMES[self.kind]:
            drawn = found and [replace(each, rows=self.drawn(each.rows)) for each in found]
            return {"parts": self._drawn(parts), "stretches": drawn}
        named = values(column, self.asked, self.person, self.now)
        rows = [each.rows for each in found or ()]
        return {"parts": self._drawn(rows) if named else (), "values": named}

    def _drawn(self, parts: Sequence[QuerySet[Any]]) -> list[QuerySet[Any]]:
        return [self.drawn(part) for part in parts]

    def drawn(self, rows: Any) -> QuerySet[Any]:
        """Return ``rows`` in the usual order, with the columns that are drawn."""
        found: QuerySet[Any] = rows.newest_first().only(
            *self.table_class.columns_needed(self.columns.shown)
        )
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what stands around the table."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        table, form = context["table"], self.filterset.form
        return (
            context
            | self._around()
            | {
                "form": form,
                "invalid": bool(self.asked.errors),
                "line": query_line.shown(
                    self.asked, self.request.GET.get(NAME_OF_LINE), self.problems
                ),
                "gave_up": self.gave_up,
                "cut": not self.gave_up and self.asked.is_cut(self.person),
                "chips": list(self.filterset.chips),
                "alone_href": self._alone(),
                "links": page_links(self.request, table.page),
                "sizes": page_sizes(self.request, table.page.size),
                "typed": any(self.asked.only.get(name) for name in TYPED),
                "kept": list(self.filterset.kept),
                "words": f"{len(table.page)} shown, {table.order_in_words}",
                "looks": [
                    (name, self.request.GET[name])
                    for name in (*LOOKS, VIEW)
                    if name in self.request.GET
                ],
                "unfiltered": only(self.request, *LOOKS),
                "query": self.asked.to_query(),
                "tabs": tabs(
                    self.person, self.kind, self.asked, self.request.GET, self.now, counted=False
                ),
                "columns": self.columns,
                "column_choices": menu(self.columns, self.table_class, self._with_columns),
                "usual_columns": self._with_columns(USUAL),
                "by_code": f"{self.request.path}by-code/?{self.asked.to_query()}",
                "newer": self._newer(table),
                "jump": self._jump_field(table),
                "bulk": {
                    "action": self.request.path + "selected/",
                    "place": self.kind.value,
                    "query": self.asked.to_query(),
                    "most": MOST,
                    "may_inquire": self.person.may("inquire"),
                    "holds": MOST_EVIDENCE,
                },
            }
        )

    @cached_property
    def _without_columns(self) -> str:
        address = changed(self.request, columns=None)
        return f"{address}{'&' if '?' in address else '?'}columns="

    def _with_columns(self, names: str) -> str:
        return self._without_columns + quote(names)

    def _around(self) -> dict[str, Any]:
        """Return the counts when the address asks for them; else they come after the rows."""
        if "counts" in self.request.GET:
            return around(self.request, self.asked, self.now)
        found = without_counts(self.request, self.asked)
        query = self.request.GET.urlencode()
        return found | {
            "counts_later": "" if self.asked.errors else f"{self.request.path}counts/?{query}",
            "counts_inline": changed(self.request, counts="1"),
        }

    def _alone(self) -> str:
        """Return where to ask whether what is chosen is usual: where something is chosen."""
        if not self.asked.only or self.asked.errors:
            return ""
        return f"{self.request.path}alone/?{self.asked.to_query()}"

    def _newer(self, table: RecordTable) -> dict[str, str] | None:
        """Return where to ask for newer rows: while the newest are shown, and can become more."""
        page = table.page
        if not page.first or table.order_by[0] != table.default_sort:
            return None
        begin, end = self.asked.begin, self.asked.end
        key = span_of(self.asked)
        if end and not (key and self.now - end < FRESH):
            return None
        ask = replace(self.asked, begin=begin, end=None).to_query()
        since = urlencode({"since": page.first})
        href = (
            changed(self.request, last=key, from_=None, to=None) if key else changed(self.request)
        )
        return {"href": href, "ask": f"{self.request.path}newer/?{ask}&{since}"}

    def _jump(self, text: str) -> str:
        """Return the address of the page that begins at a time, "" when that is no time."""
        try:
            moment = parse_moment(text)
        except ValidationError as error:
            self.jump_error = error.messages[0]
            return ""
        sort = self.request.GET.get("sort", "")
        name = self.table_class.default_sort
        by_time = sort if sort == name.removeprefix("-") else None
        found: Any = self.get_queryset()
        rows = found.newest_first()
        if by_time:
            rows = rows.order_by(*(term.removeprefix("-") for term in rows.query.order_by))
        return changed(self.request, at=None, sort=by_time, cursor=cursor_at(rows, moment))

    def _jump_field(self, table: RecordTable) -> dict[str, str]:
        return {
            "form": FORM,
            "type": "text" if self.jump_error else "datetime-local",
            "value": self.request.GET.get("at", "") if self.jump_error else "",
            "error": self.jump_error,
        }

    @property
    def person(self) -> User:
        """Return who asks."""
        return cast(User, self.request.user)


def page_size(request: HttpRequest) -> int:
    """Return how many rows to show; whatever the address says, one of SIZES."""
    try:
        return clamped(int(request.GET.get("per_page", "")))
    except ValueError:
        return clamped(None)


def page_links(request: HttpRequest, page: Page[Any]) -> Mapping[str, str]:
    """Return the addresses of the neighbouring pages, "" where we are already."""
    return {
        "newest": changed(request) if page.newer else "",
        "newer": changed(request, cursor=page.newer) if page.newer else "",
        "older": changed(request, cursor=page.older) if page.older else "",
        "oldest": changed(request, cursor=OLDEST) if page.older else "",
    }


def page_sizes(request: HttpRequest, current: int) -> list[dict[str, object]]:
    """Return the page sizes to choose from."""
    return [
        {"size": size, "href": changed(request, per_page=size), "current": size == current}
        for size in SIZES
    ]
