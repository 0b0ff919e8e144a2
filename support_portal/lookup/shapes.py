"""The shapes of what machines are answered: the code is checked against them, OpenAPI is made of them."""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from support_portal.events.expectations import Missing, Stage
from support_portal.events.timeline import Flag
from support_portal.reason_codes import Retry, Whose

Moment = Annotated[
    str, Meta(description="UTC, six decimals", extra_json_schema={"format": "date-time"})
]
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Address = Annotated[str, Meta(description="The page for people, below this host")]


class VerdictShape(TypedDict):
    """Whose problem it is, whether to retry, what to do and what to say."""

    headline: str
    whose: Whose
    retry: Retry
    retry_after: str | None
    next_step: list[str]
    customer_text: str


class MeaningShape(TypedDict):
    """What another registry says about the same number."""

    registry: str
    name: str


class TeamShape(TypedDict):
    """What our team says otherwise than the tables, and why."""

    reason: str
    author: str
    made_at: Moment
    operator: str | None
    country: str | None


class DecodedShape(TypedDict):
    """What a number means where it was read, and how that was decided."""

    registry: str | None
    code: int
    name: str
    known: bool
    ambiguous: bool
    why: str
    other_readings: list[MeaningShape]
    contradictions: list[str]
    verdict: VerdictShape
    tables_verdict: VerdictShape | None
    team: list[TeamShape]
    url: Address | None


class ContextShape(TypedDict):
    """The request that was answered with an error, as far as its sender told."""

    http_status: int | None
    method: str | None
    path: str | None
    sub_account: str | None
    umid: Id | None
    batch_id: Id | None
    client_message_id: str | None
    client_batch_id: str | None
    channel: str | None
    destination: str | None
    country: str | None
    service: str | None
    requested_at: Moment | None


class VariantShape(TypedDict):
    """How the same errorId was told differently."""

    code: int
    message: str | None
    occurred_at: Moment
    received_at: Moment
    repeats: int
    delivery: Id


class AccountEventShape(TypedDict):
    """Something that happened to the account, and why it may explain the code."""

    kind: str
    status: str | None
    occurred_at: Moment
    template: str | None
    why: str


class NotHeardShape(TypedDict):
    """A time in which we did not hear: absence proves nothing about it."""

    kind: Literal["down", "refused", "silent"]
    began_at: Moment
    ended_at: Moment | None
    lost_until: Moment | None
    note: str | None


class IdShape(TypedDict):
    """What an id tells of itself: a hint, not a fact."""

    family: str
    embedded_at: Moment | None
    agrees: bool | None
    agreement: str


class ErrorShape(TypedDict):
    """An API error with its context, decoded."""

    error_id: Id
    code: int
    message: str | None
    occurred_at: Moment
    received_at: Moment
    repeats: int
    context: ContextShape
    decoded: DecodedShape
    variants: list[VariantShape]
    delivery: Id
    url: Address
    message_url: Address | None


class ErrorAnswer(ErrorShape):
    """An API error, and what explains it or may be missing beside it."""

    explained_by: list[AccountEventShape]
    not_heard: list[NotHeardShape]
    id_hint: IdShape


class ReceiptShape(TypedDict):
    """One status change of a message."""

    state: str
    detail: str | None
    channel: str | None
    step: int | None
    occurred_at: Moment
    received_at: Moment
    error_code: int | None
    error_message: str | None
    provider_code: str | None
    repeats: int
    decoded: DecodedShape | None
    delivery: Id


class HappeningShape(TypedDict):
    """Something around a message that is no status; its text is never told."""

    kind: str
    umid: Id
    about: Id | None
    occurred_at: Moment
    received_at: Moment
    channel: str | None
    sub_account: str | None
    own_end: str | None
    number: str | None
    country: str | None
    content: str | None
    state: str | None
    code: int | None
    decoded: DecodedShape | None
    repeats: int
    delivery: Id


class UsualShape(TypedDict):
    """How long such a receipt usually takes."""

    channel: str
    country: str | None
    operator: str | None
    samples: int
    p50_seconds: float
    p95_seconds: float
    began_at: Moment
    ended_at: Moment


