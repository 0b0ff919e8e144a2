"""Secrets are given out once, renewed with overlap and taken back, and all of it is written down."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from support_portal.accounts.admission import Quota, admit_hook, admit_token
from support_portal.accounts.models import ApiToken, HookKey, SenderChange
from support_portal.accounts.secrets import digest
from support_portal.accounts.services import (
    AlreadyDone,
    BadSubAccount,
    NotAlive,
    change_token,
    end_old_secret,
    issue_hook_key,
    issue_token,
    revoke,
    rotate,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def told():
    return list(SenderChange.objects.order_by("id").values_list("who", "what", "detail"))


def test_after_a_rotation_both_secrets_open_until_the_chosen_time(noon):
    token, old = issue_token(name="sender", scopes=["events:write"])

    new = rotate(token, overlap=DAY, by="eve")

    seen = []
    for wait in (timedelta(), DAY - timedelta(seconds=1), timedelta(seconds=1)):
        noon.shift(wait)
        seen.append([admit_token(secret) is not None for secret in (old, new)])
    assert seen == [[True, True], [True, True], [False, True]]
    assert told()[1] == (
        "eve",
        "rotated",
        f"the secret {old[:8]}… lives until 2026-07-24 12:00 UTC",
    )


def test_without_overlap_the_old_secret_ends_at_once():
    token, old = issue_token(name="sender", scopes=["events:write"])

    new = rotate(token, overlap=timedelta(), by="eve")

    assert [admit_token(secret) is not None for secret in (old, new)] == [False, True]


def test_a_second_rotation_ends_the_secret_before_the_last():
    token, first = issue_token(name="sender", scopes=["events:write"])
    second = rotate(token, overlap=DAY, by="eve")

    third = rotate(token, overlap=DAY, by="eve")

    opened = [admit_token(secret) is not None for secret in (first, second, third)]
    assert opened == [False, True, True]


def test_the_last_use_goes_with_the_secret_it_belongs_to():
    token, _ = issue_token(name="sender", scopes=["events:write"])
    ApiToken.objects.update(last_used_at=NOON - DAY)

    rotate(token, overlap=DAY, by="eve")

    token.refresh_from_db()
    assert (token.last_used_at, token.old_used_at) == (None, NOON - DAY)


@pytest.mark.parametrize(
    ("authorization", "new_value"), [(None, "Basic old"), ("", ""), ("Basic new", "Basic new")]
)
def test_a_webhook_rotates_with_or_without_a_new_authorization(authorization, new_value):
    key, old = issue_hook_key(name="8x8", authorization="Basic old")

    new = rotate(key, overlap=DAY, by="eve", authorization=authorization)

    assert admit_hook(old, "Basic old") is not None
    assert admit_hook(new, new_value) is not None
    assert (admit_hook(new, "Basic wrong") is None) == bool(new_value)


def test_the_old_secret_can_be_ended_early_and_that_is_written_down_once():
    token, old = issue_token(name="sender", scopes=["events:write"])
    rotate(token, overlap=DAY, by="eve")

    end_old_secret(token, by="ana")
    end_old_secret(token, by="ana")

    assert admit_token(old) is None
    assert told()[2:] == [("ana", "old ended", f"the secret {old[:8]}… ended")]


def test_a_revoked_sender_opens_nothing_and_cannot_come_back():
    token, old = issue_token(name="sender", scopes=["events:write"])
    new = rotate(token, overlap=DAY, by="eve")

    revoke(token, by="eve")

    assert [admit_token(secret) for secret in (old, new)] == [None, None]
    for deed in (
        lambda: rotate(token, overlap=DAY, by="eve"),
        lambda: revoke(token, by="eve"),
        lambda: end_old_secret(token, by="eve"),
    ):
        with pytest.raises(NotAlive):
            deed()


def test_a_change_says_what_was_before_and_what_is_now():
    token, _ = issue_token(name="sender", scopes=["events:write"])
    values = {
        "name": "sender",
        "scopes": ["events:write"],
        "sub_accounts": ["northwind_b", "northwind_a"],
        "quota": Quota(60, None),
        "expires_at": NOON + DAY,
    }

    change_token(token, **values, by="eve")
    change_token(token, **values, by="eve")

    assert told()[1:] == [
        (
            "eve",
            "changed",
            "expires: none → 2026-07-24 12:00 UTC\n"
            "sub-accounts: none → northwind_a, northwind_b\n"
            "requests a minute: none → 60",
        )
    ]


def test_no_secret_is_in_the_history_nor_in_the_row():
    token, old = issue_token(name="sender", scopes=[])
    new = rotate(token, overlap=DAY, by="eve")
    key, hook = issue_hook_key(name="8x8", authorization="Basic agreed")

    kept = repr([list(model.objects.values()) for model in (ApiToken, HookKey, SenderChange)])

    assert [secret in kept for secret in (old, new, hook, "Basic agreed")] == [False] * 4
    assert bytes(key.authorization_digest) == digest("Basic agreed")


def test_the_same_form_twice_makes_one_secret():
    token, _ = issue_token(name="sender", scopes=[], once="a word")
    rotate(token, overlap=DAY, by="eve", once="another word")

    for deed in (
        lambda: issue_token(name="sender", scopes=[], once="a word"),
        lambda: rotate(token, overlap=DAY, by="eve", once="another word"),
    ):
        with pytest.raises(AlreadyDone), transaction.atomic():
            deed()

    assert (ApiToken.objects.count(), len(told())) == (1, 2)


@pytest.mark.parametrize("name", ["", " ", "a b", "a,b", "ä", "x" * 101, "\x00", "\u202e"])
def test_a_name_that_is_no_sub_account_is_refused(name):
    with pytest.raises(BadSubAccount, match="is no name of a sub-account"):
        issue_token(name="sender", scopes=[], sub_accounts=[name])

    assert ApiToken.objects.count() == 0
