"""What a payload becomes once it is understood: frozen records, and the one refusal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct


class Unrecognised(Exception):
    """A payload that cannot be recorded, with a slug to group by and a sentence to read."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class Item(Struct, frozen=True, gc=False):
    """One payload inside a body that was received."""

    position: int
    raw: bytes
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A phone number in its three forms: shown, counted by country, and whole."""

    masked: str
    country: str
    number: str


class ApiError(Struct, frozen=True, gc=False):
    """An error answer of the 8x8 API, with what the sender told about the request."""

    error_id: UUID
    code: int
    message: str
    occurred_at: datetime
    http_status: int | None = None
    method: str = ""
    path: str = ""
    sub_account: str = ""
    umid: UUID | None = None
    batch_id: UUID | None = None
    client_message_id: str = ""
    client_batch_id: str = ""
    channel: str = ""
    destination: str = ""
    service: str = ""
    requested_at: datetime | None = None


class Receipt(Struct, frozen=True, gc=False):
    """One observed status of one message."""

    umid: UUID
    state: str
    detail: str
    occurred_at: datetime
    error_code: int | None = None
    error_message: str = ""
    provider_code: str = ""
    context: str = "sms_receipt"
    channel: str = ""
    step: int = 0
    sub_account: str = ""
    batch_id: UUID | None = None
    client_message_id: str = ""
    client_batch_id: str = ""
    destination: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A payload of no use to an agent, dropped under a rule of ``payloads.ignoring``."""

    rule: str


@dataclass(frozen=True, slots=True)
class BadPart:
    """A part of a payload that cannot be recorded while its other parts can."""

    reason: str  # a slug to group by
    detail: str  # a sentence to read


Fact = ApiError | Receipt
Record = Fact | Ignored | BadPart