class ExpectedShape(TypedDict):
    """A receipt that has not come: since when, when it usually comes, until when it can."""

    missing: Missing
    stage: Stage
    since: Moment
    due: Moment | None
    deadline: Moment | None
    usual: UsualShape | None


class StepShape(TypedDict):
    """One status, told once whoever told it."""

    state: str
    detail: str | None
    occurred_at: Moment
    received_at: Moment
    came: int
    provisional: bool
    flags: list[Flag]
    times_the_usual: float | None


class LaneShape(TypedDict):
    """The steps on one channel."""

    channel: str | None
    reports_nothing_further: bool
    expected: ExpectedShape | None
    steps: list[StepShape]


class LanesShape(TypedDict):
    """What a message waits for, and its steps by channel."""

    expected: ExpectedShape | None
    lanes: list[LaneShape]


class MessageShape(TypedDict):
    """A message with its receipts, and what belongs to it; without receipts its state is null."""

    umid: Id
    state: str | None
    detail: str | None
    channel: str | None
    sub_account: str | None
    destination: str | None
    country: str | None
    source: str | None
    operator: str | None
    batch_id: Id | None
    client_message_id: str | None
    client_batch_id: str | None
    first_at: Moment | None
    state_at: Moment | None
    error_code: int | None
    decoded: DecodedShape | None
    receipts: list[ReceiptShape]
    receipts_total: int
    errors: list[ErrorShape]
    around: list[HappeningShape]
    explained_by: list[AccountEventShape]
    not_heard: list[NotHeardShape]
    id_hint: IdShape
    url: Address


class MessageAnswer(MessageShape, LanesShape):
    """A message with everything that belongs to it."""


class CodeAnswer(TypedDict):
    """What a registry says about a number, and what the others say."""

    registry: str
    code: int
    name: str
    known: bool
    detail: str | None
    verdict: VerdictShape
    tables_verdict: VerdictShape | None
    team: list[TeamShape]
    source: str | None
    source_date: str | None
    collisions: list[MeaningShape]
    url: Address | None


class AsideShape(TypedDict):
    """An item of a delivery that was not understood."""

    reason: str
    position: int
    detail: str
    state: str


class DeliveryAnswer(TypedDict):
    """What became of a delivery."""

    id: Id
    state: Literal["pending", "done"]
    source: str
    size: int
    received_at: Moment
    drained_at: Moment | None
    waiting_before: int | None
    recorded: int
    repeated: int
    ignored: int
    ignored_by_rule: dict[str, int]
    quarantined: list[AsideShape]
    quarantined_total: int
    next: str | None
    url: Address


class RecordShape(TypedDict):
    """A record that a thing leads to."""

    kind: Literal["error", "message", "happening", "account_event"]
    id: Id
    at: Moment
    via: str
    line: str
    url: Address


class NearShape(TypedDict):
    """A record close to the moment in question."""

    seconds: float
    record: RecordShape


class HelpShape(TypedDict):
    """What helps with an id that is not held."""

    id_hint: IdShape | None
    moment: Moment | None
    moment_told: bool
    near: list[NearShape]
    sub_account: str | None
    beside: list[NearShape]
    not_heard: list[NotHeardShape]
    intake_lag_seconds: float | None
    gone_before: Annotated[Moment, Meta(description="Older records were removed by age")] | None


class ItemShape(TypedDict):
    """One thing of the text; ``found`` is null where there is nothing to be held."""

    kind: str
    value: str
    start: int
    end: int
    found: bool | None
    note: Annotated[str, Meta(description="What was mended to read it")] | None
    line: str | None
    url: Address | None
    registry: str | None
    code: int | None
    name: str | None
    verdict: VerdictShape | None
    records: list[RecordShape]
    more: bool
    help: HelpShape | None


class LookupAnswer(TypedDict):
    """Everything in a text that can be looked up, in order of appearance."""

    items: list[ItemShape]
    left_out: int


class KeptAnswer(TypedDict):
    """The delivery that was kept."""

    delivery: Id


class ReadyAnswer(TypedDict):
    """Whether the portal serves, takes things in and keeps up."""

    ready: bool
    reason: str
    pending: NotRequired[int]
    lag_seconds: NotRequired[float]
    quarantined: NotRequired[int]


class ProblemAnswer(TypedDict):
    """What is wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
