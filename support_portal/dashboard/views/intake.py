"""How the intake is doing, what it did not understand, and what became of a delivery."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.core.keyset import paginate
from support_portal.dashboard import clock, foreign, pieces
from support_portal.dashboard.views.listing import page_links, page_size
from support_portal.events.models import ErrorEvent, Message
from support_portal.ingest import services
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.selectors import IntakeStatus, intake_status
from support_portal.payloads import ApiError, Item, Receipt, Unrecognised, parse, split

REPLAY_LIMIT = 500  # a press; each item is a delivery of its own
ITEMS_SHOWN = 100
QUIET_AFTER = timedelta(hours=1)
REASONS = {
    "not_json": "Not JSON",
    "not_text": "Not text",
    "too_deep": "Nested too deeply",
    "no_error_id": "No errorId",
    "bad_error_id": "The errorId is no UUID",
    "bad_code": "The code is no number",
    "bad_time": "The time cannot be read",
    "no_umid": "No umid",
    "no_state": "No state",
    "unhandled_shape": "A shape we do not know",
    "unhandled_event": "An event we do not record",
    "refused": "Refused by the database",
    "unsealable": "Cannot be unsealed",
    "drain_failed": "Recording it failed",
}


@dataclass(frozen=True, slots=True)
class Health:
    """The one sentence on top of the intake page, and what to do about it."""

    tone: str
    title: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A quarantined item as the page shows it."""

    entry: QuarantineEntry
    title: str
    text: str
    withheld: str = ""  # why there is no text


