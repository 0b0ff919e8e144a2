"""What machines are answered: one function for each shape, from rows to plain data.

Absent values are null.  Of a recipient only the masked number is told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, overload
from uuid import UUID

from support_portal.events import readings
from support_portal.events.explaining import Explanation
from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
)
from support_portal.ingest.listening.models import DeafInterval, DeafKind
from support_portal.ingest.models import Delivery, DeliveryState, QuarantineEntry
from support_portal.knowledge.models import Override
from support_portal.knowledge.opinions import Opinion, Opinions, opinions
from support_portal.lookup import shapes
from support_portal.lookup.addresses import (
    code_page,
    delivery_answer,
    delivery_page,
    error_page,
    message_page,
)
from support_portal.payloads.forensics import IdFamily, examine
from support_portal.reason_codes import (
    Context,
    Reading,
    Reason,
    Verdict,
    decode,
    look_up,
    registries,
)

_KINDS: dict[DeafKind, Literal["down", "refused", "silent"]] = {
    DeafKind.DOWN: "down",
    DeafKind.REFUSED: "refused",
    DeafKind.SILENT: "silent",
}


@dataclass(frozen=True, slots=True)
class Held:
    """What is held under a umid."""

    umid: UUID
    message: Message | None
    receipts: Sequence[DeliveryReceipt]
    errors: Sequence[ErrorEvent]
    around: Sequence[Happening]

    @property
    def place(self) -> Message | Happening | ErrorEvent:
        """Return the record that tells where it belongs: its own, else what happened under its id."""
        if self.message:
            return self.message
        own = [each for each in self.around if each.umid == self.umid]
        return next(iter(own or self.around), None) or self.errors[0]

    @property
    def operator(self) -> str:
        """Return the recipient's operator, as far as it was told."""
        return self.message.operator if self.message else ""

    @property
    def at(self) -> datetime:
        """Return when it began."""
        place = self.place
        return place.first_at if isinstance(place, Message) else place.occurred_at

    def readings(self) -> Iterator[Reading | None]:
        """Yield what every code in it means."""
        yield readings.of_message(self.message) if self.message else None
        yield from (_status(one.context, one.channel, one.error_code) for one in self.receipts)
        yield from map(readings.of_error, self.errors)
        yield from map(readings.of_happening, self.around)


@overload
def time(moment: datetime) -> str: ...
@overload
def time(moment: datetime | None) -> str | None: ...
def time(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC, always with six decimals and Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verdict(told: Verdict) -> shapes.VerdictShape:
    """Return whose problem it is, whether to retry, what to do and what to say."""
    return {
        "headline": told.headline,
        "whose": told.whose,
        "retry": told.retry,
        "retry_after": told.retry_after or None,
        "next_step": list(told.next_step),
        "customer_text": told.customer_text,
    }


def decoded(opinion: Opinion) -> shapes.DecodedShape:
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
        "verdict": verdict(reading.verdict),
        "tables_verdict": verdict(opinion.official.verdict) if opinion.changes else None,
        "team": [_team(each) for each in opinion.overrides],
        "url": code_page(reading.home, reading.code) if reading.home else None,
    }


def _team(said: Override) -> shapes.TeamShape:
    return {
        "reason": said.reason,
        "author": said.author.get_full_name() or said.author.get_username(),
        "made_at": time(said.made_at),
        "operator": said.operator or None,
        "country": said.country or None,
    }


def meanings(reasons: Iterable[Reason]) -> list[shapes.MeaningShape]:
    """Return the names that other registries have for a number."""
    return [{"registry": reason.registry, "name": reason.name} for reason in reasons]


def error(
    event: ErrorEvent, variants: Iterable[ErrorVariant] = (), team: Opinions | None = None
) -> shapes.ErrorShape:
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


def _context(event: ErrorEvent) -> shapes.ContextShape:
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


def _variant(told: ErrorVariant) -> shapes.VariantShape:
    return {
        "code": told.code,
        "message": told.message or None,
        "occurred_at": time(told.occurred_at),
        "received_at": time(told.received_at),
        "repeats": told.repeats,
        "delivery": str(told.delivery_id),
    }


def receipt(told: DeliveryReceipt, of: Held, team: Opinions) -> shapes.ReceiptShape:
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
    held: Held,
    *,
    explained_by: Iterable[Explanation],
    not_heard: Iterable[DeafInterval],
    team: Opinions,
) -> shapes.MessageShape:
    """Return a message with its receipts, what happened around it, and the errors that name it.

    Without receipts there is no message row; what happened tells where it belongs.
    """
    told, place = held.message, held.place
    reading = readings.of_message(told) if told else None
    return {
        "umid": str(held.umid),
        "state": told.state if told else None,
        "detail": (told.detail or None) if told else None,
        "channel": place.channel or None,
        "sub_account": place.sub_account or None,
        "destination": place.destination_masked or None,
        "country": place.country or None,
        "source": (told.source or None) if told else None,
        "operator": held.operator or None,
        "batch_id": _id(told.batch_id) if told else None,
        "client_message_id": (told.client_message_id or None) if told else None,
        "client_batch_id": (told.client_batch_id or None) if told else None,
        "first_at": time(told.first_at) if told else None,
        "state_at": time(told.state_at) if told else None,
        "error_code": told.error_code if told else None,
        "decoded": _of_message(reading, held, team),
        "receipts": [receipt(one, held, team) for one in held.receipts],
        "receipts_total": told.receipts if told else 0,
        "errors": [error(one, team=team) for one in held.errors],
        "around": [happening(one, team) for one in held.around],
        "explained_by": [account_event(each) for each in explained_by],
        "not_heard": [deaf(each) for each in not_heard],
        "id_hint": id_hint(examine(held.umid, held.at)),
        "url": message_page(held.umid),
    }


def _of_message(reading: Reading | None, held: Held, team: Opinions) -> shapes.DecodedShape | None:
    if reading is None:
        return None
    return decoded(team.on(reading, operator=held.operator, country=held.place.country))


def account_event(told: Explanation) -> shapes.AccountEventShape:
    """Return an event of the account that may explain a code."""
    event = told.event
    return {
        "kind": event.kind,
        "status": event.status or None,
        "occurred_at": time(event.occurred_at),
        "template": event.template or None,
        "why": told.why,
    }


def deaf(interval: DeafInterval) -> shapes.NotHeardShape:
    """Return a time in which we did not hear."""
    return {
        "kind": _KINDS[DeafKind(interval.kind)],
        "began_at": time(interval.began_at),
        "ended_at": time(interval.ended_at),
        "lost_until": time(interval.lost_until),
        "note": interval.note or None,
    }


def id_hint(family: IdFamily) -> shapes.IdShape:
    """Return what an id tells of itself."""
    return {
        "family": family.family,
        "embedded_at": time(family.embedded_at),
        "agrees": family.agrees,
        "agreement": family.agreement,
    }


def happening(told: Happening, team: Opinions) -> shapes.HappeningShape:
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


def code(registry: str, number: int) -> shapes.CodeAnswer:
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
        "verdict": verdict(shown.verdict),
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
) -> shapes.DeliveryAnswer:
    """Return what became of a delivery; ``set_aside`` are its items in quarantine."""
    return {
        "id": str(kept.id),
        "state": "done" if kept.state == DeliveryState.DONE else "pending",
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
