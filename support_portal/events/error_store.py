"""Storing API errors: one row an errorId, contradictions beside it, repeats counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from support_portal.core.bulk import find_rows, increment, insert_rows
from support_portal.events import group_store, word_store
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.identity import contradicts, error_digest
from support_portal.events.likeness import likeness
from support_portal.events.models import ErrorEvent, ErrorVariant
from support_portal.events.recipients import address, recipient, recipients
from support_portal.events.tally import ErrorTraits, Tally, minute
from support_portal.events.word_store import Told
from support_portal.payloads import ApiError

Arrival = Arrived[ApiError]
FIELDS = (
    "error_id",
    "code",
    "message",
    "occurred_at",
    "received_at",
    "repeats",
    "delivery_id",
    "position",
    "http_status",
    "method",
    "path",
    "sub_account",
    "channel",
    "umid",
    "batch_id",
    "client_message_id",
    "client_batch_id",
    "service",
    "requested_at",
    "country",
    "destination_masked",
    "destination_digest",
    "destination_sealed",
)
# What only the sender of the request knows: a bare error may come first and its context later.
CONTEXT = FIELDS[FIELDS.index("http_status") :]
WHOM = FIELDS[FIELDS.index("country") :]
TOLD = tuple(name for name in CONTEXT if name not in WHOM)
VARIANT_FIELDS = ("digest", *FIELDS[: FIELDS.index("http_status")])
STORED = (*FIELDS, "group_id")


def store(errors: Sequence[Arrival], counted: Recorded, tally: Tally) -> Sequence[Arrival]:
    """Store new errors, count repeats, keep what contradicts, and add context told later.

    Returns the new ones.
    """
    if not errors:
        return ()
    first, again, contradicting = _sort(errors)
    _insert(first, tally)
    counted.new.update(arrival.delivery_id for arrival in first)
    counted.repeated.update(arrival.delivery_id for arrival in again)
    _count_repeats(again)
    _add_context(again, tally)
    _store_variants(contradicting, counted)
    return first


def _sort(errors: Sequence[Arrival]) -> tuple[list[Arrival], list[Arrival], list[Arrival]]:
    """Return the arrivals that are new, repeats, and contradictions."""
    ids = {arrival.record.error_id for arrival in errors}
    stored = find_rows(ErrorEvent, ("error_id", "code", "occurred_at"), "error_id", ids)
    known: dict[UUID, tuple[int, datetime]] = {
        error_id: (code, occurred_at) for error_id, code, occurred_at in stored
    }
    first, again, contradicting = [], [], []
    for arrival in errors:
        error = arrival.record
        told = known.get(error.error_id)
        if told is None:
            known[error.error_id] = (error.code, error.occurred_at)
            first.append(arrival)
        elif contradicts(error, *told):
            contradicting.append(arrival)
        else:
            again.append(arrival)
    return first, again, contradicting


def _insert(first: Sequence[Arrival], tally: Tally) -> None:
    alike = [
        likeness(error.code, error.method, error.path, error.message)
        for error in (arrival.record for arrival in first)
    ]
    groups = group_store.keep(alike)
    word_store.keep(
        Told(error.error_id, error.occurred_at, error.message, group_store.wording(one, group))
        for error, one, group in zip(
            (arrival.record for arrival in first), alike, groups, strict=True
        )
    )
    whom = recipients([arrival.record.destination for arrival in first])
    rows = []
    for arrival, group, addressed in zip(first, groups, whom, strict=True):
        error = arrival.record
        rows.append((*_told(arrival), *_context(error), *addressed, group))
        where = (error.sub_account, error.channel, addressed.country)
        traits = ErrorTraits(error.code, group, *where, error.http_status)
        tally[traits, minute(error.occurred_at)] += 1
    insert_rows(ErrorEvent, STORED, rows)


def _told(arrival: Arrival) -> tuple[object, ...]:
    """Return the values of FIELDS before CONTEXT."""
    error = arrival.record
    return (
        error.error_id,
        error.code,
        error.message,
        error.occurred_at,
        arrival.received_at,
        0,
        arrival.delivery_id,
        arrival.position,
    )


def _context(error: ApiError) -> tuple[Any, ...]:
    """Return the values of CONTEXT before WHOM."""
    return (
        error.http_status,
        error.method,
        error.path,
        error.sub_account,
        error.channel,
        error.umid,
        error.batch_id,
        error.client_message_id,
        error.client_batch_id,
        error.service,
        error.requested_at,
    )


def _count_repeats(again: Iterable[Arrival]) -> None:
    times = Counter((arrival.record.error_id,) for arrival in again)
    increment(ErrorEvent, "repeats", ("error_id",), times)


def _add_context(again: Sequence[Arrival], tally: Tally) -> None:
    telling = [arrival.record for arrival in again if _tells(arrival.record)]
    if not telling:
        return
    rows = ErrorEvent.objects.in_bulk([error.error_id for error in telling])
    changed: dict[UUID, ErrorEvent] = {}
    was: dict[UUID, ErrorTraits] = {}
    for error in telling:
        row = rows[error.error_id]
        before = _traits(row)
        if _fill(row, error):
            changed.setdefault(row.error_id, row)
            was.setdefault(row.error_id, before)
    _regroup(list(changed.values()))
    for row in changed.values():
        at = minute(row.occurred_at)
        tally[was[row.error_id], at] -= 1
        tally[_traits(row), at] += 1
    ErrorEvent.objects.bulk_update(changed.values(), (*CONTEXT, "group_id"), batch_size=200)


def _regroup(rows: Sequence[ErrorEvent]) -> None:
    """Group errors again after their endpoint was told."""
    alike = [likeness(row.code, row.method, row.path, row.message) for row in rows]
    groups = group_store.keep(alike)
    word_store.keep(
        Told(row.error_id, row.occurred_at, row.message, group_store.wording(one, group))
        for row, one, group in zip(rows, alike, groups, strict=True)
    )
    for row, group in zip(rows, groups, strict=True):
        row.group_id = group


def _traits(row: ErrorEvent) -> ErrorTraits:
    where = (row.sub_account, row.channel, row.country)
    return ErrorTraits(row.code, row.group_id, *where, row.http_status)


def _tells(error: ApiError) -> bool:
    return bool(error.destination) or any(getattr(error, name) for name in TOLD)


def _fill(row: ErrorEvent, error: ApiError) -> bool:
    """Fill what is still empty, and tell whether anything was; what is there stays."""
    empty = [name for name in TOLD if getattr(error, name) and not getattr(row, name)]
    for name in empty:
        setattr(row, name, getattr(error, name))
    if error.destination and not row.destination_masked:
        address(row, recipient(error.destination))
        return True
    return bool(empty)


def _store_variants(arrivals: Sequence[Arrival], counted: Recorded) -> None:
    """Keep each way in which an errorId was told differently, once, with its repeats."""
    if not arrivals:
        return
    ids = {arrival.record.error_id for arrival in arrivals}
    known = set(find_rows(ErrorVariant, ("error_id", "digest"), "error_id", ids))
    fresh: list[tuple[object, ...]] = []
    repeats: Counter[tuple[object, ...]] = Counter()
    for arrival in arrivals:
        error = arrival.record
        key = (error.error_id, error_digest(error.code, error.occurred_at))
        if key in known:
            repeats[key] += 1
            counted.repeated[arrival.delivery_id] += 1
            continue
        known.add(key)
        counted.new[arrival.delivery_id] += 1
        fresh.append((key[1], *_told(arrival)))
    insert_rows(ErrorVariant, VARIANT_FIELDS, fresh)
    increment(ErrorVariant, "repeats", ("error_id", "digest"), repeats)
