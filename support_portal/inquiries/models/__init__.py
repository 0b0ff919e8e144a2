"""The rows of inquiries, by what they are about."""

from support_portal.inquiries.models.desk import (
    DeskRules,
    LetterTemplate,
)
from support_portal.inquiries.models.inquiry import (
    AWAITED,
    NEVER,
    OPEN,
    OVER,
    PREFIX,
    Cause,
    Evidence,
    Follower,
    History,
    Inquiry,
    InquiryQuerySet,
    Kind,
    RequestType,
    Severity,
    Start,
    State,
)
from support_portal.inquiries.models.leaving import (
    NOT_LEFT,
    POSTED,
    ChatCall,
    Letter,
    Override,
    Passage,
    Way,
)
from support_portal.inquiries.models.mail import (
    Mail,
    Mailbox,
    Reply,
)

__all__ = [
    "AWAITED",
    "NEVER",
    "NOT_LEFT",
    "OPEN",
    "OVER",
    "POSTED",
    "PREFIX",
    "Cause",
    "ChatCall",
    "DeskRules",
    "Evidence",
    "Follower",
    "History",
    "Inquiry",
    "InquiryQuerySet",
    "Kind",
    "Letter",
    "LetterTemplate",
    "Mail",
    "Mailbox",
    "Override",
    "Passage",
    "Reply",
    "RequestType",
    "Severity",
    "Start",
    "State",
    "Way",
]
