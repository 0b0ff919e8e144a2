"""Error events, messages, delivery receipts, and what happens around them.

Rules that hold from the first migration, so that the tables can be partitioned or distributed later:
every unique key contains the id that a row would be distributed by (``error_id`` or ``umid``), there
is no foreign key to or from these tables, no sequence, and ids come from 8x8.  Text that is absent
is "" and never NULL: rows are paged by these columns, and a row comparison with NULL finds nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from support_portal.core.partitions import Span
from support_portal.events.digits import LastDigits


class Reader(Protocol):
    """Whoever reads: a person, or a machine with a token."""

    @property
    def sub_accounts(self) -> Collection[str] | None:
        """Return the sub-accounts it may see; None stands for all of them."""


@dataclass(frozen=True, slots=True)
class Seeing:
    """A reader of these sub-accounts; None stands for all of them."""

    sub_accounts: Collection[Any] | None


EVERYTHING = Seeing(None)  # whoever has the command line has the database
M = TypeVar("M", bound=models.Model)


def allowed(reader: Reader) -> list[str] | None:
    """Return the sub-accounts of rows that ``reader`` may see, None for all; "" is for everybody."""
    own = reader.sub_accounts
    return None if own is None else ["", *own]


def listed(reader: Reader) -> list[str] | None:
    """Return the sub-accounts of ``reader`` as a value of a composed question, where Seeing takes it."""
    own = reader.sub_accounts
    return None if own is None else list(own)


class Scoped(models.QuerySet[M]):
    """Rows that belong to a sub-account."""

    def visible_to(self, reader: Reader) -> Self:
        """Return the rows ``reader`` may see; rows whose sub-account is not known are for all."""
        seen = allowed(reader)
        return self if seen is None else self.filter(sub_account__in=seen)


def telling(field: str, values: Collection[object]) -> Q:
    """Return the condition that a client's id is one of ``values``.

    The indexes leave rows without the id out, and SQLite uses one only when the query says so too.
    """
    return Q((f"{field}__in", values)) & ~Q((field, ""))


class ErrorEventQuerySet(Scoped["ErrorEvent"]):
    """The questions staff ask about errors."""

    def newest_first(self) -> Self:
        """Order as tables show them; the key breaks ties so that pages are stable."""
        return self.order_by("-occurred_at", "-error_id")


class MessageQuerySet(Scoped["Message"]):
    """The questions staff ask about messages."""

    def span(self, umid: UUID) -> Span | None:
        """Return the time from the first to the last receipt; None for a message nobody knows."""
        return self.filter(umid=umid).values_list("first_at", "last_at").first()

    def newest_first(self) -> Self:
        """Order as tables show them; the key breaks ties so that pages are stable."""
        return self.order_by("-state_at", "-umid")


class HappeningQuerySet(Scoped["Happening"]):
    """The questions staff ask about what happens around messages."""

    def around(self, umids: Collection[object]) -> Self:
        """Return what these messages are themselves, and what answers them, oldest first."""
        named = Q(umid__in=umids) | Q(about__in=umids)
        return self.filter(named).order_by("occurred_at", "umid", "digest")

    def themselves(self, umids: Collection[object]) -> Self:
        """Return what is called by these ids: not the clicks on a message, but what came in."""
        return self.filter(umid__in=umids).exclude(about=F("umid"))


class AccountEventQuerySet(Scoped["AccountEvent"]):
    """The questions staff ask about events of the account."""

    def newest_first(self) -> Self:
        """Order as lists show them; the key breaks ties so that pages are stable."""
        return self.order_by("-occurred_at", "-event_id")


class ReceiptQuerySet(Scoped["DeliveryReceipt"]):
    """The questions staff ask about delivery receipts."""

    def of(self, umid: UUID, message: "Message | None" = None) -> Self:
        """Return the receipts of a message, oldest first.

        Where the message is not at hand its span is asked for; one that is not known has no receipts.
        """
        span = message.span if message else Message.objects.span(umid)
        if span is None:
            return self.none()
        return self.between(umid, *span)

    def between(self, umid: Any, first: Any, last: Any) -> Self:
        """Return the receipts of a message from the first to the last moment of its span."""
        told = self.filter(umid=umid, occurred_at__range=(first, last))
        return told.order_by("occurred_at", "received_at", "digest")


class Attributed(models.Model):
    """What errors, messages and receipts share: where they belong and how they came."""

    sub_account = models.CharField(max_length=100, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    received_at = models.DateTimeField()
    # Where the raw payload is: the delivery and the position in it.  Deliveries are pruned by age.
    delivery_id = models.UUIDField()
    position = models.IntegerField()

    class Meta:
        abstract = True


class Numbered(models.Model):
    """A phone number: masked and by country in clear, found by digest, in full only sealed."""

    country = models.CharField(max_length=2, default="", blank=True)
    destination_masked = models.CharField(max_length=40, default="", blank=True)
    destination_digest = models.BinaryField(max_length=16, null=True)
    destination_sealed = models.BinaryField(null=True)

    class Meta:
        abstract = True


class Addressed(Numbered):
    """A recipient, and what our own services called the request."""

    batch_id = models.UUIDField(null=True)
    client_message_id = models.CharField(max_length=350, default="", blank=True)
    client_batch_id = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        abstract = True


class ErrorEvent(Attributed, Addressed):
    """An API error with its errorId, and what its sender knew about the request."""

    error_id = models.UUIDField(primary_key=True)  # any version digit: some are SQL Server GUIDs
    code = models.IntegerField()
    message = models.TextField(default="", blank=True)
    occurred_at = models.DateTimeField()
    repeats = models.IntegerField(default=0)  # how often it came again with the same contents
    http_status = models.IntegerField(null=True)
    method = models.CharField(max_length=100, default="", blank=True)
    path = models.CharField(max_length=1000, default="", blank=True)
    umid = models.UUIDField(null=True)
    service = models.CharField(max_length=100, default="", blank=True)
    requested_at = models.DateTimeField(null=True)
    group_id = models.BigIntegerField(default=0)  # of an ErrorGroup; 0: not grouped

    objects = ErrorEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["occurred_at", "error_id"], name="error_by_time"),
            models.Index(LastDigits("error_id"), name="error_by_last_digits"),
            models.Index(fields=["code", "occurred_at", "error_id"], name="error_by_code"),
            models.Index(
                fields=["sub_account", "occurred_at", "error_id"], name="error_by_sub_account"
            ),
            models.Index(fields=["group_id", "occurred_at", "error_id"], name="error_by_group"),
            models.Index(fields=["umid"], name="error_by_umid", condition=Q(umid__isnull=False)),
            models.Index(
                fields=["batch_id"], name="error_by_batch", condition=Q(batch_id__isnull=False)
            ),
            models.Index(
                fields=["client_message_id"],
                name="error_by_client_message",
                condition=~Q(client_message_id=""),
            ),
            models.Index(
                fields=["client_batch_id"],
                name="error_by_client_batch",
                condition=~Q(client_batch_id=""),
            ),
            models.Index(
                fields=["destination_digest"],
                name="error_by_destination",
                condition=Q(destination_digest__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.error_id} {self.code}"


class ErrorGroup(models.Model):
    """Errors that are alike: one code at one endpoint in the same words (``events.likeness``)."""

    group_id = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()  # of the rules that made it
    code = models.IntegerField()
    endpoint = models.CharField(max_length=200, default="", blank=True)
    wording = models.CharField(max_length=300, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.code} {self.endpoint} {self.wording}".rstrip()


class ErrorWord(models.Model):
    """A word of an error's text that the wording of its group does not tell (``events.words``)."""

    pk = models.CompositePrimaryKey("word", "occurred_at", "error_id")
    word = models.BigIntegerField()  # its digest
    occurred_at = models.DateTimeField()
    error_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.word} {self.error_id}"


