"""Giving out secrets to machines, renewing them, and taking them back."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from support_portal.accounts import secrets
from support_portal.accounts.admission import Quota, register
from support_portal.accounts.models import ApiToken, HookKey, SenderChange, SenderKind

SCOPES = (
    "events:write",
    "records:read",
    "inquiries:read",
    "inquiries:write",
    "comments:read",
    "comments:write",
)
SUB_ACCOUNT = re.compile(r"[A-Za-z0-9\-._&]{1,100}")  # 8x8's own rule says 3 to 50 of these
COMMAND_LINE = "command line"
S = TypeVar("S", bound=ApiToken | HookKey)
NO_QUOTA = Quota()


class UnknownScope(ValueError):
    """A scope that no call of the API asks for."""


class BadSubAccount(ValueError):
    """A name that 8x8 gives to no sub-account."""


class AlreadyDone(Exception):
    """The same form was sent before: nothing is done, and its secret cannot be shown again."""


class NotAlive(Exception):
    """The sender is revoked, so there is nothing to renew."""


def issue_token(
    *,
    name: str,
    scopes: Sequence[str],
    sub_accounts: Collection[str] | None = None,
    quota: Quota = NO_QUOTA,
    secret: str | None = None,
    expires_at: datetime | None = None,
    by: str = COMMAND_LINE,
    once: str | None = None,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which cannot be shown again."""
    secret = secret or secrets.new_secret()
    token = ApiToken(
        name=name,
        digest=secrets.digest(secret),
        hint=secrets.hint(secret),
        expires_at=expires_at,
        **_rights(scopes, sub_accounts, quota),
    )
    _create(token, by=by, once=once)
    return token, secret


def issue_hook_key(
    *,
    name: str,
    secret: str | None = None,
    authorization: str = "",
    expires_at: datetime | None = None,
    by: str = COMMAND_LINE,
    once: str | None = None,
) -> tuple[HookKey, str]:
    """Create a webhook key and return it with its secret, which cannot be shown again."""
    secret = secret or secrets.new_secret()
    key = HookKey(
        name=name,
        digest=secrets.digest(secret),
        hint=secrets.hint(secret),
        authorization_digest=_agreed(authorization),
        expires_at=expires_at,
    )
    _create(key, by=by, once=once)
    return key, secret


def change_token(
    token: ApiToken,
    *,
    name: str,
    scopes: Sequence[str],
    sub_accounts: Collection[str] | None,
    quota: Quota,
    expires_at: datetime | None,
    by: str,
) -> None:
    """Change what a token may do and until when; its secret stays."""
    values = {"name": name, "expires_at": expires_at, **_rights(scopes, sub_accounts, quota)}
    _change(token, values, by=by)


def change_hook_key(key: HookKey, *, name: str, expires_at: datetime | None, by: str) -> None:
    """Change the name of a webhook key and until when it lives; its secret stays."""
    _change(key, {"name": name, "expires_at": expires_at}, by=by)


def rotate(
    sender: S,
    *,
    overlap: timedelta,
    by: str,
    authorization: str | None = None,
    once: str | None = None,
) -> str:
    """Return a new secret for ``sender``; the present one lives on for ``overlap``.

    One that was still living on from the rotation before ends now.  With ``authorization`` a
    webhook key gets a new agreed value too ("" for none); the old secret keeps its own.
    """
    secret = secrets.new_secret()
    with transaction.atomic():
        present = _locked(sender)
        _record(present, "rotated", _lives_on(present.hint, overlap), by=by, once=once)
        present.old_digest, present.old_hint = present.digest, present.hint
        present.old_until = timezone.now() + overlap
        present.old_used_at = present.last_used_at
        present.digest, present.hint = secrets.digest(secret), secrets.hint(secret)
        present.last_used_at = None
        if isinstance(present, HookKey):
            present.old_authorization_digest = present.authorization_digest
            if authorization is not None:
                present.authorization_digest = _agreed(authorization)
        present.save()
    register.forget()
    return secret


