"""When we listened, when we did not, and how much came in."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from support_portal.core.ids import uuid7
from support_portal.events.models import Scoped

# 8x8 repeats a failed webhook after 1, 10, 30 and 90 s, and then never again.
REPEATED_FOR = timedelta(seconds=131)


class Role(models.TextChoices):
    """What gives signs of life."""

    WEB = "web"  # listens to senders
    WORKER = "worker"
    BEAT = "beat"
    SWEEP = "sweep"  # what beat asks for reaches the worker, through the broker, and is done


class SignOfLife(models.Model):
    """A stretch of time in which one process lived and could write to the database.

    It grows every few seconds.  A process that missed some starts another row, so that the time
    between two rows is time nobody can answer for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=100)  # host and process id
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["role", "seen_at"], name="sign_by_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"


class DeafKind(models.TextChoices):
    """Why nothing was heard."""

    DOWN = "down"  # no web process gave a sign of life
    REFUSED = "refused"  # one lived, but answered 5xx or could not reach the database
    SILENT = "silent"  # we listened, but a sub-account that usually sends did not


class DeafIntervalQuerySet(Scoped["DeafInterval"]):
    """The questions about time in which nothing was heard."""

    def ours(self) -> Self:
        """Return the intervals in which we did not listen, whoever sent."""
        return self.exclude(kind=DeafKind.SILENT)

    def newest_first(self) -> Self:
        """Order as the intake page shows them."""
        return self.order_by("-began_at", "-id")

    def touching(self, began: datetime, ended: datetime) -> Self:
        """Return the intervals that share a moment with ``began`` to ``ended``."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gte=began), began_at__lte=ended)


class DeafInterval(models.Model):
    """Time in which we did not hear: absence proves nothing about it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.CharField(max_length=10, choices=DeafKind)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # only silence is kept while it lasts
    refused = models.IntegerField(default=0)  # requests that got 5xx
    # The doors that refused, or the one that is silent, as words; "" for all of them.
    sources = models.CharField(max_length=40, default="", blank=True)
    sub_account = models.CharField(max_length=100, default="", blank=True)  # of a silence
    expected = models.IntegerField(default=0)  # what usually comes in such a time, at least
    note = models.TextField(default="", blank=True)
    noted_by = models.CharField(max_length=150, default="", blank=True)
    noted_at = models.DateTimeField(null=True)

    objects = DeafIntervalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sub_account", "sources"],
                name="deaf_one_silence_at_a_time",
                condition=Q(kind="silent", ended_at=None),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")),
                name="deaf_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["began_at"], name="deaf_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.began_at:%Y-%m-%d %H:%M:%S}"

    @property
    def length(self) -> timedelta | None:
        """Return how long it was; None while it lasts."""
        return self.ended_at - self.began_at if self.ended_at else None

    @property
    def lost_until(self) -> datetime | None:
        """Return the end of the time whose webhooks never came; None when 8x8 repeated them all.

        It begins with the interval: what 8x8 first tried then was not repeated after its end.
        """
        if self.kind == DeafKind.SILENT or self.ended_at is None:
            return None
        lost = self.ended_at - REPEATED_FOR
        return lost if lost >= self.began_at else None


class Measure(models.TextChoices):
    """What an ArrivalCount counts by."""

    MINUTE = "minute"  # everything, for a month of minutes too many: kept for two days
    HOUR = "hour"  # by sub-account
    SENDER = "sender"  # by token or key, since ever
    RULE = "rule"  # dropped under a rule, since ever


class ArrivalCount(models.Model):
    """How many items came in a minute or an hour, from a sender or for a rule, and when the last did."""

    measure = models.CharField(max_length=10, choices=Measure)
    source = models.CharField(max_length=10)
    subject = models.CharField(max_length=100)  # sub-account, sender or rule
    slot = models.IntegerField()  # minutes or hours since 1970; 0 for what is counted since ever
    items = models.BigIntegerField()
    last = models.BigIntegerField()  # seconds since 1970

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "slot", "source", "subject"], name="arrivals_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.items} in {self.measure} {self.slot}"
