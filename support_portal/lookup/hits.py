"""Records that a thing leads to, in the few words of a list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from support_portal.events import readings
from support_portal.events.models import AccountEvent, ErrorEvent, Happening, Message
from support_portal.lookup import addresses
from support_portal.lookup.verdicts import line_of
from support_portal.reason_codes import Reading, Verdict

TITLES = {
    "inbound": "Inbound message",
    "app_message": "Sent from the WhatsApp Business app",
    "click": "Link clicked",
    "survey_answer": "Survey answered",
    "number_lookup": "Number lookup",
    "voice_session": "Voice session",
    "voice_call": "Call",
}
ID_NAMES = {"error": "errorId", "account_event": "eventId"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that a thing leads to."""

    kind: Literal["error", "message", "happening", "account_event"]
    id: UUID
    at: datetime
    reading: Reading | None  # of an error, or of what failed with a code
    state: str = ""
    detail: str = ""
    sub_account: str = ""
    channel: str = ""
    title: str = ""  # what a happening or an account event is
    direct: bool = True  # the thing is the record's own id
    via: str = ""  # which id of the record the thing is
    country: str = ""  # of the recipient
    operator: str = ""

    @property
    def href(self) -> str:
        """Return the address of the record."""
        if self.kind == "account_event":
            return addresses.account_events_page()
        if self.kind == "error":
            return addresses.error_page(self.id)
        return addresses.message_page(self.id)

    @property
    def what(self) -> str:
        """Name the id of the record."""
        return ID_NAMES.get(self.kind, "umid")

    @property
    def verdict(self) -> Verdict | None:
        """Return what to do about its code."""
        return self.reading.verdict if self.reading else None

    @property
    def line(self) -> str:
        """Say in one line what it is and whose problem it is."""
        told = [self.title, words(self.state), words(self.detail)]
        state = ", ".join(filter(None, told)) + (f" ({self.channel})" if self.channel else "")
        if self.reading is None:
            return state
        return (
            line_of(self.reading) if self.kind == "error" else f"{state}: {line_of(self.reading)}"
        )


def error_hit(error: ErrorEvent, *, direct: bool = True, via: str = "error_id") -> Hit:
    """Return an error as a hit."""
    return Hit(
        kind="error",
        id=error.error_id,
        at=error.occurred_at,
        reading=readings.of_error(error),
        sub_account=error.sub_account,
        channel=error.channel,
        country=error.country,
        direct=direct,
        via=via,
    )


def message_hit(message: Message, *, direct: bool = True, via: str = "umid") -> Hit:
    """Return a message as a hit."""
    return Hit(
        kind="message",
        id=message.umid,
        at=message.state_at,
        reading=readings.of_message(message),
        state=message.state,
        detail=message.detail,
        sub_account=message.sub_account,
        channel=message.channel,
        country=message.country,
        operator=message.operator,
        direct=direct,
        via=via,
    )


def happening_hit(happening: Happening, *, direct: bool = True, via: str = "umid") -> Hit:
    """Return what happened around messages as a hit."""
    return Hit(
        kind="happening",
        id=happening.umid,
        at=happening.occurred_at,
        reading=readings.of_happening(happening),
        state=", ".join(filter(None, (words(happening.content), words(happening.state)))),
        sub_account=happening.sub_account,
        channel=happening.channel,
        country=happening.country,
        title=title(happening),
        direct=direct,
        via=via,
    )


def account_event_hit(event: AccountEvent, *, direct: bool = True, via: str = "event_id") -> Hit:
    """Return an event of the account as a hit."""
    return Hit(
        kind="account_event",
        id=event.event_id,
        at=event.occurred_at,
        reading=None,
        state=words(event.status).lower(),
        channel=event.channel,
        title=words(event.kind).capitalize(),
        direct=direct,
        via=via,
    )


def title(happening: Happening) -> str:
    """Return what a happening is called."""
    return TITLES.get(happening.kind, words(happening.kind))


def words(told: str) -> str:
    """Return a word of 8x8 as it is read."""
    return told.replace("_", " ")
