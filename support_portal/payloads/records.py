"""What a payload becomes once it is understood: frozen records, and the one refusal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

# Where a status was read that came without a time and, as far as is known, never has a code.
SEND_ANSWER = "send_answer"


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
    operator: str = ""


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """What the answer to a send request says of a message: a status, but not since when."""

    umid: UUID
    state: str
    error_message: str = ""
    channel: str = ""
    sub_account: str = ""
    batch_id: UUID | None = None
    client_message_id: str = ""
    client_batch_id: str = ""
    destination: str = ""

    def at(self, moment: datetime) -> Receipt:
        """Return the receipt this is, once a time for it is chosen."""
        return Receipt(
            umid=self.umid,
            state=self.state,
            detail="",
            occurred_at=moment,
            error_message=self.error_message,
            context=SEND_ANSWER,
            channel=self.channel,
            sub_account=self.sub_account,
            batch_id=self.batch_id,
            client_message_id=self.client_message_id,
            client_batch_id=self.client_batch_id,
            destination=self.destination,
        )


@dataclass(frozen=True, slots=True)
class Happening:
    """Something around a message, a call or a question that is not a status of a message."""

    umid: UUID  # of the inbound message itself; else of the message, call or question concerned
    kind: (
        str  # inbound, app_message, click, survey_answer, number_lookup, voice_session, voice_call
    )
    occurred_at: datetime
    mark: str = ""  # tells it from others of its kind under the same umid
    about: UUID | None = None  # the message that it answers or belongs to
    channel: str = ""
    sub_account: str = ""
    own_end: str = ""  # our number or channel
    person: str = ""  # the number of the other end
    content: str = ""  # what kind of content, never the content
    state: str = ""
    code: int | None = None
    context: str = ""  # decides the registry of the code
    text: str = ""  # 8x8's words about a failure


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something that happened to the account at a channel's provider, and to no message."""

    event_id: UUID
    kind: str
    occurred_at: datetime
    channel: str = ""
    account: str = ""
    business_account: str = ""
    template: str = ""
    language: str = ""
    number: str = ""  # our own number that it is about
    status: str = ""  # what happened, in 8x8's word
    before: str = ""
    after: str = ""
    reason: str = ""
    until: datetime | None = None

    @property
    def sub_account(self) -> str:
        """Return "": such an event concerns all sub-accounts of the account."""
        return ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A payload of no use to an agent, dropped under a rule of ``payloads.ignoring``."""

    rule: str


@dataclass(frozen=True, slots=True)
class BadPart:
    """A part of a payload that cannot be recorded while its other parts can."""

    reason: str  # a slug to group by
    detail: str  # a sentence to read


Fact = ApiError | Receipt | SendAnswer | Happening | AccountEvent
Record = Fact | Ignored | BadPart
