"""What is kept about browsing: saved views, alerts on them, exports that are made in the background."""

from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.accounts.models import Team, User
from support_portal.core.calls import Call
from support_portal.core.ids import uuid7
from support_portal.insights.models import Kind

SLUG_LENGTH, NAME_LENGTH, QUERY_LENGTH = 80, 80, 4_000


class Scope(models.TextChoices):
    """Who has a view."""

    MINE = "mine"
    TEAM = "team"


class Holder(NamedTuple):
    """Whose views are asked for, where no more is known of them than this."""

    pk: Any
    team_id: Any


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The questions asked about views."""

    def of(self, person: "User | Holder") -> Self:
        """Return the views that ``person`` has, by name."""
        return self.within_reach(person).filter(removed_at=None).order_by("name", "id")

    def within_reach(self, person: "User | Holder") -> Self:
        """Return the views of ``person`` and those of their team, removed ones as well."""
        mine = Q(owner=person.pk, scope=Scope.MINE)
        ours = Q(scope=Scope.TEAM, team=person.team_id) if person.team_id else Q(pk__in=[])
        return self.filter(mine | ours)


class SavedView(models.Model):
    """A filter with a name, with how its list looks.

    ``query`` is that of an address: a range of time is absolute, or moves along as ``last=24h``.
    """

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=10, choices=Kind)
    query = models.CharField(max_length=QUERY_LENGTH, default="", blank=True)
    scope = models.CharField(max_length=4, choices=Scope, default=Scope.MINE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="views")
    pinned = models.BooleanField(default=False)  # to the tabs over the list, for all who have it
    version = models.IntegerField(default=1)  # what an editor saw: the first of two gets through
    changed_by = models.CharField(max_length=150, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)  # kept for a week, to be taken back

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "name"], name="view_by_owner"),
            models.Index(fields=["team", "name"], name="view_by_team", condition=Q(scope="team")),
        ]

    def __str__(self) -> str:
        return self.name


class ExportState(models.TextChoices):
    """How far an export is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVING = (ExportState.WAITING, ExportState.RUNNING)


class Export(models.Model):
    """A file that is made in the background: how far it is, and what it takes to go on."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=10, choices=Kind)
    form = models.CharField(max_length=10)  # a word of exports.writing.Format
    bom = models.BooleanField(default=False)
    query = models.CharField(max_length=QUERY_LENGTH, default="", blank=True)
    # The sub-accounts its owner could see when asking for it; NULL: all.
    seen = models.JSONField(null=True, blank=True)
    name = models.CharField(max_length=200)  # of the file
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    problem = models.CharField(max_length=300, default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # Whoever makes it has it until then; a worker that died lets go of it by that.
    held_until = models.DateTimeField(default=timezone.now)
    attempts = models.IntegerField(default=0)  # stretches that brought nothing
    expected = models.BigIntegerField(null=True, blank=True)  # rows; NULL: nobody counted them
    rows = models.BigIntegerField(default=0)
    chunks = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)  # of the file, in bytes
    stored = models.BigIntegerField(default=0)  # of its chunks, which are compressed and sealed
    behind = models.JSONField(null=True, blank=True)  # the place of the last row
    archive = models.JSONField(default=dict, blank=True)  # of a workbook: what to go on with

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="export_by_owner"),
            models.Index(
                fields=["held_until"],
                name="export_to_make",
                condition=Q(state__in=("waiting", "running")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class ExportChunk(models.Model):
    """A piece of an exported file, sealed; kept until it expires."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="pieces")
    number = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="export_chunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}:{self.number}"


class Measure(models.TextChoices):
    """What an alert watches."""

    COUNT = "count"
    SHARE = "share"  # in per cent of all records of the same places


class Alert(models.Model):
    """Somebody wants to know when a view shows more than so much."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="alerts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="alerts")
    measure = models.CharField(max_length=5, choices=Measure, default=Measure.COUNT)
    threshold = models.FloatField()
    window = models.IntegerField()  # minutes
    pause = models.IntegerField()  # minutes for which it keeps still after it fired
    bell = models.BooleanField(default=True)  # which mails, too
    webhook = models.CharField(max_length=500, default="", blank=True)
    muted = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)  # when it was last looked
    problem = models.CharField(max_length=200, default="", blank=True)  # why it cannot be looked
    fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["checked_at"], name="alert_to_check", condition=Q(muted=False)),
        ]

    def __str__(self) -> str:
        return f"{self.view_id} {self.measure} {self.threshold}"


class AlertCall(Call):
    """One call of the webhook of an alert."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="calls")

    class Meta:
        indexes = [
            models.Index(fields=["alert", "-id"], name="call_by_alert"),
            models.Index(fields=["due_at"], name="call_to_make", condition=Q(state="waiting")),
        ]


class Look(models.Model):
    """A record that a person looked at; the newest look counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="looks")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.UUIDField()
    at = models.DateTimeField()
    pinned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="look_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-pinned", "-at"], name="look_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
