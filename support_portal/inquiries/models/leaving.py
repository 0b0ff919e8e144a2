"""What leaves: letters with what became of them, overridden checks, and words to the chat of the team."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.core.calls import Call
from support_portal.inquiries.models.inquiry import Inquiry


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
    ZENDESK = "zendesk", "as a Zendesk request"


POSTED = (Way.SMTP, Way.ZENDESK)  # the worker hands them over


class Passage(models.TextChoices):
    """How far a letter has come; only those that the worker hands over pass through more than the last states."""

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
    # The letter that this one adds evidence to, and what a person wrote on top; NULL for a first one.
    follows = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="+")
    words = models.TextField(default="", blank=True)
    checksum = models.CharField(max_length=64)  # SHA-256 of what it says: sending.FROZEN
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # of the next attempt, or until when one is claimed
    handed_at = models.DateTimeField(null=True)  # since when the other side may have it
    problem = models.CharField(max_length=300, default="", blank=True)
    # Of a Zendesk request.
    form = models.TextField(default="", blank=True)  # JSON: its fields beside subject and text
    request = models.BigIntegerField(null=True)  # its number; of a further letter the one it joins
    uploads = models.JSONField(default=list, blank=True)  # tokens of the files that Zendesk has
    uploaded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["inquiry", "-id"], name="letter_by_inquiry"),
            models.Index(fields=["due_at"], name="letter_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id}: {self.way} {self.state}"


class ChatCall(Call):
    """One call that tells the chat of the team how an inquiry stands."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="chat_to_make", condition=Q(state="waiting")),
        ]
