"""The voices for colleagues: everything for our engineers, and the record in short for a ticket."""

from support_portal.dashboard.voices.evidence import Evidence
from support_portal.dashboard.voices.provider import evidence_for_8x8
from support_portal.dashboard.voices.wording import code, identifier, moment, recipient, state
from support_portal.writing.documents import (
    Address,
    Block,
    Document,
    Fact,
    Facts,
    Quote,
    Steps,
    Words,
)


def for_engineers(evidence: Evidence) -> Document:
    """Return everything, with what only we know: the service, its ids, the delivery, the links."""
    return Document(
        evidence.title,
        (
            Words(evidence.verdict.lead),
            *_quoted(evidence),
            evidence_for_8x8(evidence),
            Facts(
                (
                    Fact("Service", evidence.service),
                    Fact("clientBatchId", evidence.client_batch_id),
                    Fact("Requested", moment(evidence.requested_at)),
                    Fact("Received by us", moment(evidence.received_at)),
                    Fact("Came again", f"{evidence.repeats}×" if evidence.repeats else ""),
                    Fact("Delivery", identifier(evidence.delivery_id)),
                    Fact("Item in it", str(evidence.position) if evidence.delivery_id else ""),
                ),
                "Ours",
            ),
            *_why(evidence),
            Steps("Next steps", evidence.verdict.next_step),
            Address("Page", evidence.link),
            *((Address("Delivery", evidence.delivery_link),) if evidence.delivery_link else ()),
        ),
    )


def in_short(evidence: Evidence) -> Document:
    """Return what a colleague wants to see in a chat or a ticket: the answer first."""
    return Document(
        evidence.title,
        (
            Words(evidence.verdict.lead),
            *_quoted(evidence),
            Facts(
                (
                    Fact("errorId", identifier(evidence.error_id)),
                    Fact("umid", identifier(evidence.umid)),
                    Fact("Time", moment(evidence.at)),
                    Fact("Code", code(evidence.reading)),
                    Fact("Sub-account", evidence.sub_account),
                    Fact("Channel", evidence.channel),
                    Fact("Recipient", recipient(evidence)),
                    Fact("State", state(evidence.state, evidence.detail)),
                    Fact("Retry", evidence.verdict.retry_label),
                )
            ),
            Steps("Next steps", evidence.verdict.next_step),
            Address("Page", evidence.link),
        ),
    )


def _quoted(evidence: Evidence) -> tuple[Block, ...]:
    return (Quote("Text", evidence.text),) if evidence.text else ()


def _why(evidence: Evidence) -> tuple[Block, ...]:
    return (Words(evidence.reading.why),) if evidence.reading else ()
