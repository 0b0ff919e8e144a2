"""What pages of records and incidents say of the inquiries that they are part of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from support_portal.inquiries.models import State
from support_portal.inquiries.selectors import About
from support_portal.inquiries.services import person_name

MOST_SHOWN = 200  # characters of an answer
TONES = {
    State.DRAFT: "info",
    State.SENT: "info",
    State.ANSWERED: "warn",
    State.PAUSED: "warn",
    State.SOLVED: "ok",
}


@dataclass(frozen=True, slots=True)
class Told:
    """How an inquiry stands."""

    reference: str
    href: str
    tone: str
    words: str
    at: datetime | None
    quoted: str  # what 8x8 or a colleague wrote; foreign text


def told(found: Iterable[About]) -> list[Told]:
    """Say it for each."""
    return [_told(each) for each in found]


def _told(about: About) -> Told:
    inquiry = about.inquiry
    state = State(inquiry.state)
    words, at, quoted = f"{state.label.lower()}", None, inquiry.subject
    if state is State.DRAFT:
        words = f"a draft of {person_name(inquiry.created_by)}"
    elif about.reply and state in (State.ANSWERED, State.PAUSED, State.SENT):
        words, at = f"answered by {about.reply.sender or '8x8'}", about.reply.at
        quoted = about.reply.text
    elif state is State.SENT:
        words, at = "sent to 8x8, no answer yet", inquiry.sent_at
    elif inquiry.cause:
        quoted = inquiry.cause
    return Told(
        inquiry.reference,
        reverse("inquiries:detail", args=[inquiry.pk]),
        TONES.get(state, "info"),
        words,
        at,
        " ".join(quoted.split())[:MOST_SHOWN],
    )
