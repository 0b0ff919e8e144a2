"""Events of the account in words, their foreign parts as plain text for a template to escape."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from support_portal.accounts.models import User
from support_portal.events.explaining import explaining
from support_portal.events.models import AccountEvent
from support_portal.reason_codes import Reading

LONGEST_NAME = 60
_BAD = frozenset(
    {
        *("REJECTED", "PAUSED", "FLAGGED", "DISABLED", "PENDING_DELETION"),
        *("DOWNGRADE", "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION", "RED"),
    }
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as a page shows it."""

    event: AccountEvent
    what: str  # the kind of thing
    name: str  # which one, foreign
    words: str  # what happened to it, 8x8's words in lower case
    tone: str
    why: str = ""  # why it may explain what stands beside it
    before: timedelta | None = None  # how long before that

    @property
    def icon(self) -> str:
        """Return the icon that goes with the tone."""
        return "warn" if self.tone else "info"


def row(event: AccountEvent, why: str = "", at: datetime | None = None) -> EventRow:
    """Return an event in words."""
    what, name = _subject(event)
    bad = event.status in _BAD or event.after in _BAD
    return EventRow(
        event=event,
        what=what,
        name=name,
        words=_words(event),
        tone="warn" if bad else "",
        why=why,
        before=at - event.occurred_at if at else None,
    )


def rows_for(reading: Reading | None, user: User, at: datetime | None = None) -> list[EventRow]:
    """Return the events that may explain a code; ``at`` is when it came, None for any time."""
    if reading is None or not reading.registry:
        return []
    found = explaining(reading.registry, reading.code, user, at)
    return [row(each.event, each.why, at) for each in found]


def _subject(event: AccountEvent) -> tuple[str, str]:
    if event.template:
        return "Template", _cut(event.template)
    if event.destination_masked:
        return "Number", event.destination_masked
    return "Account", _cut(event.account)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _words(event: AccountEvent) -> str:
    told = [_word(event.status) or _KINDS.get(event.kind, _word(event.kind))]
    if event.before and event.after:
        told.append(f"from {_word(event.before)} to {_word(event.after)}")
    elif event.after:
        told.append(f"now {_word(event.after)}")
    words = " ".join(filter(None, told))
    return f"{words}: {_word(event.reason)}" if event.reason else words


_KINDS = {
    "template_category_update": "category changed",
    "template_quality_update": "quality changed",
    "template_correct_category_detection": "taken for another category",
}


def _word(told: str) -> str:
    return told.replace("_", " ").lower()
