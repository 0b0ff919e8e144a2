"""Quotas of tokens, what is counted, and when it is written down."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from support_portal.accounts.admission import Admitted, Quota
from support_portal.accounts.models import ApiToken, HookKey, SenderMinute
from support_portal.accounts.secrets import digest
from support_portal.accounts.services import issue_hook_key, issue_token
from support_portal.accounts.usage import EXCHANGE, KEPT_MINUTES, Ledger, Over
from tests.accounts.clocks import Clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 23, 12, tzinfo=UTC)
MINUTE = int(NOON.timestamp()) // 60


class Process:
    """One web process: a ledger with clocks of its own."""

    def __init__(self, wall=None):
        self.clock, self.wall = Clock(), wall or Clock(NOON.timestamp())
        self.ledger = Ledger(clock=self.clock, wall=self.wall)

    def wait(self, seconds):
        self.clock.now += seconds
        self.wall.now += seconds


def token(**quota):
    return Admitted("token", 1, "order-notifier", frozenset(), quota=Quota(**quota))


def minutes():
    return sorted(
        SenderMinute.objects.values_list(
            "kind", "sender_id", "minute", "requests", "bytes", "refused"
        )
    )


def test_a_token_may_use_its_quota_and_not_one_call_more():
    process = Process()

    answers = [process.ledger.enter(token(requests=2)) for _ in range(4)]

    assert answers == [None, None, Over(2, "requests", 60), Over(2, "requests", 60)]


@pytest.mark.parametrize(("seconds", "left"), [(0, 60), (0.1, 60), (1, 59), (59, 1), (59.9, 1)])
def test_the_wait_that_is_told_is_long_enough_and_no_second_longer(seconds, left):
    process = Process()
    process.wait(seconds)
    process.ledger.enter(token(requests=1))

    over = process.ledger.enter(token(requests=1))
    process.wait(over.seconds)

    assert over == Over(1, "requests", left)
    assert process.ledger.enter(token(requests=1)) is None


def test_a_body_may_go_over_the_quota_of_bytes_and_the_next_call_waits():
    process = Process()
    answers = []
    for size in (60, 1000, 1):
        answers.append(process.ledger.enter(token(bytes=100)))
        if answers[-1] is None:
            process.ledger.weigh(token(bytes=100), size)

    assert answers == [None, None, Over(100, "bytes", 60)]


def test_a_quota_of_the_installation_holds_for_tokens_without_their_own(settings):
    settings.TOKEN_REQUESTS_A_MINUTE = 1
    process = Process()

    plain = [process.ledger.enter(token()) for _ in range(2)]
    own = [process.ledger.enter(Admitted("token", 2, "x", frozenset(), quota=Quota(3)))] * 3

    assert plain == [None, Over(1, "requests", 60)]
    assert own == [None, None, None]


def test_8x8_is_never_refused(settings):
    settings.TOKEN_REQUESTS_A_MINUTE = settings.TOKEN_BYTES_A_MINUTE = 1
    process = Process()
    hook = Admitted("hook", 1, "8x8", frozenset())

    answers = {process.ledger.enter(hook) for _ in range(100)}

    assert answers == {None}


def test_one_token_over_its_quota_does_not_take_from_another():
    process = Process()
    for _ in range(3):
        process.ledger.enter(token(requests=1))

    other = Admitted("token", 2, "viewer", frozenset(), quota=Quota(requests=1))

    assert process.ledger.enter(other) is None


def test_processes_share_a_quota_once_they_have_exchanged_what_they_counted():
    one, other = Process(), Process()
    for process in (one, other):
        process.ledger.enter(token(requests=10))
        for _ in range(5):
            process.ledger.enter(token(requests=10))
    before = [process.ledger.enter(token(requests=10)) for process in (one, other)]

    for process in (one, other, one):
        process.ledger.exchange()
    after = [process.ledger.enter(token(requests=10)) for process in (one, other)]

    assert before == [None, None]  # fourteen together, and ten are allowed
    assert after == [Over(10, "requests", 60), Over(10, "requests", 60)]


def test_what_two_processes_counted_is_added_up():
    one, other = Process(), Process()
    hook = Admitted("hook", 7, "8x8", frozenset())
    for process in (one, other):
        process.ledger.enter(token(requests=1))
        process.ledger.enter(token(requests=1))
        process.ledger.enter(hook)
        process.ledger.weigh(hook, 500)
        process.ledger.exchange()

    assert minutes() == [("hook", 7, MINUTE, 2, 1000, 0), ("token", 1, MINUTE, 2, 0, 2)]


def test_counting_costs_a_query_only_when_an_exchange_is_due(django_assert_num_queries):
    process = Process()
    process.ledger.enter(token())

    with django_assert_num_queries(0):
        for _ in range(100):
            process.ledger.enter(token())
            process.ledger.weigh(token(), 10)
    process.wait(EXCHANGE)
    with django_assert_num_queries(1):
        for _ in range(100):
            process.ledger.enter(token())


@pytest.mark.parametrize("senders", [1, 1200])
def test_an_exchange_takes_a_query_for_five_hundred_senders(senders, django_assert_num_queries):
    process = Process()
    process.ledger.enter(token())
    for number in range(1, senders + 1):
        process.ledger.enter(Admitted("hook", number, "8x8", frozenset()))
        process.ledger._noted["hook", b""] = process.clock.now

    with django_assert_num_queries(1 + senders // 500):
        process.ledger.exchange()

    assert sum(row[3] for row in minutes()) == senders + 1


@pytest.mark.parametrize(
    ("issue", "model", "old"),
    [
        (issue_token, ApiToken, False),
        (issue_token, ApiToken, True),
        (issue_hook_key, HookKey, True),
    ],
)
def test_the_last_use_of_either_secret_is_noted_once_a_minute(issue, model, old):
    more = {"scopes": []} if issue is issue_token else {}
    row, _ = issue(name="sender", **more)
    kind = "token" if model is ApiToken else "hook"
    shown = digest("the secret before") if old else bytes(row.digest)
    model.objects.update(old_digest=digest("the secret before"))
    sender = Admitted(kind, row.pk, "sender", frozenset(), digest=shown)
    process = Process()
    field = "old_used_at" if old else "last_used_at"
    noted = []
    for wait in (0, 30, 28, 2):
        process.wait(wait)
        process.ledger.enter(sender)
        row.refresh_from_db()
        noted.append((getattr(row, field) - NOON).total_seconds())

    assert noted == [0, 0, 0, 60]
    assert (row.last_used_at is None) == old


def test_what_is_noted_is_when_the_secret_was_shown_not_when_it_is_written_down():
    row, _ = issue_token(name="sender", scopes=[])
    sender = Admitted("token", row.pk, "sender", frozenset(), digest=bytes(row.digest))
    other = Admitted("token", row.pk + 1, "other", frozenset())
    process = Process()
    for wait, calling in ((0, sender), (70, other), (1, sender), (4, other)):
        process.wait(wait)
        process.ledger.enter(calling)

    row.refresh_from_db()

    assert (row.last_used_at - NOON).total_seconds() == 71


def test_a_database_that_does_not_answer_refuses_nobody_and_loses_no_count():
    def refuse(*args):
        raise OperationalError("away")

    process = Process()
    with connection.execute_wrapper(refuse):
        away = [process.ledger.enter(token(requests=3)) for _ in range(2)]
        process.wait(EXCHANGE)
        away.append(process.ledger.enter(token(requests=3)))
    process.wait(EXCHANGE)
    back = process.ledger.enter(token(requests=3))

    assert (away, back) == ([None, None, None], Over(3, "requests", 56))
    assert minutes() == [("token", 1, MINUTE, 3, 0, 1)]


def test_a_new_minute_brings_the_whole_quota_and_the_last_one_is_still_told():
    process = Process()
    for _ in range(3):
        process.ledger.enter(token(requests=2))
    process.wait(60)

    assert process.ledger.enter(token(requests=2)) is None
    assert minutes() == [("token", 1, MINUTE, 2, 0, 1), ("token", 1, MINUTE + 1, 1, 0, 0)]


def test_old_minutes_are_forgotten():
    process = Process()
    process.ledger.enter(token())
    process.wait(60 * KEPT_MINUTES)
    process.ledger.enter(token())
    process.wait(60)
    process.ledger.enter(token())

    assert [row[2] - MINUTE for row in minutes()] == [KEPT_MINUTES, KEPT_MINUTES + 1]
