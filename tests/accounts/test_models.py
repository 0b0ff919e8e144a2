"""Who may do and see what."""

import pytest
from django.core.exceptions import ValidationError

from support_portal.accounts.models import Role, Team, User
from support_portal.accounts.services import UnknownScope, issue_hook_key, issue_token

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.VIEWER, []),
        (Role.AGENT, ["comment"]),
        (Role.LEAD, ["comment", "replay"]),
        (Role.ADMINISTRATOR, ["comment", "replay", "manage"]),
    ],
)
def test_each_role_may_do_what_the_one_before_it_may(role, rights):
    person = User(username="ana", role=role)

    assert [right for right in ("comment", "replay", "manage") if person.may(right)] == rights


def test_somebody_who_left_may_nothing():
    assert User(username="ana", role=Role.ADMINISTRATOR, is_active=False).may("comment") is False


def test_without_a_team_one_sees_no_sub_account():
    assert User(username="ana", role=Role.LEAD).sub_accounts == []


def test_a_team_sees_its_sub_accounts_and_an_administrator_all():
    team = Team(name="Manila", sub_accounts=["northwind_ph_hq"])

    assert User(username="ana", role=Role.AGENT, team=team).sub_accounts == ["northwind_ph_hq"]
    assert User(username="eve", role=Role.ADMINISTRATOR, team=team).sub_accounts is None


def test_the_first_administrator_is_one():
    person = User.objects.create_superuser("root", password="a long password")

    assert (person.role, person.sub_accounts) == ("administrator", None)


def test_a_zone_must_exist():
    with pytest.raises(ValidationError):
        User(username="ana", password="x", time_zone="Mars/Olympus").full_clean()


def test_a_secret_is_kept_as_a_digest_only():
    token, secret = issue_token(name="order-notifier", scopes=["events:write"])

    assert secret.encode() not in bytes(token.digest)
    assert (len(token.digest), token.hint) == (32, secret[:8])


def test_a_scope_that_nothing_asks_for_is_refused():
    with pytest.raises(UnknownScope, match="unknown scope everything"):
        issue_token(name="x", scopes=["everything"])


def test_a_short_secret_gives_no_hint():
    key, _ = issue_hook_key(name="8x8", secret="short")

    assert key.hint == ""
