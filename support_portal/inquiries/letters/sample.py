"""What letters are made of, as plain values; texts of others are as they came but for their numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from support_portal.inquiries.letters.counts import Counts

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """One piece of evidence; what is not known is "" or None."""

    record_id: UUID
    held: bool = True
    error_id: UUID | None = None
    umid: UUID | None = None
    batch_id: UUID | None = None
    at: datetime | None = None  # of the error; of a message, when it was accepted
    state_at: datetime | None = None
    code: int | None = None
    registry: str = ""
    ambiguous: bool = False
    meaning: str = ""
    http_status: int | None = None
    endpoint: str = ""
    text: str = ""
    sub_account: str = ""
    channel: str = ""
    sender: str = ""
    recipient: str = ""  # masked
    country: str = ""
    operator: str = ""
    state: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed or chose, and what we are called."""

    reference: str
    kind: str  # a key of TEMPLATES
    severity: str
    request_type: str
    subject: str = ""
    question: str = ""
    body: str = ""
    ruled_out: str = ""  # a line for each
    expectation: str = ""
    account: str = ""
    signature: str = ""
    counts: Counts | None = None
    # Of a letter that adds evidence to one that has left: when that was, and 8x8's number for it.
    follows: datetime | None = None
    ticket: str = ""


def freshest_first(samples: Iterable[Sample]) -> list[Sample]:
    """Return samples by their time, those without one last."""
    return sorted(samples, key=lambda each: (each.at or _LONG_AGO, each.record_id), reverse=True)
