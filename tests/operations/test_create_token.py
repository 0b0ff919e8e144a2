"""`create_token` prints a secret once and keeps its digest."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from support_portal.accounts.models import ApiToken, HookKey
from support_portal.accounts.secrets import digest

pytestmark = pytest.mark.django_db


def create(*arguments):
    out, aside = io.StringIO(), io.StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=aside)
    return out.getvalue().strip()


def test_a_token_may_write_events_unless_told_otherwise():
    secret = create("sms sender")

    token = ApiToken.objects.get(digest=digest(secret))
    assert [token.name, token.scopes, token.expires_at] == ["sms sender", ["events:write"], None]


def test_a_token_takes_scopes_and_an_end():
    secret = create("viewer", "--scope", "records:read", "--scope", "events:write", "--days", "30")

    token = ApiToken.objects.get(digest=digest(secret))
    assert token.scopes == ["records:read", "events:write"]
    assert (token.expires_at - timezone.now()).days in (29, 30)


def test_an_unknown_scope_creates_nothing():
    with pytest.raises(CommandError, match="invalid choice: 'everything'"):
        create("sender", "--scope", "everything")

    assert ApiToken.objects.count() == 0


def test_a_webhook_key_is_printed_as_the_path_to_give_to_8x8():
    path = create("8x8 production", "--hook", "--authorization", "agreed")

    secret = path.removeprefix("/hooks/8x8/").removesuffix("/")
    key = HookKey.objects.get(digest=digest(secret))
    assert key.name == "8x8 production"
    assert key.authorization_digest != b""
