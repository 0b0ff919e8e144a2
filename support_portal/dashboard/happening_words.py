"""What happens around messages, in words."""

from dataclasses import dataclass

from django.urls import reverse

from support_portal.events import readings
from support_portal.events.models import Happening
from support_portal.lookup.hits import title, words
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Reading

ICONS = {"inbound": "quote", "click": "link", "survey_answer": "check", "app_message": "sent"}
OWN_ID = {"number_lookup": "requestId", "voice_session": "sessionId", "voice_call": "callId"}


@dataclass(frozen=True, slots=True)
class Row:
    """A happening as a page shows it."""

    happening: Happening
    title: str
    icon: str
    detail: str  # kind of content and state, 8x8's words
    text: str  # 8x8's words about a failure, numbers masked
    reading: Reading | None
    href: str  # its own page; "" on a message's page for what has no id of its own


def row(happening: Happening) -> Row:
    """Return a happening in words."""
    own = happening.umid != happening.about
    return Row(
        happening=happening,
        title=title(happening),
        icon=ICONS.get(happening.kind, "phone"),
        detail=", ".join(filter(None, (words(happening.content), words(happening.state)))),
        text=masked_text(happening.text),
        reading=readings.of_happening(happening),
        href=reverse("messages:detail", args=[happening.umid]) if own else "",
    )


def id_name(happening: Happening) -> str:
    """Return what 8x8 calls the id."""
    return OWN_ID.get(happening.kind, "umid")
