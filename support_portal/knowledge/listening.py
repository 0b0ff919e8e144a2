"""Hearing what the drain records, for the inbox of what is new."""

from collections.abc import Iterator
from typing import Any

from support_portal.events.arrivals import Arrived, Told
from support_portal.events.signals import told
from support_portal.knowledge.noting import Place, Sighting, note
from support_portal.payloads import ApiError, Happening, Receipt
from support_portal.reason_codes import Context

CONTEXTS = frozenset(Context)
LONGEST_PROVIDER_CODE = 9  # digits


def connect() -> None:
    """Listen from now on."""
    told.connect(_hear, dispatch_uid="knowledge.drift")


def _hear(recorded: Told, **_: Any) -> None:
    note(sightings(recorded))


def sightings(recorded: Told) -> Iterator[Sighting]:
    """Yield every code among the facts, with where it was read and the message beside it."""
    for error in recorded.errors:
        yield _of_error(error)
    for receipt in recorded.receipts:
        yield from _of_receipt(receipt)
    for happening in recorded.happenings:
        yield from _of_happening(happening)


def _of_error(arrival: Arrived[ApiError]) -> Sighting:
    error = arrival.record
    place = Place(Context.API_ERROR, error.channel, error.code)
    return Sighting(place, error.message, "error", error.error_id, arrival.received_at)


def _of_receipt(arrival: Arrived[Receipt]) -> Iterator[Sighting]:
    receipt = arrival.record
    if receipt.error_code is not None and receipt.context in CONTEXTS:
        place = Place(receipt.context, receipt.channel, receipt.error_code)
        message = receipt.error_message
        yield Sighting(place, message, "message", receipt.umid, arrival.received_at)
    provider = receipt.provider_code
    if provider and provider.isdecimal() and len(provider) <= LONGEST_PROVIDER_CODE:
        place = Place(Context.WHATSAPP_PROVIDER, receipt.channel, int(provider))
        yield Sighting(place, "", "message", receipt.umid, arrival.received_at)


def _of_happening(arrival: Arrived[Happening]) -> Iterator[Sighting]:
    told = arrival.record
    if told.code is not None and told.context in CONTEXTS:
        place = Place(told.context, told.channel, told.code)
        yield Sighting(place, told.text, "message", told.umid, arrival.received_at)
