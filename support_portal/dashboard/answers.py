"""The answer on top of a page: whose problem it is, what to do, what to tell the customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from support_portal.dashboard import clock
from support_portal.dashboard.comment_text import Paragraph, paragraphs
from support_portal.events import states
from support_portal.events.expectations import Expected
from support_portal.events.timeline import Timeline
from support_portal.knowledge.models import Note
from support_portal.knowledge.opinions import Opinion, Opinions, opinions
from support_portal.knowledge.selectors import notes_on
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import (
    Reading,
    Reason,
    Registry,
    Retry,
    Verdict,
    Whose,
    registries,
)

DELIVERED = Verdict(
    whose=Whose.NOBODY,
    retry=Retry.NEVER,
    retry_after="",
    headline="Nobody's problem: the message was delivered.",
    next_step=(
        "Tell the customer when it arrived; the time is in the timeline.",
        "If the recipient says nothing came, ask for the phone and the app, and for other senders' messages.",
    ),
    customer_text="The message was delivered. We can tell you the exact time if that helps.",
)
READ = Verdict(
    whose=Whose.NOBODY,
    retry=Retry.NEVER,
    retry_after="",
    headline="Nobody's problem: the message was delivered and read.",
    next_step=("Tell the customer when it was read; the time is in the timeline.",),
    customer_text="The message was delivered and has been opened on the recipient's phone.",
)
SENT_FOR_GOOD = Verdict(
    whose=Whose.NOBODY,
    retry=Retry.NEVER,
    retry_after="",
    headline="It was handed to the channel, which reports nothing further.",
    next_step=(
        "Do not wait for a delivery receipt: this channel sends none.",
        "If the recipient says nothing came, ask whether they still follow the account.",
    ),
    customer_text="The message was handed over for delivery. This channel does not report more than that.",
)
WITH_OPERATOR = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="Not known yet: the operator has it, the phone has not confirmed.",
    next_step=(
        "Wait for the final receipt; some operators never send one.",
        "Do not send again before you asked the recipient: it could arrive twice.",
    ),
    customer_text=(
        "The mobile operator has accepted the message. We are waiting for the phone to confirm it."
    ),
)
UNDER_WAY = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="Not known yet: the message is on its way and no final receipt has come.",
    next_step=(
        "Wait for the final receipt; its deadline is in the timeline.",
        "Do not send again before then: it could arrive twice.",
    ),
    customer_text="The message is on its way. We have not heard yet whether it reached the phone.",
)
NEVER_TOLD = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="It will not be known: no final receipt came, and the window has closed.",
    next_step=(
        "Ask the recipient whether it arrived before you send it again.",
        "If this happens often to one operator, collect umids and ask 8x8 support.",
    ),
    customer_text=(
        "The message was sent, but we were not told whether it reached the phone. "
        "Could you check whether it arrived?"
    ),
)
FAILED_WITHOUT_CODE = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="It failed, and the receipt gives no code: the cause is not known.",
    next_step=(
        "Read the state and detail in the timeline: they say who refused it.",
        "Ask 8x8 support for the cause, and quote the umid.",
    ),
    customer_text=(
        "The message could not be delivered. We do not know the cause yet and are asking our provider."
    ),
)
UNKNOWN_WORD = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="Not known: the last receipt carries a state that we have no meaning for.",
    next_step=(
        "Read the receipt in the timeline and in the raw payload.",
        "Ask 8x8 support what the state means, and quote the umid.",
    ),
    customer_text="We are checking with our provider what happened to the message.",
)
# What the key "Retry" says where no table answers.
NOT_YET = "Not yet"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A note of the team as a page shows it."""

    note: Note
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another meaning of the same number."""

    table: Registry
    reason: Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What the verdict card shows."""

    verdict: Verdict
    quote: str = ""  # 8x8's own words, foreign text
    retry: str = ""  # instead of the verdict's words
    third: str = ""  # what the third key says, and under which name
    third_label: str = "How sure"
    third_note: str = ""
    sure: bool = False
    opinion: Opinion | None = None  # for "Why we think so"
    table: Registry | None = None
    http: Reading | None = None  # the status that came with the code
    elsewhere: tuple[Elsewhere, ...] = ()
    notes: tuple[Remembered, ...] = ()

    @property
    def retry_words(self) -> str:
        """Say whether to retry."""
        return self.retry or self.verdict.retry_label

    @property
    def reading(self) -> Reading | None:
        """Return what the code was read as, with the team's word on it."""
        return self.opinion.reading if self.opinion else None


