"""Giving out secrets to machines."""

from collections.abc import Sequence
from datetime import datetime

from support_portal.accounts import secrets
from support_portal.accounts.admission import register
from support_portal.accounts.models import ApiToken, HookKey

SCOPES = ("events:write", "records:read")


class UnknownScope(ValueError):
    """A scope that no call of the API asks for."""


def issue_token(
    *,
    name: str,
    scopes: Sequence[str],
    secret: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which cannot be shown again."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise UnknownScope(f"unknown scope {', '.join(unknown)}; known: {', '.join(SCOPES)}")
    secret = secret or secrets.new_secret()
    token = ApiToken.objects.create(
        name=name,
        digest=secrets.digest(secret),
        hint=secrets.hint(secret),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    register.forget()
    return token, secret


def issue_hook_key(
    *, name: str, secret: str | None = None, authorization: str = ""
) -> tuple[HookKey, str]:
    """Create a webhook key and return it with its secret, which cannot be shown again."""
    secret = secret or secrets.new_secret()
    key = HookKey.objects.create(
        name=name,
        digest=secrets.digest(secret),
        hint=secrets.hint(secret),
        authorization_digest=secrets.digest(authorization) if authorization else b"",
    )
    register.forget()
    return key, secret
