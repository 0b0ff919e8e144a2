"""A time for statuses that came without one: the answers to SMS send requests.

The first answer is taken to be true when it was received.  The same status told again for the same
message is that same answer, whenever it comes, so sending it twice is the same as sending it once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from support_portal.events import message_store, receipt_store
from support_portal.events.arrivals import Arrived
from support_portal.events.identity import receipt_digest
from support_portal.payloads import Receipt, SendAnswer
from support_portal.payloads.records import SEND_ANSWER


def timed(answers: Sequence[Arrived[SendAnswer]]) -> list[Arrived[Receipt]]:
    """Return the answers as receipts."""
    if not answers:
        return []
    messages = message_store.find({answer.record.umid for answer in answers})
    stored = receipt_store.find(message_store.spans(messages))
    known: dict[tuple[UUID, int], datetime] = {
        (told.umid, told.digest): told.occurred_at
        for receipts in stored.values()
        for told in receipts
        if told.context == SEND_ANSWER
    }
    for answer in answers:
        known.setdefault(_key(answer), answer.received_at)
    return [
        Arrived(
            answer.record.at(known[_key(answer)]),
            answer.received_at,
            answer.delivery_id,
            answer.position,
        )
        for answer in answers
    ]


def _key(answer: Arrived[SendAnswer]) -> tuple[UUID, int]:
    return answer.record.umid, receipt_digest(answer.record.at(answer.received_at))