def end_old_secret(sender: ApiToken | HookKey, *, by: str) -> None:
    """End the secret before the last rotation now."""
    with transaction.atomic():
        present = _locked(sender)
        if present.old_until and present.old_until > timezone.now():
            present.old_until = timezone.now()
            present.save(update_fields=["old_until"])
            _record(present, "old ended", f"{_secret(present.old_hint)} ended", by=by)
    register.forget()


def revoke(sender: ApiToken | HookKey, *, by: str) -> None:
    """End all secrets of ``sender`` for good; other processes notice within admission.LIFE."""
    with transaction.atomic():
        present = _locked(sender)
        present.revoked_at = timezone.now()
        present.save(update_fields=["revoked_at"])
        _record(present, "revoked", "", by=by)
    register.forget()


def kind_of(sender: ApiToken | HookKey) -> SenderKind:
    """Return the kind of a sender."""
    return SenderKind.TOKEN if isinstance(sender, ApiToken) else SenderKind.HOOK


def _rights(
    scopes: Sequence[str], sub_accounts: Collection[str] | None, quota: Quota
) -> dict[str, Any]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise UnknownScope(f"unknown scope {', '.join(unknown)}; known: {', '.join(SCOPES)}")
    wrong = [name for name in sub_accounts or () if not SUB_ACCOUNT.fullmatch(name)]
    if wrong:
        raise BadSubAccount(f"{wrong[0][:60]!r} is no name of a sub-account")
    return {
        "scopes": list(scopes),
        "sub_accounts": sorted(set(sub_accounts)) if sub_accounts else None,
        "requests_a_minute": quota.requests,
        "bytes_a_minute": quota.bytes,
    }


def _agreed(authorization: str) -> bytes:
    return secrets.digest(authorization) if authorization else b""


def _create(sender: ApiToken | HookKey, *, by: str, once: str | None) -> None:
    with transaction.atomic():
        sender.save(force_insert=True)
        _record(sender, "created", _secret(sender.hint), by=by, once=once)
    register.forget()


def _change(sender: ApiToken | HookKey, values: dict[str, Any], *, by: str) -> None:
    with transaction.atomic():
        present = _locked(sender)
        changed = [
            f"{_WORDS[field]}: {_told(getattr(present, field))} → {_told(value)}"
            for field, value in values.items()
            if getattr(present, field) != value
        ]
        if changed:
            type(sender).objects.filter(pk=sender.pk).update(**values)
            _record(present, "changed", "\n".join(changed), by=by)
    register.forget()


def _locked(sender: S) -> S:
    """Return the row as it is now, held until the transaction ends."""
    present: S = type(sender).objects.select_for_update().get(pk=sender.pk)
    if present.revoked_at:
        raise NotAlive
    return present


def _record(
    sender: ApiToken | HookKey, what: str, detail: str, *, by: str, once: str | None = None
) -> None:
    try:
        with transaction.atomic():
            SenderChange.objects.create(
                kind=kind_of(sender).value,
                sender_id=sender.pk,
                who=by[:150],
                what=what,
                detail=detail,
                once=once or None,
            )
    except IntegrityError:
        raise AlreadyDone from None


def _lives_on(hint: str, overlap: timedelta) -> str:
    if not overlap:
        return f"{_secret(hint)} ended"
    until = (timezone.now() + overlap).strftime("%Y-%m-%d %H:%M UTC")
    return f"{_secret(hint)} lives until {until}"


def _secret(hint: str) -> str:
    return f"the secret {hint}…" if hint else "a secret without a hint"


_WORDS = {
    "name": "name",
    "expires_at": "expires",
    "scopes": "scopes",
    "sub_accounts": "sub-accounts",
    "requests_a_minute": "requests a minute",
    "bytes_a_minute": "bytes a minute",
}


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, list):
        return ", ".join(value)
    return "none" if value is None else str(value)
