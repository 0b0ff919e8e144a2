"""Counts of errors and messages by minute, hour and day.

A count belongs to a *combination* of traits (this code, that sub-account …) and a *bucket* of time.
There are few combinations, so counts are narrow rows: where ten million facts lie, they are some
hundred thousand.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from support_portal.core.ids import uuid7
from support_portal.events.models import Reader, allowed

LEAST_USUAL = 0.5  # below that nobody says how many times the usual something is
ANY = "*"  # of a combination that stands for what is beyond the limits (insights.combinations)


class Kind(models.TextChoices):
    """What is counted."""

    ERROR = "error"
    MESSAGE = "message"


class Grain(models.IntegerChoices):
    """How wide a bucket is, in minutes."""

    MINUTE = 1
    HOUR = 60
    DAY = 1440  # of UTC


class Combination(models.Model):
    """Traits that are counted together; its key is a digest of them."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.IntegerField(null=True)
    registry = models.CharField(max_length=40, default="", blank=True)  # of a message's code
    group_id = models.BigIntegerField(default=0)  # of errors
    state = models.CharField(max_length=40, default="", blank=True)  # of messages
    sub_account = models.CharField(max_length=100, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    operator = models.CharField(max_length=100, default="", blank=True)
    http_status = models.IntegerField(null=True)  # of errors; NULL: not told

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.sub_account} {self.channel} {self.country}"


class Volume(models.Model):
    """How many records of a combination are in a bucket of time."""

    pk = models.CompositePrimaryKey("grain", "bucket", "combination_id")
    grain = models.IntegerField(choices=Grain)
    bucket = models.IntegerField()  # where it begins, in minutes since 1970
    combination = models.ForeignKey(
        Combination, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.grain} {self.bucket} {self.combination_id} {self.count}"


class Rebuilding(models.Model):
    """How far counting everything again has come; there is one row."""

    id = models.IntegerField(primary_key=True, default=1)
    version = models.IntegerField()  # of the rules of counting
    day = models.IntegerField(null=True)  # the next to count, in minutes since 1970; null: finished

    def __str__(self) -> str:
        return f"{self.version} {self.day}"


class State(models.TextChoices):
    """How an incident stands."""

    PROPOSED = "proposed"  # by the detector; nobody looked yet
    CONFIRMED = "confirmed"
    MERGED = "merged"  # it is part of another one
    CLOSED = "closed"


class Act(models.TextChoices):
    """What can be done with an incident, or happen to it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    NAMED = "named"
    MERGED = "merged"
    CLOSED = "closed"
    ENDED = "ended"  # back to what is usual
    RESUMED = "resumed"


class IncidentQuerySet(models.QuerySet["Incident"]):
    """The questions asked about incidents."""

    def visible_to(self, reader: Reader) -> Self:
        """Return those of the reader's sub-accounts, and those of no one sub-account."""
        seen = allowed(reader)
        return self if seen is None else self.filter(sub_account__in=seen)

    def newest_first(self) -> Self:
        """Order as lists show them."""
        return self.order_by("-began_at", "-id")

    def unsettled(self) -> Self:
        """Return those that nobody has merged or closed."""
        return self.filter(state__in=[State.PROPOSED, State.CONFIRMED])

    def going_on(self) -> Self:
        """Return those that are unusual at present."""
        return self.unsettled().filter(ended_at=None)


class Incident(models.Model):
    """More failures of one kind than chance explains: proposed by the detector, settled by people.

    What it is about is what all its records share; "" (and a code of NULL) leaves a trait open.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    version = models.IntegerField(default=1)  # raised by people, not by the detector
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    name = models.CharField(max_length=200, default="", blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.IntegerField(null=True)
    registry = models.CharField(max_length=40, default="", blank=True)
    sub_account = models.CharField(max_length=100, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    operator = models.CharField(max_length=100, default="", blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField()
    over_at = models.DateTimeField()  # until when it was last seen beyond the usual
    ended_at = models.DateTimeField(null=True, blank=True)  # NULL: it goes on
    records = models.IntegerField(default=0)
    usual = models.FloatField(default=0)  # so many would have been usual meanwhile
    peak = models.IntegerField(default=0)  # records in its worst minute
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts"
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-began_at", "-id"], name="incident_by_time"),
            models.Index(fields=["over_at"], name="incident_by_end"),
            models.Index(
                fields=["state"], name="incident_going_on", condition=models.Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.code} {self.sub_account}".rstrip()

    @property
    def factor(self) -> float | None:
        """Return how many times the usual it is; None where next to none are usual."""
        return self.records / self.usual if self.usual >= LEAST_USUAL else None


class IncidentStep(models.Model):
    """What somebody did with an incident, or what happened to it; rows are only added."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps")
    act = models.CharField(max_length=10, choices=Act)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # NULL: the detector
    reason = models.CharField(max_length=500, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.incident_id} {self.act}"
