"""Inquiries: what a person typed, kept apart from the evidence that the rest of the letter is made of."""

from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.events.models import Reader, allowed
from support_portal.inquiries.letters.sample import Sample

PREFIX = "INQ-"


class Kind(models.TextChoices):
    """What is asked about; each has a template of its own."""

    API_ERROR = "api_error", "API error"
    FAILED_DELIVERY = "failed_delivery", "Failed delivery"
    MISSING_RECEIPTS = "missing_receipts", "Missing receipts"
    LATENCY = "latency", "Late delivery"
    WRONG_CHARGE = "wrong_charge", "Wrong charge"


class Severity(models.TextChoices):
    """The priorities of 8x8's form; what stands below P2 there is not documented."""

    P1 = "p1", "P1, cannot send or communicate"
    P2 = "p2", "P2, a major feature is down"
    LOWER = "lower", "Lower than P2"


class RequestType(models.TextChoices):
    """The request types of 8x8's form that are documented."""

    API = "api", "API Related Issue"
    OUTAGE = "outage", "Service Outage"
    OTHER = "other", "Other"


class Cause(models.TextChoices):
    """What it came from, in a few words that can be counted."""

    ROUTE = "route", "Route change at 8x8"
    PLATFORM = "platform", "8x8 platform fault"
    OPERATOR = "operator", "Operator outage"
    CONFIGURATION = "configuration", "Our configuration"
    REQUEST = "request", "Our request"
    RECIPIENT = "recipient", "Handset or recipient"
    UNKNOWN = "unknown", "Not known"


class State(models.TextChoices):
    """How an inquiry stands."""

    DRAFT = "draft"
    SENT = "sent"
    ANSWERED = "answered"
    PAUSED = "paused", "Paused: 8x8 waits for us"
    SOLVED = "solved"
    CLOSED = "closed"


OPEN = (State.DRAFT, State.SENT, State.ANSWERED, State.PAUSED)
AWAITED = (State.SENT, State.ANSWERED)  # their clocks run
OVER = (State.SOLVED, State.CLOSED)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # not NULL: lists are paged by what they are sorted by


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    """The questions asked about inquiries."""

    def visible_to(self, reader: Reader) -> Self:
        """Return those of which ``reader`` may see every piece of evidence: a letter has them all."""
        seen = allowed(reader)
        if seen is None:
            return self
        foreign = Evidence.objects.filter(inquiry=OuterRef("pk")).exclude(sub_account__in=seen)
        return self.exclude(Exists(foreign))

    def open(self) -> Self:
        """Return those that still want something to be done."""
        return self.filter(state__in=OPEN)

    def of(self, person: User) -> Self:
        """Return those that ``person`` looks after."""
        return self.filter(Q(owner=person) | Q(owner=None, created_by=person))

    def overdue(self, now: datetime, today: date) -> Self:
        """Return those that 8x8 lets wait for too long, or whose next step of ours should be done."""
        return self.open().filter(Q(due_at__lte=now) | Q(due_on__lt=today))

    def newest_first(self) -> Self:
        """Order as lists show them."""
        return self.order_by("-number")


