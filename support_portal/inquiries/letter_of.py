"""What the letters of an inquiry are made of, as they stand or as they left."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from support_portal.inquiries.counting import counts_of
from support_portal.inquiries.letters import Draft, Sample, compose
from support_portal.inquiries.models import Inquiry, Letter
from support_portal.inquiries.services import person_name
from support_portal.writing import Document


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is said and the evidence for it."""

    draft: Draft
    samples: list[Sample]

    @property
    def document(self) -> Document:
        """Return the letter under its subject."""
        return compose(self.draft, self.samples)


def draft_of(inquiry: Inquiry) -> Draft:
    """Return what a person typed, as letters take it."""
    return Draft(
        reference=inquiry.reference,
        kind=inquiry.kind,
        severity=inquiry.get_severity_display(),
        request_type=inquiry.get_request_type_display(),
        subject=inquiry.subject,
        question=inquiry.question,
        body=inquiry.body,
        ruled_out=inquiry.ruled_out,
        expectation=inquiry.expectation,
        account=settings.INQUIRY_ACCOUNT,
        signature=person_name(inquiry.created_by),
        counts=counts_of(inquiry),
    )


def samples_of(
    inquiry: Inquiry, *, since: datetime | None = None, until: datetime | None = None
) -> list[Sample]:
    """Return the evidence in the order in which it was added, or what was added between two times."""
    rows = inquiry.evidence.order_by("id")
    rows = rows.filter(added_at__gt=since) if since else rows
    return [row.sample for row in (rows.filter(added_at__lte=until) if until else rows)]


def whole(inquiry: Inquiry, samples: list[Sample] | None = None) -> Outgoing:
    """Return the letter of a draft."""
    return Outgoing(draft_of(inquiry), samples_of(inquiry) if samples is None else samples)


def further(inquiry: Inquiry, before: Letter, words: str, signature: str) -> Outgoing:
    """Return the letter with what was added since ``before`` left, and no word of what that said."""
    return Outgoing(
        _adding(inquiry, before, words, signature), samples_of(inquiry, since=before.frozen_at)
    )


def as_left(letter: Letter) -> Outgoing:
    """Return what a letter was made of; its evidence stays in its inquiry."""
    inquiry, before = letter.inquiry, letter.follows
    if before is None:
        return whole(inquiry, samples_of(inquiry, until=letter.frozen_at))
    samples = samples_of(inquiry, since=before.frozen_at, until=letter.frozen_at)
    return Outgoing(_adding(inquiry, before, letter.words, letter.who), samples)


def _adding(inquiry: Inquiry, before: Letter, words: str, signature: str) -> Draft:
    return Draft(
        reference=inquiry.reference,
        kind=inquiry.kind,
        severity=inquiry.get_severity_display(),
        request_type=inquiry.get_request_type_display(),
        subject=inquiry.subject,
        body=words,
        account=settings.INQUIRY_ACCOUNT,
        signature=signature,
        follows=before.frozen_at,
        ticket=inquiry.ticket,
    )
