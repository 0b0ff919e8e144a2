"""What comes after the rows of a list: counts, histogram and facets; and how many rows are new."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.browsing.filtering import Filter
from support_portal.browsing.narrowing import stretches
from support_portal.core.keyset import BadCursor, count_before
from support_portal.core.patience import TookTooLong, at_most
from support_portal.dashboard.around import around
from support_portal.insights.models import Kind

PATIENCE = 1.0  # seconds
MOST_NEW = 100  # beyond that it is 99+
View = Callable[[HttpRequest], HttpResponse]


def counts(kind: Kind) -> View:
    """Return the view of what stands around the rows of a kind."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        shown = Filter.read(kind, request.GET, now)
        return render(request, "browsing/_counts.html", around(request, shown, now))

    return view


def newer(kind: Kind) -> View:
    """Return the view that tells how many rows there are now before the first one of a list."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        now, person = timezone.now(), cast(User, request.user)
        shown = Filter.read(kind, request.GET, now)
        since = request.GET.get("since", "")
        try:
            with at_most(PATIENCE):
                found: Any = shown.rows(person)
                parts = stretches(shown, person, now)
                number = count_before(found.newest_first(), since, MOST_NEW, parts)
                return JsonResponse({"new": number})
        except (BadCursor, TookTooLong):
            return JsonResponse({"new": 0})

    return view