@dataclass(frozen=True, slots=True)
class Became:
    """One item of a delivery, and what became of it."""

    position: int
    kind: str  # error, message or quarantine
    key: UUID | None  # None: it belongs to a sub-account that the reader does not look after
    words: str


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show whether all is well, the last deliveries, and what was not understood."""
    now = timezone.now()
    state = intake_status(now)
    page = paginate(
        Delivery.objects.order_by("-id").defer("body"),
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    return render(
        request,
        "intake/status.html",
        {
            "health": health(state, now),
            "state": state,
            "page": page,
            "links": page_links(request, page),
            "reasons": reasons(),
            "may_replay": _person(request).may("replay"),
        },
    )


@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what was not understood, newest first, with the reason and the masked text."""
    reason = request.GET.get("reason", "")
    waiting = QuarantineEntry.objects.waiting()
    chosen = waiting.filter(reason=reason) if _is_word(reason) else waiting
    page = paginate(chosen, cursor=request.GET.get("cursor", ""), size=25)
    return render(
        request,
        "intake/quarantine.html",
        {
            "entries": [_shown(entry, _person(request)) for entry in page],
            "page": page,
            "links": page_links(request, page),
            "reason": reason if _is_word(reason) else "",
            "title": title_of(reason) if _is_word(reason) else "",
            "reasons": reasons(),
            "may_replay": _person(request).may("replay"),
        },
    )


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Send quarantined items through the intake again: one, those of a reason, or all."""
    person = _person(request)
    if not person.may("replay"):
        raise PermissionDenied("Sending items through the intake again is for leads.")
    waiting = _asked_for(request)
    replayed = services.replay(waiting[:REPLAY_LIMIT], by=person.get_username())
    doorbell.ring()
    messages.success(request, _replayed(replayed, left=waiting.count()))
    return redirect(_back_to_list(request))


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
            "items": _became(_person(request), found, items[:ITEMS_SHOWN]),
            "total": len(items),
            "more": len(items) > ITEMS_SHOWN,
            "sealed": sealed,
        },
    )


def health(state: IntakeStatus, now: datetime) -> Health:
    """Say in one sentence how the intake is, the most urgent thing first."""
    if state.late:
        return Health(
            "warn",
            f"The intake is {clock.duration(state.lag_seconds)} behind.",
            (
                "Nothing is lost: what was sent is kept, and is read once the worker runs.",
                "Look whether the worker process runs and what it wrote last to its log.",
                "If it runs, look whether the disk is full or the database is busy.",
            ),
        )
    if state.last_received_at is None:
        return Health("info", "Nothing has been sent to us yet.", (_FIRST_DELIVERY,))
    quiet = now - state.last_received_at
    if quiet > QUIET_AFTER:
        return Health(
            "info",
            f"All that was sent is recorded. The last delivery came {clock.duration(quiet)} ago.",
            ("If more was expected, look at the sender: the webhook in 8x8 Connect, or the log.",),
        )
    if state.quarantined:
        return Health(
            "warn",
            "All is recorded but for what is in the quarantine.",
            ("Read the reasons below. After a mend, a lead can send the items through again.",),
        )
    return Health("ok", "All is well: everything that was sent is recorded.")


_NOT_FOR_ALL = "The text is shown to those who look after all sub-accounts."
_NO_KEY = "The text cannot be shown: the key that sealed it is not in the ring."
_FIRST_DELIVERY = "Give 8x8 the address of the webhook, or let a service post to the intake API."


def reasons() -> list[dict[str, Any]]:
    """Return the reasons of what waits, the most frequent first."""
    rows = (
        QuarantineEntry.objects.waiting()
        .order_by()
        .values("reason")
        .annotate(total=Count("id"), newest=Max("received_at"))
        .order_by("-total", "reason")
    )
    return [{**row, "title": title_of(row["reason"])} for row in rows]


def title_of(reason: str) -> str:
    """Return the words for a reason; one that we have no words for is shown as it is."""
    return REASONS.get(reason, reason.replace("_", " "))


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _is_word(reason: str) -> bool:
    return bool(reason) and len(reason) <= 40 and reason.isidentifier()


def _shown(entry: QuarantineEntry, person: User) -> Shown:
    """Show an item; whose it is was not understood, so not everybody may read it."""
    title = title_of(entry.reason)
    if person.sub_accounts is not None:
        return Shown(entry, title, "", _NOT_FOR_ALL)
    try:
        return Shown(entry, title, foreign.shown(sealing.unseal(entry.body)))
    except sealing.Unsealable:
        return Shown(entry, title, "", _NO_KEY)


def _asked_for(request: HttpRequest) -> QuerySet[QuarantineEntry]:
    """Return the waiting entries that the form names; none when it names nothing."""
    waiting = QuarantineEntry.objects.waiting()
    if entry := request.POST.get("entry"):
        try:
            return waiting.filter(pk=entry)
        except ValidationError:
            return waiting.none()
    reason = request.POST.get("reason", "")
    if _is_word(reason):
        return waiting.filter(reason=reason)
    return waiting if request.POST.get("all") == "yes" else waiting.none()


def _replayed(count: int, *, left: int) -> str:
    items = "1 item was" if count == 1 else f"{count:,} items were"
    rest = f" {left:,} of these still wait." if left else ""
    return f"{items} sent through the intake again.{rest}"


def _back_to_list(request: HttpRequest) -> str:
    reason = request.POST.get("back", "")
    address = reverse("intake:quarantine")
    return f"{address}?{urlencode({'reason': reason})}" if _is_word(reason) else address


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
        {"label": "Not understood", "value": f"{found.quarantined:,}"},
    ]  # fmt: skip


def _became(person: User, found: Delivery, items: Iterable[Item]) -> list[Became]:
    """Read the items once more and say what became of each, as far as ``person`` may see it."""
    read = [(item.position, _read(item)) for item in items]
    errors = [one.error_id for _, one in read if isinstance(one, ApiError)]
    umids = [one.umid for _, one in read if isinstance(one, Receipt)]
    seen = {
        *ErrorEvent.objects.visible_to(person)
        .filter(error_id__in=errors)
        .values_list("error_id", flat=True),
        *Message.objects.visible_to(person).filter(umid__in=umids).values_list("umid", flat=True),
    }
    return [_one(position, record, seen) for position, record in read]


def _read(item: Item) -> ApiError | Receipt | Unrecognised:
    try:
        return parse(item.raw)
    except Unrecognised as why:
        return why


def _one(position: int, record: ApiError | Receipt | Unrecognised, seen: set[UUID]) -> Became:
    if isinstance(record, Unrecognised):
        return Became(position, "quarantine", None, title_of(record.reason))
    if isinstance(record, ApiError):
        key = record.error_id if record.error_id in seen else None
        return Became(position, "error", key, f"API error {record.code}")
    key = record.umid if record.umid in seen else None
    return Became(position, "message", key, f"receipt: {record.state} {record.detail}".rstrip())