def for_reading(
    reading: Reading,
    quote: str = "",
    *,
    operator: str = "",
    country: str = "",
    http: Reading | None = None,
    team: Opinions | None = None,
) -> Answer:
    """Return the answer for a decoded code: what the tables and the team say about it.

    ``team`` is what it says about this code and others, where that has been read.
    """
    team = opinions([reading]) if team is None else team
    return for_opinion(
        team.on(reading, operator=operator, country=country),
        notes_on(reading, operator=operator, country=country),
        quote=quote,
        http=http,
    )


def for_opinion(
    opinion: Opinion, notes: Iterable[Note] = (), *, quote: str = "", http: Reading | None = None
) -> Answer:
    """Return the answer for a code of which everything that the team says has been read."""
    reading = opinion.reading
    table = registries().get(reading.registry)
    return Answer(
        verdict=reading.verdict,
        quote=quote,
        third="Code is listed" if reading.known else "Code is not listed",
        third_note=_where_listed(reading, table),
        sure=reading.known,
        opinion=opinion,
        table=table,
        http=http,
        elsewhere=tuple(
            Elsewhere(registries()[reason.registry], reason) for reason in reading.other_readings
        ),
        notes=tuple(Remembered(note, paragraphs(note.text)) for note in notes),
    )


def _where_listed(reading: Reading, table: Registry | None) -> str:
    if reading.named_by_team:
        return "in the tables; the team named it"
    return f"in {table.title}" if table else "in the tables we hold"


def for_message(
    timeline: Timeline, *, operator: str = "", country: str = "", team: Opinions | None = None
) -> Answer:
    """Return the answer for a message: its failing code, or honest words without one."""
    now, quote = timeline.now, _quote(timeline)
    if timeline.code is not None:
        return for_reading(timeline.code, quote, operator=operator, country=country, team=team)
    if now is None:
        return Answer(UNKNOWN_WORD, third="No receipt", third_label="State")
    if now.state in states.FAILURES:
        return Answer(
            FAILED_WITHOUT_CODE, quote=quote, third="No code", third_note="in the failing receipt"
        )
    return _without_failure(now, timeline.expected)


def _quote(timeline: Timeline) -> str:
    """Return 8x8's words in the step that tells the failure, numbers masked."""
    now = timeline.now
    if now is None or now.state not in states.FAILURES:
        return ""
    telling = (now.state, now.detail, now.state_at)
    steps = chain.from_iterable(
        lane.steps for lane in timeline.lanes if lane.channel == now.channel
    )
    told = (
        step.error_message
        for step in steps
        if (step.state, step.detail, step.occurred_at) == telling
    )
    return masked_text(max(told, default=""))


def _without_failure(now: states.Derived, awaited: Expected | None) -> Answer:
    verdict = _verdict(now, awaited)
    if verdict in (DELIVERED, READ):
        return Answer(
            verdict,
            third="By a receipt",
            third_label="Confirmed",
            third_note=clock.day_and_clock(now.state_at),
            sure=True,
        )
    if awaited is None:
        return Answer(verdict, third="Nothing more", third_label="To be expected", sure=True)
    word, note = _window(awaited)
    return Answer(
        verdict,
        retry="Ask first" if awaited.closed else NOT_YET,
        third=word,
        third_label="Window",
        third_note=note,
    )


def _verdict(now: states.Derived, awaited: Expected | None) -> Verdict:
    if now.state == "read":
        return READ
    if states.is_provisional(now.state, now.detail):
        return NEVER_TOLD if awaited is not None and awaited.closed else WITH_OPERATOR
    if now.state == "delivered":
        return DELIVERED
    if states.rank(now.state, now.detail) == states.UNKNOWN_RANK:
        return UNKNOWN_WORD
    if awaited is None:
        return SENT_FOR_GOOD
    return NEVER_TOLD if awaited.closed else UNDER_WAY


def _window(awaited: Expected) -> tuple[str, str]:
    if awaited.deadline is None:
        return "Not named", "8x8 names no deadline for the final receipt"
    deadline = clock.day_and_clock(awaited.deadline)
    return ("Closed", f"since {deadline}") if awaited.closed else ("Open", f"until {deadline}")
