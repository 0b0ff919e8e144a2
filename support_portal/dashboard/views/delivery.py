"""What became of a delivery."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.dashboard import clock, pieces
from support_portal.dashboard.refusals import title_of
from support_portal.events import models as events
from support_portal.events.models import ErrorEvent, Message
from support_portal.ingest.models import Delivery
from support_portal.payloads import (
    AccountEvent,
    ApiError,
    BadPart,
    Happening,
    Ignored,
    Item,
    Receipt,
    Record,
    SendAnswer,
    Unrecognised,
    parse,
    split,
)
from support_portal.payloads.ignoring import RULES

ITEMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Became:
    """One item of a delivery, and what became of it."""

    position: int
    kind: str  # error, message, account_event, ignored or quarantine
    key: UUID | None  # None: it belongs to a sub-account that the reader does not look after
    words: str


@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Show what became of one delivery."""
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise Http404
    items, sealed = _items(found)
    return render(
        request,
        "intake/delivery.html",
        {
            "delivery": found,
            "facts": _facts(found),
            "items": _became(cast(User, request.user), found, items[:ITEMS_SHOWN]),
            "total": len(items),
            "more": len(items) > ITEMS_SHOWN,
            "sealed": sealed,
        },
    )


def _items(found: Delivery) -> tuple[list[Item], bool]:
    """Return the items of a delivery, and whether it could not be unsealed."""
    try:
        return split(sealing.unseal(found.body)), False
    except sealing.Unsealable:
        return [], True


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


def _became(person: User, found: Delivery, items: Iterable[Item]) -> list[Became]:
    """Read the items once more and say what became of each, as far as ``person`` may see it."""
    read = [(item.position, record) for item in items for record in _records(item)]
    errors = [one.error_id for _, one in read if isinstance(one, ApiError)]
    umids = [one.umid for _, one in read if isinstance(one, Receipt | SendAnswer | Happening)]
    around = events.Happening.objects.visible_to(person).filter(umid__in=umids)
    seen = {
        *ErrorEvent.objects.visible_to(person)
        .filter(error_id__in=errors)
        .values_list("error_id", flat=True),
        *Message.objects.visible_to(person).filter(umid__in=umids).values_list("umid", flat=True),
        *around.values_list("umid", flat=True),
    }
    return [_one(position, record, seen) for position, record in read]


def _records(item: Item) -> tuple[Record, ...]:
    try:
        return parse(item.raw)
    except Unrecognised as why:
        return (BadPart(why.reason, why.detail),)


def _one(position: int, record: Record, seen: set[UUID]) -> Became:
    if isinstance(record, BadPart):
        return Became(position, "quarantine", None, title_of(record.reason))
    if isinstance(record, Ignored):
        return Became(position, "ignored", None, RULES[record.rule])
    if isinstance(record, ApiError):
        key = record.error_id if record.error_id in seen else None
        return Became(position, "error", key, f"API error {record.code}")
    if isinstance(record, AccountEvent):
        return Became(position, "account_event", None, _words(f"{record.kind} {record.status}"))
    key = record.umid if record.umid in seen else None
    if isinstance(record, Happening):
        return Became(position, "message", key, _words(f"{record.kind} {record.state}"))
    detail = record.detail if isinstance(record, Receipt) else ""
    return Became(position, "message", key, f"receipt: {record.state} {detail}".rstrip())


def _words(told: str) -> str:
    return told.replace("_", " ").strip()
