"""What the pages with a large table have in common: one address, a page by keyset, a fragment."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_filters.views import FilterView  # type: ignore[import-untyped]
from django_tables2 import SingleTableMixin  # type: ignore[import-untyped]

from support_portal.accounts.models import User
from support_portal.browsing.fields import TIMES
from support_portal.browsing.filtering import SPANS, Filter
from support_portal.comments.selectors import counts
from support_portal.core.keyset import OLDEST, SIZES, Page, clamped
from support_portal.dashboard.addresses import LOOKS, VIEW, changed, only, settled
from support_portal.dashboard.tables import DrawnTable
from support_portal.dashboard.view_tabs import opened, tabs
from support_portal.insights.models import Kind


class ListPage(SingleTableMixin, FilterView):  # type: ignore[misc]
    """A filtered table.  The query string is its whole state; htmx gets the fragment alone."""

    table_class: type[DrawnTable]
    fragment_name: ClassVar[str]
    kind: ClassVar[Kind]  # of the records
    columns: ClassVar[tuple[str, ...]]  # of the records that are read
    comments_on: ClassVar[str]  # the kind of target whose comments are counted
    asked: Filter
    object_list: QuerySet[Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the table, or first move to the address that stays true."""
        now = timezone.now()
        if address := opened(request, self.kind, now) or settled(request, now):
            return HttpResponseRedirect(address)
        self.asked = Filter.read(self.kind, request.GET, now)
        response: HttpResponse = super().get(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def get_template_names(self) -> list[str]:
        """Return the fragment for htmx, unless it restores a page of the history."""
        htmx = self.request.htmx
        part = htmx and not htmx.history_restore_request
        return [self.fragment_name if part else self.template_name]

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        """Hand the filter to the form over it."""
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        return kwargs | {"asked": self.asked}

    def get_queryset(self) -> QuerySet[Any]:
        """Return the records that the filter chooses, of the sub-accounts this person looks after."""
        return self.asked.rows(self.person)

    def get_table(self, **_: Any) -> DrawnTable:
        """Return the table at the place that the address names, with the comments counted."""
        parts = self.asked.parts(self.person, TIMES[self.kind])
        table = self.table_class.for_request(
            self.drawn(self.object_list),
            self.request,
            page_size(self.request),
            [self.drawn(part) for part in parts],
        )
        keys = [str(row.pk) for row in table.page]
        table.comments = counts(self.comments_on, keys) if keys else {}
        return table

    def drawn(self, rows: Any) -> QuerySet[Any]:
        """Return ``rows`` in the usual order, with the columns that are drawn."""
        found: QuerySet[Any] = rows.newest_first().only(*self.columns)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what stands around the table."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        table, form = context["table"], self.filterset.form
        return context | {
            "form": form,
            "invalid": self.filterset.is_bound and bool(form.errors),
            "chips": list(self.filterset.chips),
            "links": page_links(self.request, table.page),
            "sizes": page_sizes(self.request, table.page.size),
            "spans": spans(self.request, self.asked),
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
                self.person, self.kind, self.asked, self.request.GET, timezone.now(), counted=False
            ),
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


def spans(request: HttpRequest, asked: Filter) -> list[dict[str, object]]:
    """Return the ranges up to now that are one click away."""
    length = asked.end - asked.begin if asked.begin and asked.end else None
    return [
        {
            "title": title,
            "href": changed(request, last=key, from_=None, to=None),
            "current": length == span,
        }
        for key, (title, span) in SPANS.items()
    ]


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
