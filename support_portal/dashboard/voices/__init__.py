"""One record in three voices: for 8x8, for the customer, for our engineers; and in short for a colleague.

Pure: evidence goes in, a document comes out, and two writers make text of it.  A letter to 8x8 takes the
blocks of the voice for 8x8 and adds its own.
"""

from support_portal.dashboard.voices.customer import for_customer, internal_in
from support_portal.dashboard.voices.evidence import Evidence, Receipt
from support_portal.dashboard.voices.provider import evidence_for_8x8, for_8x8, question
from support_portal.dashboard.voices.team import for_engineers, in_short
from support_portal.writing.documents import Document, Fact, Facts, Quote, Steps, Words
from support_portal.writing.markdown import markdown
from support_portal.writing.plain import plain

__all__ = [
    "Document",
    "Evidence",
    "Fact",
    "Facts",
    "Quote",
    "Receipt",
    "Steps",
    "Words",
    "evidence_for_8x8",
    "for_8x8",
    "for_customer",
    "for_engineers",
    "in_short",
    "internal_in",
    "markdown",
    "plain",
    "question",
]
