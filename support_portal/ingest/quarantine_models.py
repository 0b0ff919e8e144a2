"""What is kept beside a quarantined item: its group, its history, and passes over many items."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.core.ids import uuid7


class QuarantineState(models.TextChoices):
    """What became of an item that was not understood."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    EDITED = "edited"
    DISCARDED = "discarded"


class QuarantineGroupQuerySet(models.QuerySet["QuarantineGroup"]):
    """The questions staff ask about what is alike."""

    def waiting(self) -> Self:
        """Return the groups in which something waits."""
        return self.filter(waiting__gt=0)

    def last_seen_first(self) -> Self:
        """Order as the list shows them; the key breaks ties so that pages are stable."""
        return self.order_by("-last_at", "-id")


class QuarantineGroup(models.Model):
    """Items that are alike: same reason, source, sender and likeness; counted as they change."""

    id = models.UUIDField(primary_key=True)  # the digest of the four
    reason = models.CharField(max_length=40)
    source = models.CharField(max_length=10)
    sender = models.CharField(max_length=100, default="", blank=True)
    likeness = models.CharField(max_length=200, default="", blank=True)
    detail = models.TextField(default="", blank=True)  # of the first item, as an example
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # One counter a state, so that no page counts entries; see quarantine.apply.
    waiting = models.IntegerField(default=0)
    replayed = models.IntegerField(default=0)
    edited = models.IntegerField(default=0)
    discarded = models.IntegerField(default=0)

    objects = QuarantineGroupQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["last_at", "id"], name="quarantine_groups", condition=Q(waiting__gt=0)
            ),
            models.Index(fields=["reason", "last_at", "id"], name="quarantine_groups_by_reason"),
            models.Index(fields=["last_at", "id"], name="quarantine_groups_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} from {self.source} {self.sender}"

    def count(self, state: str) -> int:
        """Return how many of its items are in ``state``."""
        return int(getattr(self, QuarantineState(state).value))


class StepKind(models.TextChoices):
    """What can be done with a quarantined item."""

    REPLAYED = "replayed"
    RETURNED = "returned"  # sent through the intake again, and refused by the database once more
    EDITED = "edited"
    DISCARDED = "discarded"
    RESTORED = "restored"
    DOWNLOADED = "downloaded"


class QuarantineStep(models.Model):
    """Who did what with an item, when and why.  Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    entry_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=StepKind)
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=150, default="", blank=True)  # "" is the intake itself
    why = models.TextField(default="", blank=True)
    delivery_id = models.UUIDField(null=True)  # what it was sent through the intake as
    run_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["entry_id", "id"], name="quarantine_history")]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"


class RunKind(models.TextChoices):
    """What is done with many items."""

    REPLAY = "replay"
    DISCARD = "discard"
    RESTORE = "restore"


class RunState(models.TextChoices):
    """How far a pass over many items is."""

    RUNNING = "running"
    SETTLING = "settling"  # all were looked at; the intake has not read what was sent again
    DONE = "done"
    CANCELLED = "cancelled"


UNDER_WAY = (RunState.RUNNING, RunState.SETTLING)


class QuarantineRunQuerySet(models.QuerySet["QuarantineRun"]):
    """The questions asked about passes over many items."""

    def under_way(self) -> Self:
        """Return those that are not finished, oldest first."""
        return self.filter(state__in=UNDER_WAY).order_by("id")


class QuarantineRun(models.Model):
    """One pass over many items.  It goes on after a death: position and counts are in the row."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.CharField(max_length=10, choices=RunKind)
    reason = models.CharField(max_length=40, default="", blank=True)  # only items with this reason
    group_id = models.UUIDField(null=True)  # only items of this group
    by = models.CharField(max_length=150)
    why = models.TextField(default="", blank=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=150, default="", blank=True)
    total = models.IntegerField()  # when it began
    # Where it is: the key of the last item that was looked at, and nothing set aside later.
    until_id = models.UUIDField()
    cursor_at = models.DateTimeField(null=True)
    cursor_id = models.UUIDField(null=True)
    settled_id = models.UUIDField(null=True)  # the last delivery whose outcome is counted
    seen = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)  # sent through the intake, discarded or restored
    still = models.IntegerField(default=0)  # looked at and still not understood
    unopened = models.IntegerField(default=0)  # sealed with a key that is not in the ring
    recorded = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    ignored = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)  # refused by the intake once more

    objects = QuarantineRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="quarantine_runs_under_way", condition=Q(state__in=UNDER_WAY)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} {self.state}"

    @property
    def under_way(self) -> bool:
        """Tell whether there is something left to do."""
        return self.state in UNDER_WAY

    @property
    def cursor(self) -> tuple[object, UUID] | None:
        """Return the key of the last item that was looked at."""
        if self.cursor_at is None or self.cursor_id is None:
            return None
        return (self.cursor_at, self.cursor_id)
