"""What is known about an error or a message, as plain values that the voices choose from.

Texts of others are as they came but for their numbers, which are masked; the writers make them harmless.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from support_portal.reason_codes import Reading, Verdict


@dataclass(frozen=True, slots=True)
class Receipt:
    """One status change of a message."""

    at: datetime
    state: str
    detail: str = ""
    channel: str = ""
    code: str = ""  # with the table it was read in


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record; what is absent is "" or None."""

    title: str  # names the record without its id: API error 1300, Not found
    at: datetime
    received_at: datetime
    verdict: Verdict
    link: str
    error_id: UUID | None = None
    umid: UUID | None = None
    batch_id: UUID | None = None
    reading: Reading | None = None
    text: str = ""  # 8x8's words
    http_status: str = ""  # with its name
    endpoint: str = ""
    sub_account: str = ""
    channel: str = ""
    sender: str = ""
    recipient: str = ""  # masked
    country: str = ""
    operator: str = ""
    state: str = ""
    detail: str = ""
    final_awaited: bool = False  # a final receipt has not come
    receipts: tuple[Receipt, ...] = ()
    client_message_id: str = ""
    client_batch_id: str = ""
    service: str = ""
    requested_at: datetime | None = None
    repeats: int = 0
    delivery_id: UUID | None = None
    position: int = 0
    delivery_link: str = ""
