"""The payload a record came from, as it was sent, with phone numbers masked."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from support_portal.core import sealing
from support_portal.core.composed import Composed
from support_portal.dashboard.pasted import cleaned
from support_portal.ingest.models import Delivery
from support_portal.payloads import phones, split
from support_portal.payloads.phones import masked_text

# A file of many items takes long to open; its items are opened when somebody asks for one.
OPENED_AT_ONCE = 256 * 2**10
LONGEST_SHOWN = 40_000
_DEEPEST = 60
_KEYS = frozenset(
    {"msisdn", "destination", "phonenumber", "phone", "mobile", "channeluserid", "to", "from"}
)


@dataclass(frozen=True, slots=True)
class RawPayload:
    """What the page shows of a payload: its text, or why there is none."""

    text: str = ""
    size: int = 0
    gone: bool = False  # pruned, or sealed with a key that is no longer here
    waits: bool = False  # part of a large delivery, opened on demand
    cut: bool = False
    is_json: bool = False
    sent: bytes = b""  # as it came, for who looks at its characters


_delivery = Composed(lambda id: Delivery.objects.filter(id=id).only("size", "body"))


def raw_payload(delivery_id: UUID, position: int, *, asked: bool) -> RawPayload:
    """Return one item of a delivery, and never the items beside it."""
    delivery = _delivery.first(delivery_id)
    if delivery is None:
        return RawPayload(gone=True)
    if delivery.size > OPENED_AT_ONCE and not asked:
        return RawPayload(waits=True)
    try:
        items = split(sealing.unseal(delivery.body))
    except sealing.Unsealable:
        return RawPayload(gone=True)
    if not 0 <= position < len(items):
        return RawPayload(gone=True)
    return _shown(items[position].raw)


def _shown(raw: bytes) -> RawPayload:
    text, is_json = masked_payload(raw)
    cut = len(text) > LONGEST_SHOWN
    return RawPayload(text[:LONGEST_SHOWN], len(raw), cut=cut, is_json=is_json, sent=raw)


def masked_payload(raw: bytes) -> tuple[str, bool]:
    """Return the payload as text, numbers masked, and whether it was JSON."""
    text = raw.decode(errors="replace")
    try:
        value = json.loads(text)
        masked = json.dumps(_masked(value, "", 0), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return cleaned(masked_text(text)), False
    return cleaned(masked), True


def _masked(value: Any, key: str, depth: int) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {masked_text(name): _masked(inner, name, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, key, depth + 1) for inner in value]
    if isinstance(value, str):
        return _masked_value(value, key)
    if isinstance(value, int) and key.lower() in _KEYS:
        return _masked_value(str(value), key)
    return value


def _masked_value(text: str, key: str) -> str:
    if key.lower() in _KEYS and (number := phones.normalise(text)):
        return phones.mask(number)
    return masked_text(text)
