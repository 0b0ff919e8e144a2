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
    CODE = "code"
    INQUIRY = "inquiry"


class CommentQuerySet(models.QuerySet["Comment"]):
    """The questions pages ask about comments."""

    def about(self, kind: str, key: str) -> Self:
        """Return the thread of one target, oldest first, with its authors."""
        return (
            self.filter(target_kind=kind, target_key=key)
            .select_related("author", "gone_by")
            .order_by("created_at", "id")
        )

    def present(self) -> Self:
        """Return those that were neither deleted nor removed."""
        return self.filter(gone_at=None)


class Comment(models.Model):
    """What somebody said about a record.

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
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    mentions = models.JSONField(default=list, blank=True)  # the user names that it calls
    untold = models.JSONField(default=list, blank=True)  # those it names who may not see the record
    version = models.IntegerField(default=1)
    edited_at = models.DateTimeField(null=True, blank=True)
    # Deleted by its author or removed by a lead: the text is gone, and that it was there is not.
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    gone_why = models.CharField(max_length=500, default="", blank=True)
    # Of the form or the import that brought it: sent twice it is there once.
    once = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - NULL: neither

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["target_kind", "target_key", "created_at"], name="comment_by_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_kind} {self.target_key}: {self.body[:40]}"


class EarlierText(models.Model):
    """What a comment said before it was edited."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="earlier")
    version = models.IntegerField()
    body = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "version"], name="comment_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} version {self.version}"


class Following(models.Model):
    """Whether a person wants to know what is written about a record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="following")
    target_kind = models.CharField(max_length=10, choices=Target)
    target_key = models.CharField(max_length=100)
    wanted = models.BooleanField(default=True)  # False: they said that they do not

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target_kind", "target_key", "user"], name="following_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.target_kind} {self.target_key}"
