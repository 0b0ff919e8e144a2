"""Passes over many items: bounded, resumable, exact."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest import quarantine, runs, tasks
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineRun,
    QuarantineStep,
    RunKind,
)
from support_portal.ingest.services import receive
from tests.ingest.sent import drain_all, encoded, error

pytestmark = pytest.mark.django_db
BAD = encoded(error(timestamp="yesterday"))


def set_aside(count: int, body: bytes = BAD) -> None:
    receive(b"\n".join([body] * count), source="hook", sender="8x8")
    drain_all()


def mend(count: int) -> None:
    """Make ``count`` of the entries understood, as an upgrade of the parser would."""
    for number, entry in enumerate(QuarantineEntry.objects.waiting()[:count]):
        sealed = sealing.seal(encoded(error(number)))
        QuarantineEntry.objects.filter(id=entry.id).update(body=sealed)


def counts(run: QuarantineRun) -> dict[str, int]:
    run.refresh_from_db()
    names = ("total", "seen", "changed", "still", "recorded", "repeated", "returned")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


@pytest.fixture
def _small(monkeypatch):
    """Make batches small enough that a few items are several of them."""
    monkeypatch.setattr(runs, "BATCH", 10)
    monkeypatch.setattr(runs, "OUTCOMES", 7)


@pytest.mark.usefixtures("_small")
def test_a_replay_says_what_is_recorded_now_and_what_is_still_not_understood():
    set_aside(45)
    mend(20)
    run = runs.begin(RunKind.REPLAY, by="Ana")

    assert runs.push(run.id, seconds=60) is runs.Pace.OVER

    assert counts(run) == {"total": 45, "seen": 45, "changed": 20, "still": 25, "recorded": 20}
    assert (run.state, ErrorEvent.objects.count()) == ("done", 20)
    group = QuarantineGroup.objects.get()
    assert (group.waiting, group.replayed) == (25, 20)


@pytest.mark.usefixtures("_small")
def test_a_second_replay_finds_the_same_items_and_adds_none():
    set_aside(25)
    for _ in range(2):
        runs.push(runs.begin(RunKind.REPLAY, by="Ana").id, seconds=60)

    assert QuarantineEntry.objects.count() == 25
    assert set(QuarantineEntry.objects.values_list("attempts", flat=True)) == {2}
    assert Delivery.objects.count() == 1


@pytest.mark.usefixtures("_small")
def test_a_pass_goes_on_where_a_dead_worker_left_it():
    set_aside(35)
    mend(35)
    run = runs.begin(RunKind.REPLAY, by="Ana")
    runs.advance(run.id)
    with transaction.atomic():
        runs.advance(run.id)
        transaction.set_rollback(True)  # killed before the commit

    runs.push(run.id, seconds=60)

    assert counts(run) == {"total": 35, "seen": 35, "changed": 35, "recorded": 35}
    assert QuarantineStep.objects.filter(kind="replayed").count() == 35


@pytest.mark.usefixtures("_small")
def test_two_workers_on_one_pass_do_each_item_once(monkeypatch):
    set_aside(30)
    run = runs.begin(RunKind.DISCARD, by="Ana", why="noise")
    batch = runs._batch

    def overtaken(seen):
        """Let another worker take the batch between looking and holding the lock."""
        found = batch(seen)
        monkeypatch.setattr(runs, "_batch", batch)
        runs.advance(run.id)
        return found

    monkeypatch.setattr(runs, "_batch", overtaken)

    runs.push(run.id, seconds=60)

    assert counts(run) == {"total": 30, "seen": 30, "changed": 30}
    assert QuarantineStep.objects.filter(kind="discarded").count() == 30


@pytest.mark.usefixtures("_small")
def test_what_is_stopped_stays_as_far_as_it_came():
    set_aside(30)
    run = runs.begin(RunKind.DISCARD, by="Ana", why="noise")
    runs.advance(run.id)

    runs.cancel(run.id, by="Ben")

    assert runs.push(run.id, seconds=60) is runs.Pace.OVER
    assert counts(run) == {"total": 30, "seen": 10, "changed": 10}
    assert (run.state, run.cancelled_by) == ("cancelled", "Ben")
    assert QuarantineGroup.objects.get().discarded == 10


def test_what_is_set_aside_later_is_not_touched():
    set_aside(3)
    run = runs.begin(RunKind.DISCARD, by="Ana", why="noise")
    set_aside(2)

    runs.push(run.id, seconds=60)

    assert counts(run) == {"total": 3, "seen": 3, "changed": 3}
    assert QuarantineEntry.objects.waiting().count() == 2


def test_a_pass_begins_only_over_the_number_that_was_shown():
    set_aside(3)
    group = QuarantineGroup.objects.get()

    with pytest.raises(runs.Changed) as told:
        runs.begin(RunKind.DISCARD, by="Ana", why="noise", group_id=group.id, expected=2)

    assert (told.value.total, QuarantineRun.objects.count()) == (3, 0)


def test_a_group_is_discarded_and_restored_and_nothing_beside_it():
    set_aside(3)
    set_aside(2, b'{"a": 1}')
    group = QuarantineGroup.objects.get(reason="bad_time")
    for kind in (RunKind.DISCARD, RunKind.RESTORE):
        run = runs.begin(kind, by="Ana", why="noise", group_id=group.id)
        runs.push(run.id, seconds=60)

    assert counts(run) == {"total": 3, "seen": 3, "changed": 3}
    assert QuarantineEntry.objects.waiting().count() == 5
    kinds = QuarantineStep.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["discarded"] * 3 + ["restored"] * 3


def test_a_reason_is_replayed_and_no_other():
    set_aside(3)
    set_aside(2, b'{"a": 1}')

    run = runs.begin(RunKind.REPLAY, by="Ana", reason="unhandled_shape")
    runs.push(run.id, seconds=60)

    assert counts(run) == {"total": 2, "seen": 2, "still": 2}


def test_nothing_is_discarded_without_saying_why():
    with pytest.raises(quarantine.NoReason):
        runs.begin(RunKind.DISCARD, by="Ana", why=" ")


def test_a_full_inbox_is_emptied_before_more_is_put_into_it(monkeypatch):
    monkeypatch.setattr(runs, "BACKLOG", 2)
    set_aside(5)
    mend(5)
    for number in range(10, 14):
        receive(encoded(error(number)), source="api")
    run = runs.begin(RunKind.REPLAY, by="Ana")

    assert runs.advance(run.id) is runs.Pace.WAITS
    assert runs.push(run.id, seconds=60) is runs.Pace.OVER

    assert counts(run)["recorded"] == 5


def test_a_batch_holds_so_many_bytes_and_no_more(monkeypatch):
    monkeypatch.setattr(runs, "BATCH_BYTES", 250)
    set_aside(5)
    run = runs.begin(RunKind.DISCARD, by="Ana", why="noise")

    runs.advance(run.id)

    assert counts(run) == {"total": 5, "seen": 2, "changed": 2}


def test_the_task_pushes_the_oldest_pass_until_it_is_over():
    set_aside(3)
    first, second = (runs.begin(RunKind.REPLAY, by=name) for name in ("Ana", "Ben"))

    tasks.push_runs()
    tasks.push_runs()
    tasks.push_runs()

    assert [counts(run)["seen"] for run in (first, second)] == [3, 3]
    assert not QuarantineRun.objects.under_way().exists()


def test_the_command_uses_the_same_engine(capsys):
    set_aside(4)
    set_aside(1, b"nonsense")
    mend(2)

    call_command("replay_quarantine", reason="bad_time")

    run = QuarantineRun.objects.get()
    assert (run.by, run.reason, run.state) == ("replay_quarantine", "bad_time", "done")
    assert capsys.readouterr().out.splitlines()[-1].startswith("now recorded ")


@pytest.mark.usefixtures("_small")
def test_a_step_takes_the_same_queries_for_one_and_for_many():
    taken = []
    for items in (1, 10):
        set_aside(items)
        mend(items)
        run = runs.begin(RunKind.REPLAY, by="Ana")
        with CaptureQueriesContext(connection) as queries:
            runs.advance(run.id)
        taken.append(len(queries))

    assert taken[0] == taken[1] < 30
