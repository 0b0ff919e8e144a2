"""What goes by age, what stays, and that it is what was announced."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.comments.models import Comment
from support_portal.core import partitions, pruning
from support_portal.core.models import GoneBefore
from support_portal.core.pruning import Amount, Kind, Pruner, gone_before
from support_portal.events.models import (
    AccountEvent,
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
)
from support_portal.events.storage import keep_partitions
from support_portal.ingest import quarantine
from support_portal.ingest.files.models import FileState, ImportedFile
from support_portal.ingest.models import Delivery, DeliveryState, IgnoredCount, QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineState,
    QuarantineStep,
)
from support_portal.ingest.services import receive
from support_portal.inquiries import services as inquiries
from support_portal.inquiries.models import Inquiry, Mail
from support_portal.operations import retention, tasks
from support_portal.operations.retention import KINDS
from tests.events.arrived import ERROR_ID, UMID, a_receipt, an_error, at, record
from tests.events.test_around import an_account_event, an_answer
from tests.ingest.sent import drain_all, encoded, error

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no partitions"
)
SHORT = timedelta(microseconds=1)
DAYS = {"errors": 365, "messages": 90, "happenings": 90, "account_events": 365}
OTHER = UUID("9f4b5bb0-a414-4aed-8e6d-b48d0087b209")
STORES = (ErrorEvent, ErrorVariant, Message, DeliveryReceipt, Happening, AccountEvent)


def kind(name: str) -> Kind:
    return next(each for each in KINDS if each.name == name)


def removed(now: datetime, *names: str) -> dict[str, Amount]:
    """Remove what is too old at ``now`` and return what was, by kind."""
    gone = {each.name: Amount() for each in KINDS if not names or each.name in names}
    for each in KINDS:
        for amount in each.remove(now) if each.name in gone else ():
            gone[each.name].add(amount)
    return gone


def held() -> dict[str, int]:
    """Return how many facts there are, by table, as far as there are any."""
    return {model.__name__: n for model in STORES if (n := model._default_manager.count())}


def facts(**arrival: Any) -> None:
    """Store one of each kind; all happened at the same moment but the answer, a minute later."""
    record(
        an_error(),
        an_error(code=1301),
        a_receipt(),
        an_answer(occurred_at=at(0)),
        an_account_event(),
        **{"received_at": at(0)} | arrival,
    )


def last_moment(name: str, moment: datetime) -> datetime:
    """Return the last time at which what happened and came at ``moment`` stays."""
    if name == "messages" and connection.vendor == "postgresql":  # a week goes as a whole
        moment = partitions.monday(moment) + partitions.WEEK - SHORT
    return moment + timedelta(days=DAYS[name])


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("errors", {"errors": 1, "variants of errors": 1}),
        ("messages", {"messages": 1, "receipts": 1}),
        ("happenings", {"happenings": 1}),
        ("account_events", {"events of the account": 1}),
    ],
)
def test_a_fact_goes_when_its_days_are_over_and_not_a_moment_before(
    name: str, gone: dict[str, int]
) -> None:
    facts()
    before = held()
    last = last_moment(name, at(0))

    assert +removed(last, name)[name].rows == Counter()
    assert held() == before
    assert gone_before(name) is None
    assert +removed(last + SHORT, name)[name].rows == Counter(gone)
    assert sum(held().values()) == sum(before.values()) - sum(gone.values())
    assert gone_before(name) == kind(name).oldest(last + SHORT)


@pytest.mark.parametrize("name", DAYS)
def test_that_something_goes_is_noted_before_it_goes(name: str) -> None:
    facts()
    before = held()
    late = at(0) + timedelta(days=1000)

    next(iter(kind(name).remove(late)))  # and then the worker dies

    assert held() == before
    assert gone_before(name) == kind(name).oldest(late)


@pytest.mark.parametrize("name", DAYS)
def test_what_happened_long_ago_and_came_today_stays_as_long_as_what_happened_today(
    name: str,
) -> None:
    came = at(0) + timedelta(days=1000)
    facts(received_at=came)
    before = held()

    assert +removed(came + timedelta(days=DAYS[name] - 7), name)[name].rows == Counter()
    assert held() == before
    assert removed(came + timedelta(days=DAYS[name] + 7), name)[name].rows.total()


@on_postgresql
def test_a_week_that_is_in_use_stays_with_its_messages_and_stops_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    facts()
    keep_partitions(at(0))

    def in_use(*_: object) -> None:
        raise partitions.StillLocked("in use")

    with monkeypatch.context() as patched:
        patched.setattr(partitions, "let_go", in_use)
        removed(at(0) + timedelta(days=1000))

    assert held() == {"Message": 1, "DeliveryReceipt": 1}
    assert "stay for now: in use" in caplog.text
    removed(at(0) + timedelta(days=1000))
    assert held() == {}


@on_postgresql
@pytest.mark.parametrize("days", [30, 90])
def test_a_week_that_went_is_not_made_again(days: int, settings: Any) -> None:
    settings.KEPT_DAYS = settings.KEPT_DAYS | {"messages": days}
    record(a_receipt(), received_at=at(0))
    record(a_receipt(umid=OTHER), received_at=at(0) + timedelta(days=days))
    keep_partitions(at(0))
    for day in range(days, days + 15):
        now = at(0) + timedelta(days=day)
        keep_partitions(now)
        removed(now, "messages")

        assert keep_partitions(now) == []
    assert held() == {"Message": 1, "DeliveryReceipt": 1}


def test_nothing_goes_of_a_kind_that_is_kept_for_ever(settings: Any) -> None:
    facts()
    settings.KEPT_DAYS = dict.fromkeys(settings.KEPT_DAYS, 0)

    assert not any(amount.rows for amount in removed(at(0) + timedelta(days=9999)).values())
    assert len(held()) == len(STORES)


def test_a_message_stays_with_its_receipts_while_one_of_them_is_young() -> None:
    record(a_receipt(), a_receipt(umid=OTHER), received_at=at(0))
    late = at(0) + timedelta(days=80)
    record(a_receipt("read", seconds=timedelta(days=80).total_seconds()), received_at=late)

    removed(late + timedelta(days=60), "messages")

    message = Message.objects.get()
    assert (message.umid, message.state) == (UMID, "read")
    assert DeliveryReceipt.objects.filter(umid=OTHER).count() == 0
    assert "read" in DeliveryReceipt.objects.of(UMID).values_list("state", flat=True)


@on_postgresql
def test_what_dropped_receipts_had_added_up_to_is_not_forgotten() -> None:
    day = timedelta(days=1).total_seconds()
    record(a_receipt(), a_receipt("delivered", seconds=60), received_at=at(0))
    record(a_receipt("odd", seconds=80 * day), received_at=at(80 * day))
    keep_partitions(at(80 * day))
    removed(at(140 * day), "messages")
    assert DeliveryReceipt.objects.count() == 1

    record(a_receipt("sent", seconds=81 * day), received_at=at(141 * day))
    message = Message.objects.get()

    assert (message.state, message.receipts) == ("delivered", 4)
    assert message.span == (at(0), at(81 * day))


def test_what_colleagues_said_outlives_what_they_said_it_about(agent: User) -> None:
    facts()
    Comment.objects.create(
        target_kind="error", target_key=str(ERROR_ID), author=agent, body="Known."
    )

    removed(at(0) + timedelta(days=9999))

    assert held() == {}
    assert Comment.objects.count() == 1


def a_mail(subject: str, **values: Any) -> Mail:
    return Mail.objects.create(key=subject, subject=subject, body=b"sealed", **values)


@pytest.fixture
def full() -> datetime:
    """Have a bit of everything, and return a moment at which all of it is old."""
    facts()
    record(*(a_receipt(umid=UUID(int=n), seconds=n) for n in range(5)), received_at=at(0))
    record(a_receipt(umid=OTHER), received_at=at(10**7))
    keep_partitions(at(0))
    receive(encoded(error(1)), source="api")
    receive(encoded({"hello": "world"}), source="hook")
    receive(encoded({"hello": "there"}), source="hook")
    drain_all()
    quarantine.discard(QuarantineEntry.objects.earliest("id").id, by="lead", why="a test")
    IgnoredCount.objects.create(delivery_id=Delivery.objects.earliest("id").id, rule="x", total=2)
    ImportedFile.objects.create(name="a", state=FileState.DONE, finished_at=timezone.now())
    a_mail("taken off the list", discarded_at=timezone.now())
    return timezone.now() + timedelta(days=400)


def test_what_is_announced_is_what_then_goes(full: datetime) -> None:
    announced = {each.name: each.would_remove(full) for each in KINDS}

    gone = removed(full)

    assert {name: +amount.rows for name, amount in gone.items()} == {
        name: +amount.rows for name, amount in announced.items()
    }
    assert {name: (amount.partitions, amount.bytes) for name, amount in gone.items()} == {
        name: (amount.partitions, amount.bytes) for name, amount in announced.items()
    }
    assert all(amount.rows.total() for amount in gone.values())
    assert not any(each.would_remove(full).rows.total() for each in KINDS)


def test_what_still_waits_stays_however_old_it_is(full: datetime) -> None:
    receive(encoded(error(2)), source="api")
    unfinished = ImportedFile.objects.create(name="b", state=FileState.READING)
    Delivery.objects.filter(source="api").order_by("id").filter(state=DeliveryState.DONE).update(
        file_id=unfinished.id
    )

    removed(full)

    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == [
        DeliveryState.DONE,
        DeliveryState.PENDING,
    ]
    assert [entry.state for entry in QuarantineEntry.objects.all()] == [QuarantineState.WAITING]
    assert list(ImportedFile.objects.values_list("name", flat=True)) == ["b"]


def test_only_mails_that_answer_nothing_go_and_only_when_a_person_said_so(
    full: datetime, agent: User
) -> None:
    inquiry = Inquiry.objects.get(pk=inquiries.start(agent, []).pk)
    a_mail("waits", received_at=at(0))
    a_mail("answers", inquiry=inquiry, received_at=at(0))
    a_mail("was taken back", inquiry=inquiry, discarded_at=at(0))
    a_mail("yesterday", discarded_at=full - timedelta(days=1))

    gone = removed(full, "mails")["mails"]

    assert (gone.rows, gone.bytes) == (Counter({"discarded mails": 1}), len(b"sealed"))
    assert set(Mail.objects.values_list("subject", flat=True)) == {
        "answers",
        "waits",
        "was taken back",
        "yesterday",
    }


def test_mails_go_without_being_read_whole(full: datetime) -> None:
    with CaptureQueriesContext(connection) as asked:
        gone = removed(full, "mails")["mails"]

    assert gone.rows == {"discarded mails": 1}
    read = [each["sql"] for each in asked if '"inquiries_mail"."body"' in each["sql"]]
    assert [sql for sql in read if "LENGTH(" not in sql] == []


def test_the_books_of_the_quarantine_agree_with_what_is_left(full: datetime) -> None:
    removed(full)

    assert [(group.waiting, group.discarded) for group in QuarantineGroup.objects.all()] == [(1, 0)]
    assert QuarantineStep.objects.count() == 0
    quarantine.discard(QuarantineEntry.objects.get().id, by="lead", why="a test")
    removed(timezone.now() + timedelta(days=400))
    assert QuarantineGroup.objects.count() == 0


def test_a_dry_run_says_what_would_go_and_removes_nothing(
    full: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held()
    monkeypatch.setattr(timezone, "now", lambda: full)
    said, done = StringIO(), StringIO()

    call_command("prune", dry_run=True, stdout=said)
    assert held() == before
    assert GoneBefore.objects.count() == 0
    call_command("prune", stdout=done, stderr=StringIO())

    assert said.getvalue().splitlines()[:-1] == done.getvalue().splitlines()[:-1]
    assert "Nothing was removed." in said.getvalue()
    assert "errors                            365 days  " in said.getvalue()
    assert held() == {}


def test_after_a_death_between_two_steps_another_goes_on(
    full: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    expected = {each.name: each.would_remove(full) for each in KINDS}
    died = Pruner(KINDS, pause=no_pause).everything(full)
    gone: dict[str, Counter[str]] = {each.name: Counter() for each in KINDS}
    for _, (of, amount) in zip(range(3), died, strict=False):
        gone[of.name].update(amount.rows)

    for of, amount in Pruner(KINDS, pause=no_pause).everything(full):
        gone[of.name].update(amount.rows)

    assert {name: +rows for name, rows in gone.items()} == {
        name: +amount.rows for name, amount in expected.items()
    }


def no_pause(seconds: float) -> None:
    """Take no rest."""


def test_a_round_goes_on_where_it_was_however_short_its_turns_are(
    full: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    pruner = Pruner(KINDS, pause=no_pause)
    turns = 1
    while pruner.push(full, seconds=0):
        turns += 1

    assert turns > len(KINDS)
    assert held() == {}
    assert not pruner.push(full, seconds=0)


def test_a_step_is_followed_by_a_rest_as_long(full: datetime) -> None:
    rests: list[float] = []

    steps = list(Pruner(KINDS, pause=rests.append).everything(full))

    assert len(rests) == len(steps)
    assert all(0 < rest <= pruning.LONGEST_REST for rest in rests)


@pytest.mark.parametrize(
    ("number", "took", "expected"),
    [(100, 0.001, 200), (5_000, 0.001, 5_000), (100, 0.04, 100), (100, 0.2, 50), (1, 9.0, 1)],
)
def test_a_step_is_as_large_as_fits_into_a_twentieth_of_a_second(
    number: int, took: float, expected: int
) -> None:
    assert pruning._fitting(number, took) == expected


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    rings: list[int] = []
    monkeypatch.setattr(tasks.prune_bell, "ring", lambda: rings.append(1))
    monkeypatch.setattr(tasks, "pruner", Pruner(KINDS, pause=no_pause))
    return lambda: len(rings)


def test_the_worker_rings_again_while_there_is_more(
    full: datetime, rung: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: full)
    monkeypatch.setattr(tasks, "SECONDS", 0)

    turns = 0
    while rung() == turns:
        tasks.prune()
        turns += 1

    assert turns > 1
    assert held() == {}


def test_the_worker_removes_nothing_while_the_drain_is_behind(
    full: datetime, rung: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(encoded(error(2)), source="api")
    before = held()
    monkeypatch.setattr(timezone, "now", lambda: full)

    tasks.prune()

    assert (held(), rung()) == (before, 0)
    assert retention.drain_is_behind(full)
    assert not retention.drain_is_behind(Delivery.objects.latest("id").received_at)


def test_the_moment_that_is_remembered_never_moves_back(settings: Any) -> None:
    facts()
    removed(at(0) + timedelta(days=1000), "errors")
    first = gone_before("errors")
    facts()
    settings.KEPT_DAYS = settings.KEPT_DAYS | {"errors": 500}

    removed(at(0) + timedelta(days=1000), "errors")

    assert held().get("ErrorEvent") is None
    assert gone_before("errors") == first
