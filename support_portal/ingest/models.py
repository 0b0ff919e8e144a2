"""The inbox: what was sent to us, kept before it is understood."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.core.ids import uuid7
from support_portal.ingest.files import models as file_models  # noqa: F401 - tables of this app, too

# Django looks for models here.
from support_portal.ingest.listening.models import ArrivalCount, DeafInterval, SignOfLife
from support_portal.ingest.quarantine_models import QuarantineState

__all__ = [
    "ArrivalCount",
    "DeafInterval",
    "Delivery",
    "DeliveryQuerySet",
    "DeliveryState",
    "QuarantineEntry",
    "QuarantineQuerySet",
    "QuarantineState",
    "SignOfLife",
    "Source",
]


class Source(models.TextChoices):
    """The door a delivery came through."""

    API = "api"
    HOOK = "hook"
    FILE = "file"
    DEMO = "demo"
    EDITED = "edited"  # an item of the quarantine that a lead has mended


class DeliveryState(models.TextChoices):
    """Whether a delivery still waits to be understood."""

    PENDING = "pending"
    DONE = "done"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """The questions the drain and the intake page ask."""

    def pending(self) -> Self:
        """Return what waits, oldest first (ids tell the time to the millisecond)."""
        return self.filter(state=DeliveryState.PENDING).order_by("id")


class Delivery(models.Model):
    """One POST or file: the sealed bytes, and what became of them."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.CharField(max_length=10, choices=Source)
    sender = models.CharField(max_length=100, default="", blank=True)
    # The API token it came with, which may be restricted to some sub-accounts.
    token_id = models.BigIntegerField(null=True)
    content_type = models.CharField(max_length=100, default="", blank=True)
    file_id = models.UUIDField(null=True, blank=True)  # the file that it is a piece of
    size = models.IntegerField()  # bytes of the body as it was sent
    body = models.BinaryField()  # sealed
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.IntegerField(default=0)
    next_position = models.IntegerField(default=0)  # a long one is drained in slices
    recorded = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    ignored = models.IntegerField(default=0)
    quarantined = models.IntegerField(default=0)
    drained_at = models.DateTimeField(null=True)
    # An item of the quarantine that goes through the intake again, and the pass that sent it.
    entry_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="delivery_pending", condition=Q(state=DeliveryState.PENDING)
            ),
            models.Index(
                fields=["file_id", "state"],
                name="delivery_of_file",
                condition=Q(file_id__isnull=False),
            ),
            models.Index(
                fields=["run_id", "id"], name="delivery_of_run", condition=Q(run_id__isnull=False)
            ),
            models.Index(fields=["sender", "id"], name="delivery_by_sender"),
            models.Index(
                fields=["id"], name="delivery_not_understood", condition=Q(quarantined__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.id}"


class IgnoredCount(models.Model):
    """How many items of a delivery were dropped under a rule; a row for each slice of it."""

    delivery_id = models.UUIDField(db_index=True)
    rule = models.CharField(max_length=40)
    total = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.total} by {self.rule}"


class QuarantineQuerySet(models.QuerySet["QuarantineEntry"]):
    """The questions staff ask about what was not understood."""

    def waiting(self) -> Self:
        """Return what still needs a decision, newest first."""
        return self.filter(state=QuarantineState.WAITING).newest_first()

    def newest_first(self) -> Self:
        """Order as pages show them; the key breaks ties so that pages are stable."""
        return self.order_by("-received_at", "-id")


class QuarantineEntry(models.Model):
    """One item of a delivery that could not be understood, kept whole with the reason."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    delivery_id = models.UUIDField()
    position = models.IntegerField()
    source = models.CharField(max_length=10, choices=Source)
    sender = models.CharField(max_length=100, default="", blank=True)
    token_id = models.BigIntegerField(null=True)  # as in Delivery
    reason = models.CharField(max_length=40)  # a word to group by
    detail = models.TextField()  # a sentence to read
    body = models.BinaryField()  # sealed
    size = models.IntegerField(default=0)  # bytes of the item as it was sent
    group_id = models.UUIDField()
    received_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)  # how often it was tried again
    tried_at = models.DateTimeField(null=True)
    origin_id = models.UUIDField(null=True)  # the item that was sent again and held this one
    state = models.CharField(
        max_length=10, choices=QuarantineState, default=QuarantineState.WAITING
    )
    settled_by = models.CharField(max_length=150, default="", blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery_id", "position"], name="quarantine_item_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=QuarantineState.values), name="quarantine_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at", "id"],
                name="quarantine_waiting",
                condition=Q(state=QuarantineState.WAITING),
            ),
            models.Index(
                fields=["group_id", "state", "received_at", "id"], name="quarantine_of_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}:{self.position} {self.reason}"
