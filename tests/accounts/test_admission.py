"""Who may come in, how long that is remembered, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from support_portal.accounts.admission import (
    LIFE,
    LOOK_AGAIN,
    Admitted,
    Quota,
    Register,
    admit_hook,
    admit_token,
    register,
)
from support_portal.accounts.models import ApiToken, HookKey
from support_portal.accounts.secrets import digest
from support_portal.accounts.services import issue_hook_key, issue_token
from tests.accounts.clocks import Clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 23, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BEFORE = "the secret before"


def rotated(sender, *, until, **more):
    """Give ``sender`` a secret before its present one."""
    type(sender).objects.filter(pk=sender.pk).update(
        old_digest=digest(BEFORE), old_until=until, **more
    )
    register.forget()


def test_a_token_is_admitted_as_plain_data():
    token, secret = issue_token(name="order-notifier", scopes=["events:write"])
    ApiToken.objects.update(sub_accounts=["northwind_ph_hq"], requests_a_minute=60)

    admitted = admit_token(secret)

    assert admitted == Admitted(
        kind="token",
        id=token.id,
        name="order-notifier",
        scopes=frozenset({"events:write"}),
        sub_accounts=("northwind_ph_hq",),
        quota=Quota(requests=60, bytes=None),
        digest=digest(secret),
    )
    assert admitted.may("events:write")
    assert not admitted.may("records:read")


def test_a_hook_key_may_send_and_nothing_else():
    key, secret = issue_hook_key(name="8x8")

    assert admit_hook(secret, "") == Admitted(
        kind="hook",
        id=key.id,
        name="8x8",
        scopes=frozenset({"events:write"}),
        digest=digest(secret),
    )


@pytest.mark.parametrize("wrong", ["", " ", "\x00", "\ud800", "é", "x" * 100_000, "secret "])
def test_a_secret_that_is_not_known_admits_nobody(wrong):
    issue_token(name="order-notifier", scopes=["events:write"], secret="secret")
    issue_hook_key(name="8x8", secret="secret")

    assert admit_token(wrong) is None
    assert admit_hook(wrong, "") is None


def test_a_token_and_a_hook_key_with_the_same_secret_are_kept_apart():
    issue_token(name="order-notifier", scopes=["records:read"], secret="the same secret")
    issue_hook_key(name="8x8", secret="the same secret")

    assert admit_token("the same secret").name == "order-notifier"
    assert admit_hook("the same secret", "").name == "8x8"


@pytest.mark.parametrize(
    ("given", "admitted"),
    [("Basic agreed", True), ("Basic agreed ", False), ("basic agreed", False), ("", False)],
)
def test_an_agreed_authorization_has_to_be_the_same_to_the_letter(given, admitted):
    _, secret = issue_hook_key(name="8x8", authorization="Basic agreed")

    assert (admit_hook(secret, given) is not None) == admitted


def test_a_sender_expires_on_the_moment_although_it_was_just_seen():
    _, secret = issue_token(name="order-notifier", scopes=["events:write"], expires_at=NOON)

    with time_machine.travel(NOON - TICK, tick=False):
        before = admit_token(secret)
    with time_machine.travel(NOON, tick=False):
        after = admit_token(secret)

    assert (before.name, after) == ("order-notifier", None)


def test_both_secrets_open_until_the_overlap_ends():
    token, secret = issue_token(name="order-notifier", scopes=["events:write"])
    rotated(token, until=NOON)

    with time_machine.travel(NOON - TICK, tick=False):
        during = [admit_token(one).digest for one in (secret, BEFORE)]
    with time_machine.travel(NOON, tick=False):
        after = [admit_token(secret).digest, admit_token(BEFORE)]

    assert during == [digest(secret), digest(BEFORE)]
    assert after == [digest(secret), None]


def test_the_old_secret_ends_with_its_sender():
    token, _ = issue_token(name="order-notifier", scopes=["events:write"], expires_at=NOON)
    rotated(token, until=NOON + timedelta(days=1))

    with time_machine.travel(NOON, tick=False):
        assert admit_token(BEFORE) is None


def test_each_webhook_secret_goes_with_its_own_authorization():
    key, secret = issue_hook_key(name="8x8", authorization="new")
    later = timezone.now() + timedelta(hours=1)
    rotated(key, until=later, old_authorization_digest=digest("old"))

    opened = [
        (one, agreed)
        for one in ("present", "old")
        for agreed in ("new", "old", "")
        if admit_hook(secret if one == "present" else BEFORE, agreed)
    ]

    assert opened == [("present", "new"), ("old", "old")]


@pytest.mark.parametrize("senders", [1, 50])
def test_everybody_is_seen_by_two_queries_and_then_by_none(senders, django_assert_num_queries):
    for number in range(senders):
        issue_token(name=f"sender {number}", scopes=["events:write"], secret=f"token {number}")
        issue_hook_key(name=f"webhook {number}", secret=f"hook {number}")

    with django_assert_num_queries(2):
        admit_token("token 0")
    with django_assert_num_queries(0):
        for number in range(senders):
            admit_token(f"token {number}")
            admit_hook(f"hook {number}", "")


@pytest.mark.parametrize("model", [ApiToken, HookKey])
def test_a_revocation_elsewhere_is_seen_when_the_life_of_what_was_seen_is_over(model):
    issue_token(name="order-notifier", scopes=["events:write"], secret="secret")
    issue_hook_key(name="8x8", secret="secret")
    clock = Clock()
    own = Register(clock)
    kind = "token" if model is ApiToken else "hook"
    seen = [own.find(kind, "secret") is not None]

    model.objects.update(revoked_at=timezone.now())
    for seconds in (LIFE - 0.001, 0.001):
        clock.now += seconds
        seen.append(own.find(kind, "secret") is not None)

    assert seen == [True, True, False]


def test_a_secret_made_elsewhere_is_known_a_second_later_and_guesses_cost_one_look(
    django_assert_num_queries,
):
    clock = Clock()
    own = Register(clock)
    own.find("token", "secret")
    ApiToken.objects.create(name="made elsewhere", digest=digest("secret"), scopes=[])

    with django_assert_num_queries(0):
        early = [own.find("token", f"guess {number}") for number in range(100)]
        early.append(own.find("token", "secret"))
    clock.now += LOOK_AGAIN
    with django_assert_num_queries(2):
        late = own.find("token", "secret")
        own.find("token", "one more guess")

    assert set(early) == {None}
    assert late.sender.name == "made elsewhere"


def test_a_change_in_the_same_process_is_seen_at_once():
    assert admit_token("secret") is None

    issue_token(name="order-notifier", scopes=["events:write"], secret="secret")

    assert admit_token("secret").name == "order-notifier"