class Inquiry(models.Model):
    """A question to 8x8."""

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, default="", blank=True)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.LOWER)
    request_type = models.CharField(max_length=10, choices=RequestType, default=RequestType.API)
    question = models.TextField(default="", blank=True)
    body = models.TextField(default="", blank=True)  # what the agent adds in their own words
    ruled_out = models.TextField(default="", blank=True)  # a line for each
    expectation = models.TextField(default="", blank=True)
    # What the template put into each field, newest first: what reads otherwise was typed, and stays.
    generated = models.JSONField(default=dict, blank=True)
    template = models.IntegerField(default=0)  # the version that made them; 0: the built-in one
    # What was counted about the failure when the evidence last changed: letters.counts.Counts.
    counts = models.JSONField(default=dict, blank=True)
    # What became of it.
    ticket = models.CharField(max_length=60, default="", blank=True)  # 8x8's number for it
    due_on = models.DateField(null=True, blank=True)  # the next step of ours
    reminded_on = models.DateField(null=True, blank=True)  # of which next step it was told
    cause_kind = models.CharField(max_length=20, choices=Cause, default="", blank=True)
    cause = models.TextField(default="", blank=True)
    fix = models.TextField(default="", blank=True)
    # The clocks, as inquiries.clocks reckons them; what has not happened is NULL.
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    solution_due_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=NEVER)  # what 8x8 owes next
    reopened = models.IntegerField(default=0)  # how often it was over and was not
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="inquiries"
    )
    # Who looks after it; NULL: who began it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)
    version = models.IntegerField(default=1)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-number"], name="inquiry_by_state"),
            models.Index(fields=["due_at", "number"], name="inquiry_by_due"),
            models.Index(fields=["sent_at"], name="inquiry_by_sent"),
            models.Index(
                fields=["due_on"], name="inquiry_next_step", condition=Q(due_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Return what it is called, also in letters."""
        return f"{PREFIX}{self.number}"

    @property
    def keeper(self) -> User:
        """Return who looks after it."""
        return self.owner or self.created_by

    @property
    def is_open(self) -> bool:
        """Tell whether something still wants to be done."""
        return self.state in OPEN

    @property
    def is_draft(self) -> bool:
        """Tell whether it can still be changed."""
        return self.state == State.DRAFT


_of_sample = attrgetter(*Sample.__dataclass_fields__)


class Evidence(models.Model):
    """One record as it was when it was added; numbers in every text are masked.

    What is not known is "" or NULL.  ``held`` is False for an id that has not come to us.
    """

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="evidence")
    record_id = models.UUIDField()  # the id it was added by: once in an inquiry
    held = models.BooleanField()
    error_id = models.UUIDField(null=True)
    umid = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)  # of the error; of a message, when it was accepted
    state_at = models.DateTimeField(null=True)
    code = models.IntegerField(null=True)
    registry = models.CharField(max_length=40, default="", blank=True)
    ambiguous = models.BooleanField(default=False)
    meaning = models.CharField(max_length=200, default="", blank=True)
    http_status = models.IntegerField(null=True)
    endpoint = models.CharField(max_length=1200, default="", blank=True)
    text = models.TextField(default="", blank=True)  # 8x8's words
    sub_account = models.CharField(max_length=100, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    sender = models.CharField(max_length=100, default="", blank=True)
    recipient = models.CharField(max_length=40, default="", blank=True)  # masked
    country = models.CharField(max_length=2, default="", blank=True)
    operator = models.CharField(max_length=100, default="", blank=True)
    state = models.CharField(max_length=40, default="", blank=True)
    detail = models.CharField(max_length=40, default="", blank=True)
    cluster = models.CharField(max_length=80, default="", blank=True)  # alike: one code, one place
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "record_id"], name="evidence_once"),
        ]
        indexes = [
            models.Index(fields=["inquiry", "sub_account"], name="evidence_by_sub_account"),
            models.Index(fields=["registry", "code"], name="evidence_by_code"),
            models.Index(fields=["record_id"], name="evidence_by_record"),
            models.Index(fields=["cluster"], name="evidence_by_cluster", condition=~Q(cluster="")),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.record_id}"

    @property
    def sample(self) -> Sample:
        """Return it as letters take it."""
        return Sample(*_of_sample(self))


class Gathering(models.Model):
    """Evidence that is still to be added, in the order in which it is; the row goes with its last piece."""

    inquiry = models.OneToOneField(
        Inquiry, models.CASCADE, primary_key=True, related_name="gathering"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wanted = models.JSONField()  # [name, id, time] of each
    at = models.DateTimeField()  # of what was added at once: one undo takes all of it
    done = models.IntegerField(default=0)  # how many were looked at
    new = models.IntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)  # since the last slice that was kept
    held_until = models.DateTimeField(default=timezone.now)  # somebody adds it

    class Meta:
        indexes = [models.Index(fields=["held_until"], name="gathering_to_do")]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.done} of {len(self.wanted)}"


class Pause(models.Model):
    """A time in which 8x8 waited for us, and its clocks stood; without an end it goes on."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry"], name="one_pause_at_a_time", condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.began_at} to {self.ended_at}"


class Start(models.Model):
    """A call of a token that started an inquiry: made again, it starts no other."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="+")
    token_id = models.BigIntegerField()
    key = models.CharField(max_length=255)  # its Idempotency-Key
    asked = models.CharField(max_length=64)  # a digest of what it asked for

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_id", "key"], name="inquiry_started_once"),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.key}"


class Follower(models.Model):
    """A person who is told what becomes of an inquiry."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="followed")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "person"], name="inquiry_followed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.inquiry_id}"


class History(models.Model):
    """What was done to an inquiry; never changed."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="history")
    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)  # a name: people go, what they did stays
    what = models.CharField(max_length=30)
    detail = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["inquiry", "-id"], name="history_by_inquiry")]

    def __str__(self) -> str:
        return f"{self.who} {self.what} {self.inquiry_id}"
