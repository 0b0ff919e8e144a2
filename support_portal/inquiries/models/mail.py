"""What comes in answer to a letter."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.inquiries.models.inquiry import Inquiry


class Mail(models.Model):
    """A mail that came in answer to a letter; without an inquiry nobody could tell to which."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, null=True, related_name="mails")
    proposed = models.ForeignKey(Inquiry, models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)  # a digest of what tells it from others
    # Who uploaded it; "": it was fetched.
    who = models.CharField(max_length=150, default="", blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True)
    sender = models.CharField(max_length=254, default="", blank=True)
    # The bare address in it, read before its encoded words could be taken for one; "": not exactly one.
    address = models.CharField(max_length=254, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    quoted = models.TextField(default="", blank=True)  # what it repeats of the talk before
    automatic = models.BooleanField(default=False)  # written by no person
    # The proofs of its sender that failed, as the server says that took it: "dmarc, spf".
    failed = models.CharField(max_length=40, default="", blank=True)
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
            models.Index(
                fields=["discarded_at", "id"],
                name="mail_discarded",
                condition=Q(inquiry__isnull=True, discarded_at__isnull=False),
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
