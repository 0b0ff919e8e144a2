"""Everything on the page of one message, in a fixed number of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.dashboard import answers, clock, deaf
from support_portal.dashboard.account_words import rows_for
from support_portal.dashboard.happening_words import Row, around
from support_portal.dashboard.raw import masked_text, raw_payload
from support_portal.dashboard.thread import CommentForm, Thread, thread_about
from support_portal.events import readings, states
from support_portal.events.expectations import Expected
from support_portal.events.models import DeliveryReceipt, ErrorEvent, Message, telling
from support_portal.events.timeline import Flag, Step, Timeline, timeline
from support_portal.payloads.forensics import examine
from support_portal.reason_codes import Reading

MOST_RECEIPTS = 500
MOST_ERRORS = 20
LATE_SECONDS = 60
FLAGS = {
    Flag.LATE_NEGATIVE: "Late negative: the operator had accepted it first.",
    Flag.IMPOSSIBLE: "This contradicts an earlier receipt. Both are kept as they came.",
    Flag.AGAIN: "The same state was reported before, with another time.",
    Flag.CLOCK_SKEW: "Received before it happened: 8x8's clock and ours disagree.",
}
CHANNELS = {
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "viber": "Viber",
    "rcs": "RCS",
    "line": "LINE",
    "linenotification": "LINE notification",
    "zalonotification": "Zalo notification",
    "voice": "Voice",
}
ICONS = {"sms": "sms", "whatsapp": "wa"}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step and the words about what is odd with it."""

    step: Step
    day: str  # where another day begins
    flags: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return 8x8's words about a failure, numbers masked."""
        return masked_text(self.step.error_message)

    @property
    def late(self) -> bool:
        """Tell whether it took long to reach us."""
        return self.step.delay.total_seconds() > LATE_SECONDS


@dataclass(frozen=True, slots=True)
class Awaited:
    """A receipt that has not come, in words."""

    name: str
    meaning: str
    expected: Expected
    channel: str


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane and its steps."""

    name: str
    icon: str
    day: str
    position: int
    of: int
    steps: tuple[StepRow, ...]
    awaited: Awaited | None


@dataclass(frozen=True, slots=True)
class Beside:
    """An API error or a comment in the same line of time."""

    at: datetime
    error: ErrorEvent | None = None
    reading: Reading | None = None
    joined: str = ""  # by which id the error points here
    author: str = ""
    happening: Row | None = None


def message_context(
    message: Message, user: User, now: datetime, *, asked_raw: bool, form: CommentForm | None = None
) -> dict[str, Any]:
    """Return what ``messages/detail.html`` shows."""
    thread = message_thread(message, user, form)
    found = DeliveryReceipt.objects.visible_to(user).of([message.umid])[: MOST_RECEIPTS + 1]
    receipts = list(found)
    story = timeline(receipts[:MOST_RECEIPTS], now=now)
    return {
        "message": message,
        "channel": channel_name(message.channel),
        "answer": answers.for_message(story, _quote(receipts, story)),
        "lanes": lane_rows(story),
        "receipts_cut": len(receipts) > MOST_RECEIPTS,
        "most_receipts": MOST_RECEIPTS,
        "beside": sorted(_beside(message, user, thread), key=lambda each: each.at),
        "deaf": deaf.beside(
            user, message.sub_account, message.first_at, _heard_until(message, story, now)
        ),
        "timeline": story,
        "now": now,
        "explains": rows_for(story.code, user, message.state_at),
        "family": examine(message.umid, message.first_at),
        "raw": raw_payload(message.delivery_id, message.position, asked=asked_raw),
        "asked_raw": asked_raw,
        "thread": thread,
    }


def _heard_until(message: Message, story: Timeline, now: datetime) -> datetime:
    """Return until when more could have come than is held."""
    if story.expected is None:
        return message.state_at
    return min(now, story.expected.deadline or now)


def message_thread(message: Message, user: User, form: CommentForm | None = None) -> Thread:
    """Return the comments on a message."""
    action = reverse("messages:comment", args=[message.umid])
    return thread_about("message", str(message.umid), user, action, form)


def channel_name(channel: str) -> str:
    """Name a channel; one that we do not know keeps 8x8's word."""
    return CHANNELS.get(channel, channel or "Channel not told")


def lane_rows(story: Timeline) -> list[LaneRow]:
    """Return the lanes with the words that go with their steps."""
    return [
        LaneRow(
            name=channel_name(lane.channel),
            icon=ICONS.get(lane.channel, "comment"),
            day=clock.day(lane.steps[0].occurred_at),
            position=position,
            of=len(story.lanes),
            steps=tuple(_step_rows(lane.steps)),
            awaited=_awaited(lane.expected, lane.channel),
        )
        for position, lane in enumerate(story.lanes, start=1)
    ]


def _step_rows(steps: Sequence[Step]) -> Iterator[StepRow]:
    shown = clock.day(steps[0].occurred_at)  # the head of the lane says it
    for step in steps:
        day = clock.day(step.occurred_at)
        yield StepRow(step, "" if day == shown else day, tuple(FLAGS[flag] for flag in step.flags))
        shown = day


def _awaited(expected: Expected | None, channel: str) -> Awaited | None:
    if expected is None:
        return None
    return Awaited(*answers.awaited_words(expected), expected, channel_name(channel))


def _quote(receipts: Sequence[DeliveryReceipt], story: Timeline) -> str:
    """Return 8x8's words in the receipt that tells the state."""
    now = story.now
    for receipt in receipts:
        told = (receipt.state, receipt.detail, receipt.occurred_at, receipt.channel)
        if now and told == (now.state, now.detail, now.state_at, now.channel):
            return masked_text(receipt.error_message) if now.state in states.FAILURES else ""
    return ""


def _beside(message: Message, user: User, thread: Thread) -> Iterator[Beside]:
    for error in _errors(message, user):
        yield Beside(
            error.occurred_at,
            error=error,
            reading=readings.of_error(error),
            joined=_joined(error, message),
        )
    for row in around([message.umid], user):
        yield Beside(row.at, happening=row)
    for remark in thread.remarks:
        yield Beside(remark.created_at, author=remark.author)


def _errors(message: Message, user: User) -> list[ErrorEvent]:
    """Return the newest API errors that name this message or share an id that we gave it."""
    named = Q(umid=message.umid)
    if message.client_message_id:
        named |= telling("client_message_id", [message.client_message_id])
    if message.batch_id:
        named |= Q(batch_id=message.batch_id)
    return list(ErrorEvent.objects.visible_to(user).filter(named).newest_first()[:MOST_ERRORS])


def _joined(error: ErrorEvent, message: Message) -> str:
    if error.umid == message.umid:
        return "umid"
    if message.client_message_id and error.client_message_id == message.client_message_id:
        return "client message id"
    return "batchId"
