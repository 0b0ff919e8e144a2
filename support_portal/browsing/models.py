"""What is kept about browsing: saved views."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from support_portal.accounts.models import Team, User
from support_portal.insights.models import Kind

SLUG_LENGTH, NAME_LENGTH, QUERY_LENGTH = 80, 80, 4_000


class Scope(models.TextChoices):
    """Who has a view."""

    MINE = "mine"
    TEAM = "team"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The questions asked about views."""

    def of(self, person: User) -> Self:
        """Return the views that ``person`` has, by name."""
        return self.within_reach(person).filter(removed_at=None).order_by("name", "id")

    def within_reach(self, person: User) -> Self:
        """Return the views of ``person`` and those of their team, removed ones as well."""
        mine = Q(owner=person, scope=Scope.MINE)
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
