"""Notices: one row for each thing that one person is told."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import uuid7


class Kind(models.TextChoices):
    """What a notice can be about."""

    ARRIVED = "arrived"
    EXPIRED = "expired"
    EXPORT = "export"
    ALERT = "alert"
    INCIDENT = "incident"
    INQUIRY = "inquiry"
    TALK = "talk"  # what colleagues write to each other


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The questions asked about notices."""

    def of(self, person: User) -> Self:
        """Return what ``person`` was told, newest first."""
        return self.filter(user=person).order_by("-id")

    def unread(self) -> Self:
        """Return those that were not read yet."""
        return self.filter(read_at=None)

    def to_mail_some_day(self) -> Self:
        """Return those whose mail waits for its time."""
        return self.exclude(mail_due_at=None)

    def to_mail(self, now: datetime) -> Self:
        """Return those whose mail is due, longest due first."""
        return self.filter(mail_due_at__lte=now).order_by("mail_due_at", "id")


class Notice(models.Model):
    """What one person is told; plain text, and where to look inside the portal.

    ``once`` names the reason: nobody is told the same twice, however often it is tried.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=500)
    text = models.CharField(max_length=500, default="", blank=True)
    link = models.CharField(max_length=1500)  # a path; percent-encoding makes foreign ids long
    once = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # NULL: no mail, or no more
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_problem = models.CharField(max_length=200, default="", blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "once"], name="notice_told_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_by_person"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at=None)),
            models.Index(
                fields=["mail_due_at"], name="notice_to_mail", condition=~Q(mail_due_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title
