"""The letter of an inquiry as it stands."""

from datetime import datetime

from django.conf import settings

from support_portal.inquiries.counting import counts_of
from support_portal.inquiries.letters import Draft, Sample, compose
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.services import person_name
from support_portal.writing import Document


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


def samples_of(inquiry: Inquiry, *, until: datetime | None = None) -> list[Sample]:
    """Return the evidence in the order in which it was added, or what was there at a time."""
    rows = inquiry.evidence.order_by("id")
    return [row.sample for row in (rows.filter(added_at__lte=until) if until else rows)]


def letter_of(inquiry: Inquiry, samples: list[Sample] | None = None) -> Document:
    """Return the letter under its subject."""
    return compose(draft_of(inquiry), samples_of(inquiry) if samples is None else samples)
