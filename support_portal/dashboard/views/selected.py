"""What is done with rows that were ticked in a list, or with all that its filter chooses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from support_portal.accounts.models import User
from support_portal.browsing.filtering import Filter
from support_portal.core.patience import TookTooLong, at_most
from support_portal.dashboard import counted, taken
from support_portal.dashboard.around import addresses
from support_portal.dashboard.taken import MOST
from support_portal.dashboard.views.inquiries import add_wanted, inquirer
from support_portal.dashboard.views.lookup import answer
from support_portal.dashboard.views.result_table import as_markdown, as_tsv
from support_portal.events.models import ErrorEvent, Message
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.services import MOST_EVIDENCE
from support_portal.insights.models import Kind

LOOKUP, MARKDOWN, INQUIRY = "lookup", "md", "inquiry"
NAMED = {Kind.ERROR: Named.ERROR, Kind.MESSAGE: Named.MESSAGE}
MOST_TICKED = 5_000  # ids of ticked rows that are looked at
PATIENCE = 3.0  # seconds that finding the freshest rows of a filter may take


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows that a form means."""

    rows: Sequence[Any]
    over: bool = False  # there are more than can be taken at once
    in_all: int | None = None


def selected(kind: Kind) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of what is done with rows of a kind."""

    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        shown = Filter.read(kind, QueryDict(request.POST.get("query", "")), timezone.now())
        if request.POST.get("do") == INQUIRY:
            return _to_inquiry(request, shown)
        chosen = _chosen(request, shown)
        if chosen.over:
            return _too_many(request, shown, chosen)
        if not chosen.rows:
            return _none(request, shown)
        if request.POST.get("do") == LOOKUP:
            return answer(request, "\n".join(str(row.pk) for row in chosen.rows))
        return _table(request, shown, chosen)

    return view


def _to_inquiry(request: HttpRequest, shown: Filter) -> HttpResponse:
    """Add rows to an inquiry: those that are ticked, or the freshest of all as far as one holds them."""
    person = inquirer(request)
    most = _most(request.POST.get("most", ""))
    try:
        with at_most(PATIENCE):
            keys = _freshest(request, shown, most + 1)
    except TookTooLong:
        messages.warning(
            request, "Finding the freshest rows took too long. Narrow the filter or tick some rows."
        )
        return redirect(addresses(request, shown.kind)(shown))
    if not keys:
        return _none(request, shown)
    if len(keys) > most:
        messages.info(request, _bound(request, shown, most))
    wanted = [Wanted(NAMED[shown.kind], key) for key in keys[:most]]
    return add_wanted(request, wanted, person)


def _most(sent: str) -> int:
    """Return how many rows may be added at once: what the form says, at most what an inquiry holds."""
    asked = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else MOST_EVIDENCE
    return max(1, min(asked, MOST_EVIDENCE))


def _freshest(request: HttpRequest, shown: Filter, most: int) -> list[UUID]:
    """Return the ids of the rows that are meant, the freshest first."""
    person = cast(User, request.user)
    if "all" in request.POST:
        found: Any = shown.rows(person)
    else:
        model: Any = ErrorEvent if shown.kind is Kind.ERROR else Message
        ticked = list(_keys(request.POST.getlist("row")))[:MOST_TICKED]
        found = model.objects.visible_to(person).filter(pk__in=ticked)
    return list(found.newest_first().values_list("pk", flat=True)[:most])


def _bound(request: HttpRequest, shown: Filter, most: int) -> str:
    """Say how many were taken, and of how many where that is counted."""
    person = cast(User, request.user)
    number = counted.number(shown, person, timezone.now()) if "all" in request.POST else None
    of = f" of {number:,}" if number else ""
    return f"The freshest {most:,}{of} are taken."


def _none(request: HttpRequest, shown: Filter) -> HttpResponse:
    messages.warning(request, "Tick some rows first.")
    return redirect(addresses(request, shown.kind)(shown))


def _chosen(request: HttpRequest, shown: Filter) -> Chosen:
    person = cast(User, request.user)
    if "all" in request.POST:
        found: Any = shown.rows(person)
        rows = list(found.newest_first()[: MOST + 1])
        over = len(rows) > MOST
        return Chosen(rows, over, counted.number(shown, person, timezone.now()) if over else None)
    keys = list(dict.fromkeys(_keys(request.POST.getlist("row"))))
    model: Any = ErrorEvent if shown.kind is Kind.ERROR else Message
    rows = model.objects.visible_to(person).filter(pk__in=keys[:MOST]).newest_first()
    return Chosen(list(rows), len(keys) > MOST, len(keys))


def _keys(sent: Sequence[str]) -> Iterator[UUID]:
    for text in sent:
        try:
            yield UUID(text)
        except ValueError:
            continue


def _too_many(request: HttpRequest, shown: Filter, chosen: Chosen) -> HttpResponse:
    number = "These" if chosen.in_all is None else f"{chosen.in_all:,}"
    words = (
        f"{number} rows are more than the {MOST:,} that can be taken at once. Export them instead."
    )
    if request.headers.get("Accept") == "text/plain":
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    messages.warning(request, words)
    return redirect(addresses(request, shown.kind)(shown))


def _table(request: HttpRequest, shown: Filter, chosen: Chosen) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    rows = taken.table(shown.kind, chosen.rows, site)
    markdown = request.POST.get("do") == MARKDOWN
    text = as_markdown(rows) if markdown else as_tsv(rows)
    if request.headers.get("Accept") == "text/plain":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    back = addresses(request, shown.kind)(shown)
    context = {"text": text, "markdown": markdown, "count": len(chosen.rows), "back": back}
    return render(request, "browsing/copied.html", context)
