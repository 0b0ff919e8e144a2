"""The table of failures by code."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.browsing.filtering import NAME_OF_LINE, Filter
from support_portal.dashboard import clock
from support_portal.dashboard.addresses import changed, filtered, only, settled
from support_portal.dashboard.around import PAGES, addresses, spans
from support_portal.dashboard.counted import NOUNS
from support_portal.dashboard.failures import FailureTable, change_words, failures
from support_portal.dashboard.filters import chips
from support_portal.dashboard.histogram import counted
from support_portal.insights.models import Kind

TITLES = {Kind.ERROR: "Errors by code", Kind.MESSAGE: "Failed messages by code"}
USUAL = "24h"


def failures_by_code(kind: Kind) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of the failures of a kind."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        typed = request.GET.get(NAME_OF_LINE)
        if typed is not None:
            shown, problems = Filter.from_line(kind, typed, now)
            if not problems:
                return redirect(filtered(request, shown))
        elif address := settled(request, now):
            return redirect(address)
        else:
            shown = Filter.read(kind, request.GET, now)
        if shown.begin is None and not shown.errors:
            return redirect(changed(request, last=USUAL))
        response = render(request, _template(request), _context(request, shown, now))
        patch_vary_headers(response, ["HX-Request"])
        return response

    return view


def _template(request: HttpRequest) -> str:
    htmx = request.htmx  # type: ignore[attr-defined]
    part = htmx and not htmx.history_restore_request
    return "browsing/_failures.html" if part else "browsing/failures.html"


def _context(request: HttpRequest, shown: Filter, now: datetime) -> dict[str, object]:
    person = cast(User, request.user)
    to_list = addresses(request, shown.kind, sort="", columns="", per_page="", by="")
    found = failures(shown, person, now, to_list)
    return {
        "title": TITLES[shown.kind],
        "found": found,
        "number": counted(found.number, NOUNS[shown.kind]) if found else "",
        "change": change_words(found.number, found.before or None) if found else "",
        "length": clock.duration((shown.end or now) - shown.begin) if shown.begin else "",
        "why": shown.why_uncounted,
        "problems": [each for sentences in shown.errors.values() for each in sentences],
        "table": FailureTable.of(found.rows, request) if found else None,
        "chips": list(chips(request, shown)),
        "unfiltered": only(request, "from", "to")
        if shown.only or shown.but or shown.errors
        else "",
        "spans": list(spans(shown, partial(filtered, request))),
        "list": to_list(shown),
        "page": PAGES[shown.kind],
    }
