"""Comments: plain text, kept as typed, shown escaped."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class Target(models.TextChoices):
    """What a comment can be about."""

    ERROR = "error"
    MESSAGE = "message"
    INCIDENT = "incident"


class CommentQuerySet(models.QuerySet["Comment"]):
    """The questions pages ask about comments."""

    def about(self, kind: str, key: str) -> Self:
        """Return the thread of one target, oldest first, with its authors."""
        return (
            self.filter(target_kind=kind, target_key=key)
            .select_related("author")
            .order_by("created_at", "id")
        )


class Comment(models.Model):
    """What somebody said about an error, a message or an incident.

    The target is named and not referenced: facts may be pruned or live in another database.
    """

    target_kind = models.CharField(max_length=10, choices=Target)
    target_key = models.CharField(max_length=100)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="comments"
    )
    author_name = models.CharField(max_length=150, default="", blank=True)  # imported comments
    source = models.CharField(max_length=200, default="", blank=True)  # imported comments
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["target_kind", "target_key", "created_at"], name="comment_by_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_kind} {self.target_key}: {self.body[:40]}"
