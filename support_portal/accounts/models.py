"""People, their teams, and the machines that may send."""

import zoneinfo
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Role(models.TextChoices):
    """What a person may do; each role may do what the one before it may."""

    VIEWER = "viewer"
    AGENT = "agent"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"


RIGHTS = {
    "comment": Role.AGENT,
    "remove comments": Role.LEAD,
    "note": Role.AGENT,
    "share views": Role.AGENT,
    "inquire": Role.AGENT,
    "handle incidents": Role.AGENT,
    "correct codes": Role.LEAD,
    "run the desk": Role.LEAD,
    "see_files": Role.AGENT,
    "upload": Role.LEAD,
    "replay": Role.LEAD,
    "see senders": Role.LEAD,
    "manage": Role.ADMINISTRATOR,
}
RANKS = {role: rank for rank, role in enumerate(Role)}


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no IANA zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone. Example: Asia/Manila")


class Team(models.Model):
    """Colleagues who look after the same sub-accounts."""

    name = models.CharField(max_length=100, unique=True)
    all_sub_accounts = models.BooleanField(default=False)
    sub_accounts = models.JSONField(default=list, blank=True)  # names, exactly as 8x8 has them

    def __str__(self) -> str:
        return self.name


class PortalUserManager(UserManager["User"]):
    """Makes the person of ``createsuperuser`` an administrator."""

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra: Any,
    ) -> "User":
        """Create a person who may do and see everything."""
        extra.setdefault("role", Role.ADMINISTRATOR)
        return super().create_superuser(username, email, password, **extra)


class TalkMail(models.TextChoices):
    """When what colleagues write goes by mail."""

    AT_ONCE = "at_once", "at once"
    DAILY = "daily", "once a day"
    NEVER = "never", "never"


class User(AbstractUser):
    """A member of the support staff."""

    role = models.CharField(max_length=20, choices=Role, default=Role.VIEWER)
    time_zone = models.CharField(max_length=50, default="UTC", validators=[validate_time_zone])
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    mail_notices = models.BooleanField(default=True)  # what the bell says goes by mail as well
    talk_mail = models.CharField(max_length=10, choices=TalkMail, default=TalkMail.AT_ONCE)

    objects: ClassVar[PortalUserManager] = PortalUserManager()

    def may(self, right: str) -> bool:
        """Tell whether the role includes ``right``, one of RIGHTS."""
        return self.is_active and RANKS[Role(self.role)] >= RANKS[RIGHTS[right]]

    @property
    def sub_accounts(self) -> list[str] | None:
        """Return the sub-accounts this person may see; None stands for all of them."""
        if self.role == Role.ADMINISTRATOR or (self.team and self.team.all_sub_accounts):
            return None
        return self.team.sub_accounts if self.team else []


class SenderQuerySet(models.QuerySet[Any]):
    """The questions asked about machines that send."""

    def alive(self) -> Self:
        """Return those that are neither revoked nor expired."""
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class Sender(models.Model):
    """A machine that sends to us; its secret is shown once and kept as a digest.

    After a rotation the secret before it lives on until ``old_until``.
    """

    name = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=12)  # the first characters, to tell secrets apart
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    old_digest = models.BinaryField(max_length=32, null=True, unique=True)
    old_hint = models.CharField(max_length=12, default="", blank=True)
    old_until = models.DateTimeField(null=True, blank=True)
    old_used_at = models.DateTimeField(null=True, blank=True)

    objects = SenderQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class ApiToken(Sender):
    """The right of one of our own services to call the JSON API."""

    scopes = models.JSONField(default=list)  # words of services.SCOPES
    # What it may read and send for: names, exactly as 8x8 has them; NULL stands for all.
    sub_accounts = models.JSONField(null=True, blank=True)
    # Quotas of its own; NULL stands for those of the installation.
    requests_a_minute = models.PositiveIntegerField(null=True, blank=True)
    bytes_a_minute = models.PositiveBigIntegerField(null=True, blank=True)


class HookKey(Sender):
    """The unguessable part of a webhook address that 8x8 posts to."""

    # 8x8 sends a fixed Authorization value unchanged; empty = none was agreed.
    authorization_digest = models.BinaryField(max_length=32, default=b"", blank=True)
    old_authorization_digest = models.BinaryField(max_length=32, default=b"", blank=True)


class SenderKind(models.TextChoices):
    """The two kinds of senders, which have tables of their own."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    HOOK = "hook"


class SenderMinute(models.Model):
    """What one sender did in one minute, over all web processes."""

    pk = models.CompositePrimaryKey("kind", "sender_id", "minute")
    kind = models.CharField(max_length=5, choices=SenderKind)
    sender_id = models.BigIntegerField()
    minute = models.BigIntegerField()  # since 1970
    requests = models.BigIntegerField()
    bytes = models.BigIntegerField()
    refused = models.BigIntegerField()  # for being over the quota

    def __str__(self) -> str:
        return f"{self.kind} {self.sender_id}: {self.requests} in minute {self.minute}"


class SenderChange(models.Model):
    """Who did what to a sender, and when; never its secret."""

    kind = models.CharField(max_length=5, choices=SenderKind)
    sender_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)  # a name: people go, what they did stays
    what = models.CharField(max_length=20)
    detail = models.TextField(default="", blank=True)
    # Of the form that asked for it: sent twice it does nothing, so no secret is made unseen.
    once = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - NULL: no form

    class Meta:
        indexes = [models.Index(fields=["kind", "sender_id", "-id"], name="change_by_sender")]

    def __str__(self) -> str:
        return f"{self.who} {self.what} {self.kind} {self.sender_id}"