class ErrorVariant(models.Model):
    """The same errorId told with another code or time: sources disagree, both are kept."""

    pk = models.CompositePrimaryKey("error_id", "digest")
    error_id = models.UUIDField()
    digest = models.BigIntegerField()  # of code and time, see events.identity
    code = models.IntegerField()
    message = models.TextField(default="", blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    repeats = models.IntegerField(default=0)
    delivery_id = models.UUIDField()
    position = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.error_id} {self.code} (variant)"


class Message(Attributed, Addressed):
    """What 8x8 accepted to deliver; its state is derived from its receipts, never from their order."""

    umid = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=40)
    detail = models.CharField(max_length=40, default="", blank=True)
    source = models.CharField(max_length=100, default="", blank=True)  # the sender id shown
    operator = models.CharField(max_length=100, default="", blank=True)  # only log exports tell it
    # All its receipts lie between these two, which says where to look for them.
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    state_at = models.DateTimeField()
    error_code = models.IntegerField(null=True)
    error_context = models.CharField(max_length=20, default="", blank=True)
    error_registry = models.CharField(max_length=40, default="", blank=True)
    receipts = models.IntegerField()  # distinct ones
    channels = models.IntegerField()  # more than one: there was a fallback

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state_at", "umid"], name="message_by_time"),
            models.Index(LastDigits("umid"), name="message_by_last_digits"),
            models.Index(fields=["state", "state_at", "umid"], name="message_by_state"),
            models.Index(fields=["channel", "state_at", "umid"], name="message_by_channel"),
            models.Index(fields=["sub_account", "state_at", "umid"], name="message_by_sub_account"),
            models.Index(
                fields=["error_code", "state_at", "umid"],
                name="message_by_error",
                condition=Q(error_code__isnull=False),
            ),
            models.Index(
                fields=["batch_id"], name="message_by_batch", condition=Q(batch_id__isnull=False)
            ),
            models.Index(
                fields=["client_message_id"],
                name="message_by_client_message",
                condition=~Q(client_message_id=""),
            ),
            models.Index(
                fields=["client_batch_id"],
                name="message_by_client_batch",
                condition=~Q(client_batch_id=""),
            ),
            models.Index(
                fields=["destination_digest"],
                name="message_by_destination",
                condition=Q(destination_digest__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.umid} {self.state}"

    @property
    def span(self) -> Span:
        """Return the time from the first receipt to the last."""
        return self.first_at, self.last_at


class DeliveryReceipt(Attributed):
    """One status change of a message, as 8x8 reported it.

    8x8 gives receipts no id.  What makes two of them the same is the message, the time of the status
    and a digest of channel, step, state, detail and code (``events.identity``).  PostgreSQL has them
    in partitions by the time of the status (``events.storage``), so ask with the span of the message.
    """

    pk = models.CompositePrimaryKey("umid", "occurred_at", "digest")
    umid = models.UUIDField()
    occurred_at = models.DateTimeField()
    digest = models.BigIntegerField()
    step = models.IntegerField(default=0)  # 0: not told
    state = models.CharField(max_length=40)
    detail = models.CharField(max_length=40, default="", blank=True)
    context = models.CharField(max_length=20)  # which kind of receipt: decides the code registry
    error_code = models.IntegerField(null=True)
    error_message = models.TextField(default="", blank=True)
    provider_code = models.CharField(max_length=100, default="", blank=True)
    repeats = models.IntegerField(default=0)

    objects = ReceiptQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.umid} {self.state} {self.detail}".rstrip()


