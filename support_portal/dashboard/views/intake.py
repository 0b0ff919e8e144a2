"""How the intake is doing, and when it did not listen."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.middleware import HtmxDetails

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import deaf as words
from support_portal.dashboard import dropped
from support_portal.dashboard.health import Picture, health, processes
from support_portal.dashboard.refusals import reasons
from support_portal.dashboard.spark import spark
from support_portal.dashboard.views.listing import page_links, page_size
from support_portal.ingest.limits import gate
from support_portal.ingest.listening import clocks, selectors
from support_portal.ingest.listening.models import DeafInterval, DeafKind
from support_portal.ingest.listening.services import NOTE_LIMIT, database_now, name_interval
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.selectors import COUNT_LIMIT, intake_status

LATELY = timedelta(days=7)  # so long a loss that nobody has looked after stands on top
CALLERS_SHOWN = 12


class HtmxRequest(HttpRequest):
    """A request that htmx may have made."""

    htmx: HtmxDetails


@require_safe
def status(request: HtmxRequest) -> HttpResponse:
    """Show whether all is well, the last deliveries, and what was not understood.

    The part with the figures asks for itself every few seconds; ``said`` is the sentence that it
    shows, so that a screen reader hears a new one and not the same again.
    """
    person, now = cast(User, request.user), timezone.now()
    context = _figures(person, now)
    if request.htmx and request.GET.get("part") == "now":
        context["changed"] = request.GET.get("said", "") != context["health"].title
        return render(request, "intake/_now.html", context)
    page = paginate(
        Delivery.objects.order_by("-id").defer("body"),
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    return render(
        request,
        "intake/status.html",
        context
        | {
            "page": page,
            "links": page_links(request, page),
            "reasons": reasons(),
            "deaf": words.recent(person),
            "rules": dropped.rules(),
            "spark": spark(context["rates"]),
            "may_replay": person.may("replay"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def deaf(request: HttpRequest, interval_id: UUID) -> HttpResponse:
    """Show what an interval means and what to do, and let staff say what it was."""
    person = cast(User, request.user)
    interval = DeafInterval.objects.visible_to(person).filter(pk=interval_id).first()
    if interval is None:
        raise Http404
    if request.method == "POST":
        if not person.may("comment"):
            raise PermissionDenied("Saying what an interval was is for agents.")
        note, by = request.POST.get("note", ""), person.get_username()
        name_interval(interval, note=note, by=by, now=timezone.now())
        messages.success(request, "Kept." if interval.note else "The note is taken away.")
        return redirect("intake:deaf", interval.id)
    return render(
        request,
        "intake/deaf.html",
        {
            "found": words.in_words(interval),
            "interval": interval,
            "may_note": person.may("comment"),
            "note_limit": NOTE_LIMIT,
        },
    )


def _figures(person: User, now: datetime) -> dict[str, Any]:
    """Return what is asked for again every few seconds."""
    picture = _picture(person, now)
    return {
        "health": health(picture),
        "state": picture.state,
        "intake": picture.state,  # the shell need not ask again
        "lately": picture.quarantined_lately,
        "processes": processes(picture),
        "rates": selectors.rates(now),
        "callers": selectors.callers()[:CALLERS_SHOWN],
    }


def _picture(person: User, now: datetime) -> Picture:
    ours = DeafInterval.objects.ours().filter(ended_at__gte=now - LATELY, note="")
    silent = DeafInterval.objects.visible_to(person).filter(
        kind=DeafKind.SILENT, ended_at=None, note=""
    )
    state, shared = intake_status(now), database_now()
    return Picture(
        now=now,
        state=state,
        signs=selectors.signs(shared),
        limits=gate.standing(),
        lost=next((each for each in ours.newest_first() if each.lost_until), None),
        silent=list(silent.order_by("began_at")),
        quarantined_lately=_quarantined_lately(now) if state.quarantined else 0,
        slow_by=shared - now,
        ahead=clocks.ahead(now),
    )


def _quarantined_lately(now: datetime) -> int:
    lately = QuarantineEntry.objects.waiting().filter(received_at__gte=now - timedelta(hours=1))
    return lately[: COUNT_LIMIT + 1].count()
