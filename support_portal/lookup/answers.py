"""What machines are answered: one function for each shape, from rows to plain data.

Absent values are null.  Of a recipient only the masked number is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from support_portal.events import readings
from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
)
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.knowledge.models import Override
from support_portal.knowledge.opinions import Opinion, Opinions, opinions
from support_portal.lookup.addresses import (
    code_page,
    delivery_answer,
    delivery_page,
    error_page,
    message_page,
)
from support_portal.lookup.verdicts import verdict_of
from support_portal.reason_codes import (
    Context,
    Reading,
    Reason,
    Verdict,
    decode,
    look_up,
    registries,
)

Answer = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC, always with six decimals and Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verdict(told: Verdict) -> Answer:
    """Return whose problem it is, whether to retry, what to do and what to say."""
    return {
        "headline": told.headline,
        "whose": told.whose,
        "retry": told.retry,
        "retry_after": told.retry_after or None,
        "next_step": list(told.next_step),
        "customer_text": told.customer_text,
    }


def decoded(opinion: Opinion) -> Answer:
    """Return what a number means where it was read, and how that was decided.

    The verdict is that of the team where the team says otherwise; ``tables_verdict`` is then what
    the tables say.
    """
    reading = opinion.reading
    return {
        "registry": reading.registry or None,
        "code": reading.code,
        "name": reading.name,
        "known": reading.known,
        "ambiguous": reading.ambiguous,
        "why": reading.why,
        "other_readings": meanings(reading.other_readings),
        "contradictions": [each.text for each in reading.contradictions],
        "verdict": verdict(verdict_of(reading)),
        "tables_verdict": verdict(opinion.official.verdict) if opinion.changes else None,
        "team": [_team(each) for each in opinion.overrides],
        "url": code_page(reading.home, reading.code) if reading.home else None,
    }


def _team(said: Override) -> Answer:
    return {
        "reason": said.reason,
        "author": said.author.get_full_name() or said.author.get_username(),
        "made_at": time(said.made_at),
        "operator": said.operator or None,
        "country": said.country or None,
    }


def meanings(reasons: Iterable[Reason]) -> list[Answer]:
    """Return the names that other registries have for a number."""
    return [{"registry": reason.registry, "name": reason.name} for reason in reasons]


def error(
    event: ErrorEvent, variants: Iterable[ErrorVariant] = (), team: Opinions | None = None
) -> Answer:
    """Return an API error with its context, decoded; ``variants`` are contradicting reports.

    ``team`` is what the team says, when it has been read with other things.
    """
    reading = readings.of_error(event)
    team = opinions([reading]) if team is None else team
    return {
        "error_id": str(event.error_id),
        "code": event.code,
        "message": event.message or None,
        "occurred_at": time(event.occurred_at),
        "received_at": time(event.received_at),
        "repeats": event.repeats,
        "context": _context(event),
        "decoded": decoded(team.on(reading, country=event.country)),
        "variants": [_variant(one) for one in variants],
        "delivery": str(event.delivery_id),
        "url": error_page(event.error_id),
        "message_url": message_page(event.umid) if event.umid else None,
    }


def _context(event: ErrorEvent) -> Answer:
    return {
        "http_status": event.http_status,
        "method": event.method or None,
        "path": event.path or None,
        "sub_account": event.sub_account or None,
        "umid": _id(event.umid),
        "batch_id": _id(event.batch_id),
        "client_message_id": event.client_message_id or None,
        "client_batch_id": event.client_batch_id or None,
        "channel": event.channel or None,
        "destination": event.destination_masked or None,
        "country": event.country or None,
        "service": event.service or None,
        "requested_at": time(event.requested_at),
    }


def _variant(told: ErrorVariant) -> Answer:
    return {
        "code": told.code,
        "message": told.message or None,
        "occurred_at": time(told.occurred_at),
        "received_at": time(told.received_at),
        "repeats": told.repeats,
        "delivery": str(told.delivery_id),
    }


def receipt(told: DeliveryReceipt, of: Message, team: Opinions) -> Answer:
    """Return one status change of a message, decoded where it has a code."""
    reading = _status(told.context, told.channel, told.error_code)
    return {
        "state": told.state,
        "detail": told.detail or None,
        "channel": told.channel or None,
        "step": told.step or None,
        "occurred_at": time(told.occurred_at),
        "received_at": time(told.received_at),
        "error_code": told.error_code,
        "error_message": told.error_message or None,
        "provider_code": told.provider_code or None,
        "repeats": told.repeats,
        "decoded": _of_message(reading, of, team),
        "delivery": str(told.delivery_id),
    }


def message(
    told: Message,
    receipts: Iterable[DeliveryReceipt],
    errors: Iterable[ErrorEvent],
    around: Iterable[Happening] = (),
) -> Answer:
    """Return a message with its receipts, what happened around it, and the errors that name it."""
    receipts, errors, around = list(receipts), list(errors), list(around)
    reading = readings.of_message(told)
    team = opinions(
        [
            reading,
            *(_status(one.context, one.channel, one.error_code) for one in receipts),
            *map(readings.of_error, errors),
            *map(readings.of_happening, around),
        ]
    )
    return {
        "umid": str(told.umid),
        "state": told.state,
        "detail": told.detail or None,
        "channel": told.channel or None,
        "sub_account": told.sub_account or None,
        "destination": told.destination_masked or None,
        "country": told.country or None,
        "source": told.source or None,
        "operator": told.operator or None,
        "batch_id": _id(told.batch_id),
        "client_message_id": told.client_message_id or None,
        "client_batch_id": told.client_batch_id or None,
        "first_at": time(told.first_at),
        "state_at": time(told.state_at),
        "error_code": told.error_code,
        "decoded": _of_message(reading, told, team),
        "receipts": [receipt(one, told, team) for one in receipts],
        "receipts_total": told.receipts,
        "errors": [error(one, team=team) for one in errors],
        "around": [happening(one, team) for one in around],
        "url": message_page(told.umid),
    }


def _of_message(reading: Reading | None, told: Message, team: Opinions) -> Answer | None:
    if reading is None:
        return None
    return decoded(team.on(reading, operator=told.operator, country=told.country))


def happening(told: Happening, team: Opinions) -> Answer:
    """Return what happened around a message; its text is never told."""
    reading = readings.of_happening(told)
    return {
        "kind": told.kind,
        "umid": str(told.umid),
        "about": _id(told.about),
        "occurred_at": time(told.occurred_at),
        "received_at": time(told.received_at),
        "channel": told.channel or None,
        "sub_account": told.sub_account or None,
        "own_end": told.own_end or None,
        "number": told.destination_masked or None,
        "country": told.country or None,
        "content": told.content or None,
        "state": told.state or None,
        "code": told.code,
        "decoded": decoded(team.on(reading, country=told.country)) if reading else None,
        "repeats": told.repeats,
        "delivery": str(told.delivery_id),
    }


def code(registry: str, number: int) -> Answer:
    """Return what a registry says about a number, and what the others say."""
    reading = look_up(registries()[registry], number)
    opinion = opinions([reading]).on(reading)
    reason, shown = reading.reason, opinion.reading
    return {
        "registry": registry,
        "code": number,
        "name": shown.name,
        "known": reason is not None,
        "detail": (reason.detail or None) if reason else None,
        "verdict": verdict(verdict_of(shown)),
        "tables_verdict": verdict(reading.verdict) if opinion.changes else None,
        "team": [_team(each) for each in opinion.overrides],
        "source": reason.source if reason else None,
        "source_date": reason.source_date.isoformat() if reason else None,
        "collisions": meanings(reading.other_readings),
        "url": code_page(registry, number) if reason else None,
    }


def delivery(
    kept: Delivery,
    set_aside: Sequence[QuarantineEntry],
    *,
    more: bool = False,
    by_rule: Mapping[str, int] | None = None,
    before: int | None = None,
) -> Answer:
    """Return what became of a delivery; ``set_aside`` are its items in quarantine."""
    return {
        "id": str(kept.id),
        "state": kept.state,
        "source": kept.source,
        "size": kept.size,
        "received_at": time(kept.received_at),
        "drained_at": time(kept.drained_at),
        "waiting_before": before,
        "recorded": kept.recorded,
        "repeated": kept.repeated,
        "ignored": kept.ignored,
        "ignored_by_rule": dict(by_rule or {}),
        "quarantined": [
            {
                "reason": entry.reason,
                "position": entry.position,
                "detail": entry.detail,
                "state": entry.state,
            }
            for entry in set_aside
        ],
        "quarantined_total": kept.quarantined,
        "next": delivery_answer(kept.id, after=set_aside[-1].position) if more else None,
        "url": delivery_page(kept.id),
    }


def _status(context: str, channel: str, number: int | None) -> Reading | None:
    return None if number is None else decode(Context(context), channel, number)


def _id(value: object) -> str | None:
    return None if value is None else str(value)