class Happening(Attributed, Numbered):
    """Something around a message or a call that is no status: an answer, a click, a failed call.

    The text of a message is never in the row.  ``umid`` is the inbound message's own, or that of the
    message, call or lookup concerned; what the row is about is the message that it answers.
    """

    pk = models.CompositePrimaryKey("umid", "digest")
    umid = models.UUIDField()
    digest = models.BigIntegerField()  # of the kind and what tells it from others of its kind
    kind = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    about = models.UUIDField(null=True)
    own_end = models.CharField(max_length=100, default="", blank=True)  # our number or channel
    content = models.CharField(max_length=40, default="", blank=True)  # which kind of content
    state = models.CharField(max_length=40, default="", blank=True)
    code = models.IntegerField(null=True)
    context = models.CharField(max_length=20, default="", blank=True)  # decides the code registry
    text = models.TextField(default="", blank=True)  # 8x8's words about a failure
    repeats = models.IntegerField(default=0)

    objects = HappeningQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["about"], name="happening_by_about", condition=Q(about__isnull=False)
            ),
            models.Index(
                fields=["destination_digest"],
                name="happening_by_number",
                condition=Q(destination_digest__isnull=False),
            ),
            models.Index(fields=["occurred_at"], name="happening_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.umid} {self.kind}"


class AccountEvent(Attributed, Numbered):
    """Something that happened to the account at a channel's provider: it may explain many failures.

    The number is one of our own.  Such events name no sub-account, so all staff see them.
    """

    event_id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    account = models.CharField(max_length=100, default="", blank=True)
    business_account = models.CharField(max_length=100, default="", blank=True)
    template = models.CharField(max_length=350, default="", blank=True)
    language = models.CharField(max_length=40, default="", blank=True)
    status = models.CharField(max_length=60, default="", blank=True)  # 8x8's word for what happened
    before = models.CharField(max_length=60, default="", blank=True)
    after = models.CharField(max_length=60, default="", blank=True)
    reason = models.CharField(max_length=1000, default="", blank=True)
    until = models.DateTimeField(null=True)
    repeats = models.IntegerField(default=0)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["occurred_at", "event_id"], name="account_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"


class UsualDelay(models.Model):
    """How long a receipt usually takes on a route, from a recent sample (``events.usual``).

    The sample is of all sub-accounts: what is usual at an operator is no secret of one of them.
    """

    leg = models.CharField(max_length=10)  # an events.usual.Leg
    channel = models.CharField(max_length=40)
    country = models.CharField(max_length=2, default="", blank=True)  # "": any
    operator = models.CharField(max_length=100, default="", blank=True)  # "": any
    samples = models.IntegerField()
    half = models.DurationField()  # within which half of them came
    most = models.DurationField()  # within which 95 % came
    began_at = models.DateTimeField()  # of the samples
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "operator", "channel", "leg"], name="usual_delay_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.leg} {self.channel} {self.country} {self.operator}".rstrip()
