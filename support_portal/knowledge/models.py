"""What the team says about codes.  Every version is kept; the current one is marked."""

from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.knowledge.subjects import Subject

V = TypeVar("V", bound="Version")


class VersionQuerySet(models.QuerySet[V]):
    """The questions pages ask about versions."""

    def current(self) -> Self:
        """Return what is said now."""
        return self.filter(current=True).select_related("author")

    def about(self, registry: str, code: int) -> Self:
        """Return everything that was ever said about a code, newest first, with its authors."""
        return self.filter(registry=registry, code=code).select_related("author").order_by("-id")

    def on(self, subject: Subject) -> Self:
        """Return the versions on exactly this subject."""
        return self.filter(**subject.columns)


class Version(models.Model):
    """One version of what is said about a subject; rows are only added.

    ``number`` counts from 1 for each subject.  Two people who both change version 3 would both make
    version 4, of which the key lets one in.
    """

    registry = models.CharField(max_length=40)
    code = models.BigIntegerField()
    operator = models.CharField(max_length=100, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    number = models.IntegerField()
    current = models.BooleanField(default=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["registry", "code", "operator", "country", "number"],
                name="%(class)s_once",
            ),
        ]
        indexes = [
            models.Index(fields=["code"], name="%(class)s_current", condition=Q(current=True)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} version {self.number}"

    @property
    def subject(self) -> Subject:
        """Return what it is about."""
        return Subject(self.registry, self.code, self.operator, self.country)


class Note(Version):
    """What colleagues know about a code: plain text, shown escaped.  An empty one ends it."""

    text = models.TextField(default="", blank=True)

    objects = VersionQuerySet["Note"].as_manager()

    @property
    def ended(self) -> bool:
        """Tell whether the note was removed."""
        return not self.text


class Override(Version):
    """What the team says instead of the tables; an empty field leaves the tables' word."""

    name = models.CharField(max_length=100, default="", blank=True)  # of a code no table lists
    headline = models.CharField(max_length=200, default="", blank=True)
    whose = models.CharField(max_length=20, default="", blank=True)
    retry = models.CharField(max_length=20, default="", blank=True)
    retry_after = models.CharField(max_length=100, default="", blank=True)
    next_step: "models.JSONField[Any, list[str]]" = models.JSONField(default=list, blank=True)
    customer_text = models.CharField(max_length=600, default="", blank=True)
    revoked = models.BooleanField(default=False)

    objects = VersionQuerySet["Override"].as_manager()

    @property
    def ended(self) -> bool:
        """Tell whether it was taken back."""
        return self.revoked


class DriftKind(models.TextChoices):
    """Why something is in the inbox."""

    UNKNOWN = "unknown"  # no table lists the code
    REWORDED = "reworded"  # the message is none that we know of this code
    MORE = "more"  # there was too much of one table on one day


class DriftState(models.TextChoices):
    """What became of it."""

    OPEN = "open"
    NAMED = "named"
    ACCEPTED = "accepted"
    ASIDE = "aside"


class Drift(models.Model):
    """A code or a wording that was never seen before, once, however often it comes.

    The key is a digest of what tells entries apart (``knowledge.noting``), so noting one twice is noting
    it once.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=DriftKind)
    registry = models.CharField(max_length=40)
    code = models.BigIntegerField()
    form = models.CharField(max_length=300, default="", blank=True)
    seen = models.BigIntegerField()  # until it was settled
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    noted_on = models.DateField()  # the day it was first noted, which is what the limit counts
    samples: "models.JSONField[Any, list[list[str]]]" = models.JSONField(default=list)  # kind, id
    state = models.CharField(max_length=10, choices=DriftState, default=DriftState.OPEN)

    class Meta:
        indexes = [
            models.Index(fields=["state", "last_seen", "id"], name="drift_by_state"),
            models.Index(fields=["registry", "noted_on"], name="drift_by_day"),
            models.Index(fields=["registry", "code"], name="drift_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.registry} {self.code} {self.kind}: {self.form[:40]}"


class DriftStep(models.Model):
    """What somebody did with an entry of the inbox, and why."""

    drift = models.ForeignKey(Drift, models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=DriftState)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.drift_id} {self.state}"
