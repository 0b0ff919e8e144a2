"""How the team stands to a group of errors or an incident."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Kind(models.TextChoices):
    """What somebody can be at."""

    GROUP = "group"
    INCIDENT = "incident"


class State(models.TextChoices):
    """How it stands."""

    OPEN = "open", "Open"
    WATCHING = "watching", "Watching"
    WAITING = "waiting", "Waiting for 8x8"
    SOLVED = "solved", "Solved"
    MUTED = "muted", "Muted"


class StandingQuerySet(models.QuerySet["Standing"]):
    """The questions asked about standings."""

    def muted(self, kind: str, now: datetime) -> Self:
        """Return those of which nobody wants to hear for a while."""
        return self.filter(kind=kind, state=State.MUTED, muted_until__gt=now)


class Standing(models.Model):
    """Whose a group of errors or an incident is, and how it stands.

    What it is of is named and not referenced, as by comments.  Without a row it is open and nobody's.
    """

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    muted_until = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)  # it stands like this
    came_back_at = models.DateTimeField(null=True, blank=True)  # after it was solved
    version = models.IntegerField(default=1)

    objects = StandingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="standing_once")]
        indexes = [
            models.Index(
                fields=["assignee"], name="standing_of_person", condition=~Q(assignee=None)
            ),
            models.Index(fields=["state", "since"], name="standing_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.state}"

    def now(self, moment: datetime) -> State:
        """Return how it stands at a moment: a mute ends by itself."""
        over = self.muted_until is not None and self.muted_until <= moment
        return State.OPEN if self.state == State.MUTED and over else State(self.state)


class StandingStep(models.Model):
    """What somebody changed, or that it came back; rows are only added."""

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=100)
    # NULL: the portal saw that it came back.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State)
    assignee_name = models.CharField(max_length=150, default="", blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "-id"], name="standing_step_by_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.state}"


class Doing(models.TextChoices):
    """What somebody does with a record at present."""

    LOOKING = "looking", "is looking at this"
    WRITING = "writing", "is writing a comment"
    DRAFTING = "drafting", "is drafting an inquiry"


class Presence(models.Model):
    """That a person was at a record a moment ago; a browser says so every few seconds.

    What is lost of it comes again with the next beat, so nothing waits for its being written.
    """

    pk = models.CompositePrimaryKey("kind", "key", "user_id")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    doing = models.CharField(max_length=10, choices=Doing)
    at = models.BigIntegerField()  # seconds since 1970

    class Meta:
        indexes = [models.Index(fields=["doing", "at"], name="presence_by_doing")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.doing} {self.kind} {self.key}"
