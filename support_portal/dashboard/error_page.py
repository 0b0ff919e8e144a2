"""Everything on the page of one error, in a fixed number of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.dashboard import answers, clock, deaf
from support_portal.dashboard.account_words import rows_for
from support_portal.dashboard.raw import masked_text, raw_payload
from support_portal.dashboard.thread import CommentForm, Thread, thread_about
from support_portal.events import readings
from support_portal.events.models import DeliveryReceipt, ErrorEvent, ErrorVariant, Message
from support_portal.events.timeline import reading as receipt_reading
from support_portal.payloads.forensics import examine
from support_portal.reason_codes import Context, Reading, decode

MOST_RECEIPTS = 500
MOST_VARIANTS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story: what happened, by which clock, how long after the line before."""

    kind: str  # request, error, received, receipt or comment
    at: datetime
    since_last: timedelta | None = None
    day: str = ""  # where another day begins
    receipt: DeliveryReceipt | None = None
    reading: Reading | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """How the same errorId was told differently."""

    code: int
    occurred_at: datetime
    received_at: datetime
    text: str


def error_context(
    error: ErrorEvent, user: User, *, asked_raw: bool, form: CommentForm | None = None
) -> dict[str, Any]:
    """Return what ``errors/detail.html`` shows."""
    thread = error_thread(error, user, form)
    receipts = _receipts(error, user)
    reading = readings.of_error(error)
    return {
        "error": error,
        "reading": reading,
        "http": _http(error),
        "path": masked_text(error.path),
        "text": masked_text(error.message),
        "answer": answers.for_reading(reading, masked_text(error.message)),
        "entries": _story(error, thread, receipts[:MOST_RECEIPTS]),
        "receipts_cut": len(receipts) > MOST_RECEIPTS,
        "message": _message(error, user),
        "deaf": deaf.beside(
            user,
            error.sub_account,
            min(error.occurred_at, error.received_at),
            max(error.occurred_at, error.received_at),
        ),
        "delay": error.received_at - error.occurred_at,
        "variants": _variants(error),
        "explains": rows_for(reading, user, error.occurred_at),
        "family": examine(error.error_id, error.occurred_at),
        "raw": raw_payload(error.delivery_id, error.position, asked=asked_raw),
        "asked_raw": asked_raw,
        "thread": thread,
    }


def error_thread(error: ErrorEvent, user: User, form: CommentForm | None = None) -> Thread:
    """Return the comments on an error."""
    action = reverse("errors:comment", args=[error.error_id])
    return thread_about("error", str(error.error_id), user, action, form)


def _http(error: ErrorEvent) -> Reading | None:
    """Decode the HTTP status in its own table: its 404 and the API's 1300 are two things."""
    if error.http_status is None:
        return None
    return decode(Context.HTTP_STATUS, "", error.http_status)


def _variants(error: ErrorEvent) -> list[Variant]:
    found = ErrorVariant.objects.filter(error_id=error.error_id).order_by("received_at", "digest")
    return [
        Variant(each.code, each.occurred_at, each.received_at, masked_text(each.message))
        for each in found[:MOST_VARIANTS]
    ]


def _receipts(error: ErrorEvent, user: User) -> list[DeliveryReceipt]:
    if error.umid is None:
        return []
    return list(DeliveryReceipt.objects.visible_to(user).of([error.umid])[: MOST_RECEIPTS + 1])


def _message(error: ErrorEvent, user: User) -> Message | None:
    if error.umid is None:
        return None
    return Message.objects.visible_to(user).filter(umid=error.umid).first()


def _story(error: ErrorEvent, thread: Thread, receipts: Sequence[DeliveryReceipt]) -> list[Entry]:
    entries = sorted(_entries(error, thread, receipts), key=lambda entry: entry.at)
    return [
        replace(entry, **_place(entry.at, entries[place - 1].at if place else None))
        for place, entry in enumerate(entries)
    ]


def _place(at: datetime, before: datetime | None) -> dict[str, Any]:
    """Say how long after the line before it comes, and on which day if that is another."""
    day = clock.day(at)
    if before is None:
        return {"day": day}
    return {"since_last": at - before, "day": "" if clock.day(before) == day else day}


def _entries(
    error: ErrorEvent, thread: Thread, receipts: Sequence[DeliveryReceipt]
) -> Iterator[Entry]:
    """Yield the lines; sorting is stable, so at one moment they keep this order."""
    if error.requested_at:
        yield Entry("request", error.requested_at)
    yield Entry("error", error.occurred_at)
    yield Entry("received", error.received_at)
    for receipt in receipts:
        yield Entry(
            "receipt", receipt.occurred_at, receipt=receipt, reading=receipt_reading(receipt)
        )
    for remark in thread.remarks:
        yield Entry("comment", remark.created_at, author=remark.author)
