"""Evidence as it is at this moment, read from what the reader may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from support_portal.events import readings
from support_portal.events.models import ErrorEvent, Message, Reader
from support_portal.inquiries.models import Evidence
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Context, Reading, decode

LONGEST_TEXT = 2_000


class Named(StrEnum):
    """What the id of a piece of evidence is called; for one without a name both are tried."""

    ERROR = "error_id"
    MESSAGE = "umid"
    BATCH = "batch_id"
    ANY = "uuid"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An id to add; ``at`` is the time that was pasted with it, for what we do not hold."""

    name: Named
    value: UUID
    at: datetime | None = None


def freeze(wanted: Sequence[Wanted], reader: Reader) -> list[Evidence]:
    """Return evidence without its inquiry, in at most three queries; each id once."""
    ids = {each.value for each in wanted if each.name is not Named.BATCH}
    errors = _errors(ids, reader)
    umids = ids | {error.umid for error in errors.values() if error.umid}
    messages = _messages(umids, reader)
    return [
        Evidence(**_columns(each, errors, messages))
        for each in {each.value: each for each in wanted}.values()
    ]


def told_by_hand(at: datetime | None, code: int | None, *, is_error: bool) -> dict[str, Any]:
    """Return what a person knows about an id that we do not hold, as columns."""
    if code is None:
        return {"at": at}
    return {"at": at} | _coded(decode(Context.API_ERROR if is_error else Context.BARE, "", code))


def _errors(ids: set[UUID], reader: Reader) -> dict[UUID, ErrorEvent]:
    rows = ErrorEvent.objects.visible_to(reader).filter(error_id__in=ids)
    return {row.error_id: row for row in rows}


def _messages(umids: set[UUID], reader: Reader) -> dict[UUID, Message]:
    rows = Message.objects.visible_to(reader).filter(umid__in=umids)
    return {row.umid: row for row in rows}


def _columns(
    wanted: Wanted, errors: dict[UUID, ErrorEvent], messages: dict[UUID, Message]
) -> dict[str, Any]:
    error, message = errors.get(wanted.value), messages.get(wanted.value)
    if wanted.name is Named.BATCH:
        error = message = None
    if error and wanted.name is not Named.MESSAGE:
        about = _error(error, messages.get(error.umid) if error.umid else None)
    elif message:
        about = _message(message)
    elif error:
        about = _error(error, None)
    else:
        name = "record_id" if wanted.name is Named.ANY else wanted.name.value
        about = {"held": False, "at": wanted.at, name: wanted.value}
    return {"record_id": wanted.value} | about


def _error(error: ErrorEvent, message: Message | None) -> dict[str, Any]:
    reading = readings.of_error(error)
    return {
        "held": True,
        "error_id": error.error_id,
        "umid": error.umid,
        "batch_id": error.batch_id,
        "at": error.occurred_at,
        "http_status": error.http_status,
        "endpoint": masked_text(f"{error.method} {error.path}".strip())[:1200],
        "text": masked_text(error.message)[:LONGEST_TEXT],
        **_coded(reading, error.group_id),
        **_place(error),
        **(_sent(message) if message else {}),
    }


def _message(message: Message) -> dict[str, Any]:
    reading = readings.of_message(message)
    coded = _coded(reading) if reading else {"cluster": f"state:{message.state}"[:80]}
    return {
        "held": True,
        "umid": message.umid,
        "batch_id": message.batch_id,
        "at": message.first_at,
        "state_at": message.state_at,
        **coded,
        **_place(message),
        **_sent(message),
    }


def _coded(reading: Reading, group_id: int = 0) -> dict[str, Any]:
    return {
        "code": reading.code,
        "registry": reading.registry,
        "ambiguous": reading.ambiguous,
        "meaning": reading.name[:200] if reading.known else "",
        "cluster": cluster_of(reading, group_id),
    }


def cluster_of(reading: Reading, group_id: int = 0) -> str:
    """Return what evidence that is alike has in common: one code, and one group of errors."""
    place = reading.home or "code"
    return f"{place}:{reading.code}" + (f":{group_id}" if group_id else "")


def _place(row: ErrorEvent | Message) -> dict[str, Any]:
    return {
        "sub_account": row.sub_account,
        "channel": row.channel,
        "recipient": row.destination_masked,
        "country": row.country,
    }


def _sent(message: Message) -> dict[str, Any]:
    return {
        "sender": masked_text(message.source)[:100],
        "operator": message.operator,
        "state": message.state,
        "detail": message.detail,
    }


def ids(rows: Iterable[Evidence]) -> list[Wanted]:
    """Return what to freeze again for evidence that is there already."""
    return [Wanted(_name(row), row.record_id, row.at) for row in rows]


def _name(row: Evidence) -> Named:
    if row.record_id == row.batch_id:
        return Named.BATCH
    if row.record_id == row.error_id:
        return Named.ERROR
    return Named.MESSAGE if row.record_id == row.umid else Named.ANY
