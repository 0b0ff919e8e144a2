"""Watches: one row for each id that one person waits for."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import uuid7


class Kind(models.TextChoices):
    """What the id was read as; for the reader, since an id is looked for as every kind."""

    ERROR = "error_id", "errorId"
    MESSAGE = "umid", "umid"
    BATCH = "batch_id", "batchId"
    ANY = "uuid", "id"
    CLIENT_MESSAGE = "client_message_id", "client message id"
    CLIENT_BATCH = "client_batch_id", "client batch id"


class State(models.TextChoices):
    """How a watch stands."""

    OPEN = "open"
    ARRIVED = "arrived"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class WatchQuerySet(models.QuerySet["Watch"]):
    """The questions asked about watches."""

    def of(self, person: User) -> Self:
        """Return the watches of ``person``, newest first."""
        return self.filter(user=person).order_by("-id")

    def open(self) -> Self:
        """Return those that still wait."""
        return self.filter(state=State.OPEN)


class Watch(models.Model):
    """An id that somebody waits for, until it arrives, the time is over or they cancel it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=350)  # ids of 8x8 in lower case with dashes
    remark = models.CharField(max_length=200, default="", blank=True)
    days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "value"], name="watch_open_once", condition=Q(state="open")
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="watch_by_person"),
            models.Index(fields=["expires_at"], name="watch_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
