"""What became of a delivery, and the list of deliveries."""

from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import clock, foreign, pieces
from support_portal.dashboard.addresses import MOMENTS, changed, not_understood, settled
from support_portal.dashboard.delivered import PAGE, Became, Pieces, became, pieces_of
from support_portal.dashboard.inputs import parse_moment
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.ingest import reports
from support_portal.ingest.models import Delivery, QuarantineEntry, Source
from support_portal.ingest.opening import WHOLE
from support_portal.payloads.ignoring import RULES

# What the list can be narrowed to -> words.
STATES = {
    "pending": "Waits",
    "done": "Read",
    "not_understood": "Not understood",
}


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """List deliveries, newest first, by source, sender, state and time."""
    if address := settled(request, timezone.now()):
        return HttpResponseRedirect(address)
    rows, wrong = _narrowed(request)
    page = paginate(rows, cursor=request.GET.get("cursor", ""), size=page_size(request))
    return render(
        request,
        "intake/deliveries.html",
        {
            "page": page,
            "links": page_links(request, page),
            "sizes": page_sizes(request, page.size),
            "sources": _choices(request, "source", pieces.SOURCES),
            "states": _choices(request, "state", STATES),
            "asked": {name: request.GET.get(name, "")[:100] for name in ("sender", "from", "to")},
            "wrong": wrong,
        },
    )


@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Show what became of one delivery, a page of its items at a time."""
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise Http404
    person = cast(User, request.user)
    start, asked = _number(request, "from"), _number(request, "item", default=-1)
    # What nobody has read yet is not opened: the page asks for itself again every other second.
    held = pieces_of(found) if found.drained_at or found.next_position else Pieces()
    items = became(person, found, held.page(start))
    return render(
        request,
        "intake/delivery.html",
        {
            "delivery": found,
            "pending": found.drained_at is None,
            "facts": _facts(found),
            "rules": [
                {"title": RULES.get(rule, rule), "total": total}
                for rule, total in reports.ignored_by_rule(found.id).items()
            ],
            "queue": _queue(found),
            "items": items,
            "total": len(held.items),
            "sealed": held.sealed,
            "whole": QuarantineEntry.objects.filter(delivery_id=found.id, position=WHOLE)
            .defer("body")
            .first(),
            "shown": _raw(held, items, asked),
            "asked": asked,
            **_neighbours(request, start, len(held.items)),
        },
    )


def _number(request: HttpRequest, name: str, default: int = 0) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _neighbours(request: HttpRequest, start: int, total: int) -> dict[str, Any]:
    """Return where the page begins and ends, and the addresses of its neighbours."""
    back = max(0, start - PAGE)
    return {
        "first": start + 1,
        "last": min(total, start + PAGE),
        "earlier": changed(request, from_=back or None, item=None) if start else "",
        "later": changed(request, from_=start + PAGE, item=None) if start + PAGE < total else "",
    }


def _raw(held: Pieces, items: list[Became], asked: int) -> foreign.Excerpt | None:
    """Return one item as it was sent, masked, when the reader may see it."""
    if not any(one.position == asked and one.readable for one in items):
        return None
    return foreign.excerpt(held.items[asked].raw)


def _queue(found: Delivery) -> str:
    if found.drained_at is not None:
        return ""
    if found.next_position:
        return f"{found.next_position:,} of its items are read."
    count = reports.before(found)
    if count > reports.QUEUE_LIMIT:
        return f"More than {reports.QUEUE_LIMIT:,} deliveries wait before it."
    if not count:
        return "It is the next one."
    return "1 delivery waits before it." if count == 1 else f"{count:,} deliveries wait before it."


def _facts(found: Delivery) -> list[dict[str, object]]:
    took = found.drained_at - found.received_at if found.drained_at else None
    return [
        {"label": "Source", "value": pieces.SOURCES.get(found.source, found.source)},
        {"label": "Sender", "value": found.sender or "not told"},
        {"label": "Content type", "value": found.content_type or "not told"},
        {"label": "Size", "value": f"{found.size:,} bytes"},
        {"label": "Received", "value": clock.day_and_clock(found.received_at),
         "note": clock.utc(found.received_at)},
        {"label": "Read", "value": clock.duration(took) + " later" if took else "not yet"},
        {"label": "Recorded", "value": f"{found.recorded:,}", "cut": True},
        {"label": "Repeated", "value": f"{found.repeated:,}", "note": "came before, counted"},
        {"label": "Dropped", "value": f"{found.ignored:,}", "note": "of no use, by a rule"},
        {"label": "Not understood", "value": f"{found.quarantined:,}"},
    ]  # fmt: skip


def _narrowed(request: HttpRequest) -> tuple[QuerySet[Delivery], str]:
    """Return the deliveries that the address asks for, and what is wrong with it."""
    rows: QuerySet[Delivery] = Delivery.objects.order_by("-id").defer("body")
    anything = dict.fromkeys(("sender", *MOMENTS))
    wrong = not_understood(request.GET, source=pieces.SOURCES, state=STATES, **anything)
    if wrong:
        return rows.none(), wrong
    if (source := request.GET.get("source", "")) in Source.values:
        rows = rows.filter(source=source)
    if sender := request.GET.get("sender", "").replace("\x00", ""):
        rows = rows.filter(sender=sender[:100])
    state = request.GET.get("state", "")
    if state == "not_understood":
        rows = rows.filter(quarantined__gt=0)
    elif state in STATES:
        rows = rows.filter(state=state)
    try:
        return _between(request, rows), ""
    except ValidationError as error:
        return rows.none(), " ".join(error.messages)


def _between(request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Keep what was kept in a range of time; ids begin with it, so no other index is needed."""
    if begin := request.GET.get("from", ""):
        rows = rows.filter(id__gte=UUID(int=_milliseconds(begin) << 80))
    if end := request.GET.get("to", ""):
        rows = rows.filter(id__lt=UUID(int=(_milliseconds(end) + 1) << 80))
    return rows


def _milliseconds(text: str) -> int:
    return int(parse_moment(text).timestamp() * 1000)


def _choices(request: HttpRequest, name: str, words: dict[str, str]) -> list[dict[str, object]]:
    current = request.GET.get(name, "")
    return [
        {"word": word, "href": changed(request, **{name: key or None}), "current": key == current}
        for key, word in {"": "Any", **words}.items()
    ]
