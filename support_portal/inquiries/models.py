"""Inquiries: what a person typed, kept apart from the evidence that the rest of the letter is made of."""

from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.calls import Call
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
    SOLVED = "solved"
    CLOSED = "closed"


OPEN = (State.DRAFT, State.SENT, State.ANSWERED)
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
    def is_draft(self) -> bool:
        """Tell whether it can still be changed."""
        return self.state == State.DRAFT


class LetterTemplate(models.Model):
    """One version of the words of a kind, as a lead wrote them; rows are only added, the newest counts.

    Versions count from 1 for each kind: of two who change the same one comes second and is told.
    """

    kind = models.CharField(max_length=20, choices=Kind)
    number = models.IntegerField()
    subject = models.TextField(default="", blank=True)
    question = models.TextField(default="", blank=True)
    unlisted = models.TextField(default="", blank=True)
    expectation = models.TextField(default="", blank=True)
    built_in = models.BooleanField(default=False)  # the built-in words count again; texts are empty
    reason = models.CharField(max_length=300, default="", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="letter_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} version {self.number}"


class DeskRules(models.Model):
    """When the desk works and how long 8x8 may take, as a lead set it; the newest row counts.

    The key counts from 1, so of two who change the same one comes second and is told.  Values are
    texts as ``inquiries.desk`` reads them; ``reset`` says that the settings count again.
    """

    number = models.IntegerField(primary_key=True)
    said = models.JSONField(default=dict)
    reset = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "desk rules"

    def __str__(self) -> str:
        return f"desk rules {self.number}"


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


class Mail(models.Model):
    """A mail that came in answer to a letter; without an inquiry nobody could tell to which."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, null=True, related_name="mails")
    proposed = models.ForeignKey(Inquiry, models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)  # a digest of what tells it from others
    who = models.CharField(
        max_length=150, default="", blank=True
    )  # uploaded it; "": it was fetched
    received_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True)
    sender = models.CharField(max_length=254, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    quoted = models.TextField(default="", blank=True)  # what it repeats of the talk before
    automatic = models.BooleanField(default=False)  # written by no person
    whole = models.BooleanField(default=True)  # False: too large, or not to be read
    files = models.JSONField(default=list, blank=True)  # [name, type, bytes] as its sender says
    body = models.BinaryField()  # all of it, sealed; of one that is too large its headers
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["inquiry", "id"], name="mail_by_inquiry"),
            models.Index(
                fields=["-id"],
                name="mail_of_none",
                condition=Q(inquiry__isnull=True, discarded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.subject}"


class Mailbox(models.Model):
    """How far a mailbox has been read."""

    name = models.CharField(max_length=200, primary_key=True)  # user, host and folder
    validity = models.BigIntegerField(default=0)  # UIDVALIDITY: of another the UIDs mean nothing
    last_uid = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)  # at the mail behind it
    busy_until = models.DateTimeField(null=True)  # somebody reads it
    read_at = models.DateTimeField(null=True)  # for the last time without a problem
    problem = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


class ChatCall(Call):
    """One call that tells the chat of the team how an inquiry stands."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="chat_to_make", condition=Q(state="waiting")),
        ]


class Reply(models.Model):
    """What 8x8 answered, as somebody pasted it or as its mail says it."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="replies")
    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)  # pasted it
    sender = models.CharField(max_length=150, default="", blank=True)  # wrote it
    text = models.TextField()
    mail = models.OneToOneField(Mail, models.SET_NULL, null=True, related_name="reply")

    class Meta:
        verbose_name_plural = "replies"
        indexes = [models.Index(fields=["inquiry", "id"], name="reply_by_inquiry")]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.text[:40]}"


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


class Override(models.Model):
    """A check that a person set aside, for exactly what it had found, and why."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="overrides")
    finding = models.CharField(max_length=20)
    mark = models.CharField(max_length=64)  # a digest of what was found
    reason = models.CharField(max_length=500)
    who = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "mark"], name="inquiry_override_once"),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.finding}"


class Way(models.TextChoices):
    """How a letter leaves."""

    COPY = "copy", "copied by hand"
    EML = "eml", "as an .eml file"
    MAILTO = "mailto", "with a mail program, in short"
    SMTP = "smtp", "by mail from here"


class Passage(models.TextChoices):
    """How far a letter has come; only those by SMTP pass through more than the last states."""

    WAITING = "waiting"
    TRYING = "trying"  # a worker speaks with the server, which has nothing of the letter yet
    HANDING = "handing"  # the server is being handed the letter: from here on nobody knows
    SENT = "sent"
    FAILED = "failed"  # and certainly not sent
    UNKNOWN = "unknown"  # the server may have it
    WITHDRAWN = "withdrawn"


NOT_LEFT = (Passage.WITHDRAWN, Passage.FAILED)


class Letter(models.Model):
    """A letter as it left, or waits to; what it says is never changed."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="letters")
    way = models.CharField(max_length=10, choices=Way)
    state = models.CharField(max_length=10, choices=Passage)
    who = models.CharField(max_length=150)
    frozen_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sender = models.CharField(max_length=254, default="", blank=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    scope = models.JSONField(default=list, blank=True)  # sub-accounts that its counts are of
    csv = models.TextField(default="", blank=True)
    ndjson = models.TextField(default="", blank=True)
    message_id = models.CharField(max_length=200)
    references = models.TextField(default="", blank=True)  # of earlier letters, for threading
    checksum = models.CharField(max_length=64)  # SHA-256 of what it says: sending.FROZEN
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # of the next attempt, or until when one is claimed
    problem = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["inquiry", "-id"], name="letter_by_inquiry"),
            models.Index(fields=["due_at"], name="letter_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.way} {self.state}"
