"""The voice for 8x8: all evidence by their names, nothing of our own services, and a question."""

from collections.abc import Mapping

from support_portal.dashboard.voices.evidence import Evidence, Receipt
from support_portal.dashboard.voices.wording import code, identifier, moment, recipient, state
from support_portal.reason_codes import Whose
from support_portal.writing.documents import Document, Fact, Facts, Quote, Words

_QUESTIONS: Mapping[Whose, str] = {
    Whose.OUR_REQUEST: "Which part of the request was refused, and what would you have accepted?",
    Whose.OUR_ACCOUNT: (
        "Which setting, permission or limit of our account caused this, and what has to change?"
    ),
    Whose.RECIPIENT: (
        "Does the cause lie with this recipient, and what exactly did the network answer?"
    ),
    Whose.OPERATOR: (
        "What did the operator answer, is it a known fault there, and will it be solved?"
    ),
    Whose.CHANNEL: "What did the provider of the channel answer, and is it a known fault there?",
    Whose.PLATFORM: "What failed on your side, is it solved, and may we send again?",
    Whose.UNKNOWN: "What happened here, and what was the cause?",
    Whose.NOBODY: "Can you confirm what happened here?",
}
_NOT_LISTED = "The code tables that we hold do not list this code. What does it mean, and what caused it here?"
_NO_FINAL = "We have not received a final receipt. Which state did this message reach in the end?"


def for_8x8(evidence: Evidence) -> Document:
    """Return what 8x8's support needs to find the record and to answer."""
    return Document(
        evidence.title,
        (
            evidence_for_8x8(evidence),
            *((Quote("Text", evidence.text),) if evidence.text else ()),
            *((_receipts(evidence.receipts),) if evidence.receipts else ()),
            Words(f"Our question: {question(evidence)}"),
        ),
    )


def evidence_for_8x8(evidence: Evidence) -> Facts:
    """Return the facts by the names of 8x8's documentation."""
    return Facts(
        (
            Fact("errorId", identifier(evidence.error_id)),
            Fact("umid", identifier(evidence.umid)),
            Fact("batchId", identifier(evidence.batch_id)),
            Fact("clientMessageId", evidence.client_message_id),
            Fact("Time", moment(evidence.at)),
            Fact("Code", code(evidence.reading)),
            Fact("HTTP status", evidence.http_status),
            Fact("Endpoint", evidence.endpoint),
            Fact("Sub-account", evidence.sub_account),
            Fact("Channel", evidence.channel),
            Fact("Sender", evidence.sender),
            Fact("Recipient", recipient(evidence)),
            Fact("Operator", evidence.operator),
            Fact("State", state(evidence.state, evidence.detail)),
        )
    )


def question(evidence: Evidence) -> str:
    """Return what we want to know."""
    if evidence.reading is not None and not evidence.reading.known:
        return _NOT_LISTED
    if evidence.final_awaited:
        return _NO_FINAL
    return _QUESTIONS[evidence.verdict.whose]


def _receipts(receipts: tuple[Receipt, ...]) -> Facts:
    return Facts(tuple(Fact(moment(each.at), _told(each)) for each in receipts), "Receipts")


def _told(receipt: Receipt) -> str:
    parts = (receipt.channel, state(receipt.state, receipt.detail), receipt.code)
    return ", ".join(part for part in parts if part)
