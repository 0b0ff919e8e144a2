"""What machines are told of inquiries: the shapes, and how rows become them."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypedDict

from msgspec import Meta

from support_portal.inquiries.gate import judge
from support_portal.inquiries.leaks import cleaned
from support_portal.inquiries.letters import Sample
from support_portal.inquiries.models import Inquiry, Kind, Letter, Passage, Reply, State, Way
from support_portal.lookup.addresses import inquiry_page
from support_portal.lookup.answers import time
from support_portal.lookup.shapes import Address, Id, Moment

KindWord = Annotated[str, Meta(extra_json_schema={"enum": Kind.values})]
StateWord = Annotated[str, Meta(extra_json_schema={"enum": State.values})]
WayWord = Annotated[str, Meta(extra_json_schema={"enum": Way.values})]
PassageWord = Annotated[str, Meta(extra_json_schema={"enum": Passage.values})]


class InquiryShape(TypedDict):
    """How an inquiry stands."""

    reference: str
    url: Address
    kind: KindWord
    state: StateWord
    subject: str
    author: str
    ticket: str | None
    due_on: str | None
    created_at: Moment
    saved_at: Moment
    evidence: int


class InquiriesAnswer(TypedDict):
    """A page of inquiries, the newest first; ``next`` is the cursor of the page after it."""

    inquiries: list[InquiryShape]
    next: str | None


class EvidenceShape(TypedDict):
    """One record as it was when it was added; numbers are masked."""

    id: Id
    held: bool
    error_id: Id | None
    umid: Id | None
    batch_id: Id | None
    at: Moment | None
    code: int | None
    registry: str | None
    meaning: str | None
    http_status: int | None
    endpoint: str | None
    text: str | None
    sub_account: str | None
    channel: str | None
    source: str | None
    destination: str | None
    country: str | None
    operator: str | None
    state: str | None
    detail: str | None


class LetterShape(TypedDict):
    """A letter as it left, or waits to."""

    way: WayWord
    further: bool  # it adds evidence to a letter before it
    state: PassageWord
    to: str
    subject: str
    message_id: str
    frozen_at: Moment
    sent_at: Moment | None
    problem: str | None


class ReplyShape(TypedDict):
    """What 8x8 answered."""

    at: Moment
    sender: str | None
    text: str


class InquiryAnswer(TypedDict):
    """An inquiry with all that belongs to it; ``blocking`` is what keeps a draft from leaving."""

    inquiry: InquiryShape
    to: str
    question: str
    body: str
    ruled_out: str
    expectation: str
    cause: str
    fix: str
    blocking: list[str]
    evidence: list[EvidenceShape]
    letters: list[LetterShape]
    replies: list[ReplyShape]


class AddedAnswer(TypedDict):
    """What came of adding: how many are new, were there already, and were too many."""

    inquiry: InquiryShape
    added: int
    already: int
    left_out: int


def inquiry_shape(inquiry: Inquiry, evidence: int) -> InquiryShape:
    """Return how an inquiry with so many pieces of evidence stands."""
    return {
        "reference": inquiry.reference,
        "url": inquiry_page(inquiry.pk),
        "kind": inquiry.kind,
        "state": inquiry.state,
        "subject": cleaned(inquiry.subject),
        "author": inquiry.created_by.get_username(),
        "ticket": inquiry.ticket or None,
        "due_on": inquiry.due_on.isoformat() if inquiry.due_on else None,
        "created_at": time(inquiry.created_at),
        "saved_at": time(inquiry.saved_at),
        "evidence": evidence,
    }


def whole(inquiry: Inquiry, letters: Sequence[Letter]) -> InquiryAnswer:
    """Return all of an inquiry; what may not leave in a letter is taken out unless a person let it pass."""
    samples = [row.sample for row in inquiry.evidence.order_by("id")]
    verdict = judge(inquiry, samples)
    blocking = verdict.blocking if inquiry.is_draft else []
    said = cleaned if verdict.leaks else str
    return {
        "inquiry": inquiry_shape(inquiry, len(samples)),
        "to": inquiry.to,
        "question": said(inquiry.question),
        "body": said(inquiry.body),
        "ruled_out": said(inquiry.ruled_out),
        "expectation": said(inquiry.expectation),
        "cause": cleaned(inquiry.cause),
        "fix": cleaned(inquiry.fix),
        "blocking": [each.title for each in blocking],
        "evidence": [_evidence(each, said) for each in samples],
        "letters": [_letter(each) for each in letters],
        "replies": [_reply(each) for each in inquiry.replies.order_by("at", "id")],
    }


def _evidence(row: Sample, said: Callable[[str], str]) -> EvidenceShape:
    return {
        "id": str(row.record_id),
        "held": row.held,
        "error_id": str(row.error_id) if row.error_id else None,
        "umid": str(row.umid) if row.umid else None,
        "batch_id": str(row.batch_id) if row.batch_id else None,
        "at": time(row.at),
        "code": row.code,
        "registry": row.registry or None,
        "meaning": said(row.meaning) or None,
        "http_status": row.http_status,
        "endpoint": said(row.endpoint) or None,
        "text": said(row.text) or None,
        "sub_account": said(row.sub_account) or None,
        "channel": said(row.channel) or None,
        "source": said(row.sender) or None,
        "destination": said(row.recipient) or None,
        "country": said(row.country) or None,
        "operator": said(row.operator) or None,
        "state": said(row.state) or None,
        "detail": said(row.detail) or None,
    }


def _letter(letter: Letter) -> LetterShape:
    return {
        "way": letter.way,
        "further": letter.follows_id is not None,
        "state": letter.state,
        "to": letter.to,
        "subject": cleaned(letter.subject),
        "message_id": letter.message_id,
        "frozen_at": time(letter.frozen_at),
        "sent_at": time(letter.sent_at),
        "problem": letter.problem or None,
    }


def _reply(reply: Reply) -> ReplyShape:
    return {
        "at": time(reply.at),
        "sender": cleaned(reply.sender) or None,
        "text": cleaned(reply.text),
    }
