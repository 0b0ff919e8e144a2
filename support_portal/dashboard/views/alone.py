"""Is it only me?  The answer for what a list is filtered by, after its rows or on a page of its own."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.browsing.filtering import Filter
from support_portal.dashboard.alone import card
from support_portal.dashboard.views.comments import HtmxRequest
from support_portal.dashboard.views.counts import View
from support_portal.insights.models import Kind


def alone(kind: Kind) -> View:
    """Return the view for lists of a kind: around the end of their range, or now."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        shown = Filter.read(kind, request.GET, now)
        question = shown.question(cast(User, request.user), now)
        at = min(shown.end or now, now)
        context = {
            "alone": card(question, at, now, shown) if question else None,
            "why": "" if question else shown.why_uncounted,
            "list": f"{request.path.removesuffix('alone/')}?{shown.to_query()}",
        }
        htmx = cast(HtmxRequest, request).htmx
        return render(request, "browsing/_alone.html" if htmx else "browsing/alone.html", context)

    return view
