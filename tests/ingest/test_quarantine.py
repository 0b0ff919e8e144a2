"""The quarantine: what is kept of what was not understood, and that nothing leaves silently."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest import quarantine, replaying, runs, services
from support_portal.ingest.models import Delivery, IgnoredCount, QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineRun,
    QuarantineState,
    QuarantineStep,
    RunKind,
)
from support_portal.ingest.replaying import Replayed
from support_portal.ingest.services import receive
from tests.ingest.sent import drain_all, encoded, error

pytestmark = pytest.mark.django_db
BAD = encoded(error(timestamp="yesterday"))
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFUSED = encoded(error(7, code=777))


def set_aside(*bodies: bytes, **sent: object) -> list[QuarantineEntry]:
    for body in bodies or (BAD,):
        receive(body, **{"source": "hook", "sender": "8x8"} | sent)
    drain_all()
    return list(QuarantineEntry.objects.order_by("id"))


def mend(entry: QuarantineEntry, body: bytes | None = None) -> None:
    """Make an entry one that is understood now, as an upgrade of the parser would."""
    sealed = sealing.seal(body or encoded(error()))
    QuarantineEntry.objects.filter(id=entry.id).update(body=sealed)


def waiting() -> list[QuarantineEntry]:
    return list(QuarantineEntry.objects.waiting())


def check_books() -> None:
    """Every entry is in one state, and the counters of its group say the same."""
    counted: Counter[tuple[object, str]] = Counter()
    for entry in QuarantineEntry.objects.all():
        counted[entry.group_id, entry.state] += 1
    told = {
        (group.id, state): group.count(state)
        for group in QuarantineGroup.objects.all()
        for state in QuarantineState.values
        if group.count(state)
    }
    assert told == counted
    assert sum(counted.values()) == QuarantineEntry.objects.count()


@pytest.fixture
def _refusing(monkeypatch):
    """Make the database refuse one certain error, as an overflow would."""
    record = services.record

    def refuse(arrivals):
        if any(getattr(one.record, "code", 0) == 777 for one in arrivals):
            raise ValueError("out of range")
        return record(arrivals)

    monkeypatch.setattr(services, "record", refuse)


# -- what is alike ------------------------------------------------------------------------------
def test_what_is_alike_is_one_group_with_its_span():
    for hours in (3, 1, 2):
        receive(BAD, source="hook", sender="8x8", received_at=MOMENT + timedelta(hours=hours))
    drain_all()

    group = QuarantineGroup.objects.get()

    assert (group.reason, group.source, group.sender) == ("bad_time", "hook", "8x8")
    assert group.likeness == "JSON code errorId message timestamp"
    assert (group.first_at, group.last_at) == (
        MOMENT + timedelta(hours=1),
        MOMENT + timedelta(hours=3),
    )
    assert group.waiting == 3


def test_another_reason_source_sender_or_shape_is_another_group():
    set_aside(BAD, b'{"errorId": "x", "code": 1}')
    set_aside(BAD, sender="other")
    set_aside(BAD, source="api")
    set_aside(encoded(error(timestamp="yesterday", extra=1)))

    assert sorted(QuarantineGroup.objects.values_list("waiting", flat=True)) == [1, 1, 1, 1, 1]


def test_a_span_grows_both_ways():
    set_aside(received_at=MOMENT)
    set_aside(received_at=MOMENT - timedelta(days=1))
    set_aside(received_at=MOMENT + timedelta(days=1))

    group = QuarantineGroup.objects.get()
    assert (group.first_at, group.last_at) == (
        MOMENT - timedelta(days=1),
        MOMENT + timedelta(days=1),
    )


def test_setting_aside_takes_the_same_queries_for_one_and_for_many():
    set_aside()
    taken = []
    for items in (1, 200):
        receive(b"\n".join([BAD] * items), source="hook", sender="8x8")
        with CaptureQueriesContext(connection) as queries:
            services.drain()
        taken.append(len(queries))

    assert taken[0] == taken[1] < 25


def test_rules_under_which_items_were_dropped_are_kept_by_delivery():
    receive(b'{"jobId": "abc", "status": "RUNNING"}\n' * 3, source="api")
    drain_all()

    counts = IgnoredCount.objects.values_list("delivery_id", "rule", "total")
    assert list(counts) == [(Delivery.objects.get().id, "export_job", 3)]


# -- trying again -------------------------------------------------------------------------------
def test_trying_again_does_not_make_the_quarantine_grow():
    entries = set_aside(BAD, b"nonsense")

    assert replaying.replay(entries, by="Ana") == Replayed(still=2)
    assert replaying.replay(waiting(), by="Ana") == Replayed(still=2)
    drain_all()

    assert [entry.attempts for entry in waiting()] == [2, 2]
    assert (Delivery.objects.count(), QuarantineStep.objects.count()) == (2, 0)
    check_books()


def test_what_is_understood_now_keeps_sender_and_time():
    (entry,) = set_aside(received_at=MOMENT)
    mend(entry)

    assert replaying.replay(waiting(), by="Ana", why="upgrade") == Replayed(sent=1)
    drain_all()

    again = Delivery.objects.get(entry_id=entry.id)
    assert (again.source, again.sender, again.received_at) == ("hook", "8x8", MOMENT)
    assert ErrorEvent.objects.get().received_at == MOMENT
    step = QuarantineStep.objects.get()
    assert (step.kind, step.by, step.why, step.delivery_id) == (
        "replayed",
        "Ana",
        "upgrade",
        again.id,
    )
    entry.refresh_from_db()
    assert (entry.state, entry.settled_by, entry.attempts) == ("replayed", "Ana", 1)
    check_books()


@pytest.mark.usefixtures("_refusing")
def test_what_the_database_refuses_once_more_goes_back_to_its_own_row():
    (entry,) = set_aside(REFUSED, received_at=MOMENT)

    for _ in range(2):
        assert replaying.replay(waiting(), by="Ana") == Replayed(sent=1)
        drain_all()

    back = QuarantineEntry.objects.get()
    assert (back.id, back.state, back.attempts, back.settled_by) == (entry.id, "waiting", 2, "")
    assert back.received_at == MOMENT
    steps = QuarantineStep.objects.order_by("id").values_list("kind", flat=True)
    assert Counter(steps) == {"replayed": 2, "returned": 2}
    assert Delivery.objects.filter(entry_id=entry.id, quarantined=1).count() == 2
    check_books()


def test_another_reason_moves_it_to_another_group():
    (entry,) = set_aside(b"nonsense")
    mend(entry, BAD)

    replaying.replay(waiting(), by="Ana")

    entry.refresh_from_db()
    groups = QuarantineGroup.objects.values_list("reason", "waiting")
    assert (entry.reason, sorted(groups)) == ("bad_time", [("bad_time", 1), ("not_json", 0)])
    check_books()


def test_a_delivery_that_was_set_aside_whole_is_parted_when_it_is_sent():
    receive(b"\n".join([encoded(error(1)), BAD]), source="hook")
    Delivery.objects.update(attempts=len(services.SLICES) + 1)
    drain_all()
    (whole,) = waiting()

    assert replaying.replay([whole], by="Ana") == Replayed(sent=1)
    drain_all()

    (part,) = waiting()
    assert (whole.reason, whole.position, part.reason) == ("drain_failed", -1, "bad_time")
    assert (part.origin_id, ErrorEvent.objects.count()) == (whole.id, 1)
    check_books()


def test_what_no_key_opens_stays_where_it_is():
    entries = set_aside()
    QuarantineEntry.objects.update(body=b"\x01\x03oldrest")

    assert replaying.replay(waiting(), by="Ana") == Replayed(unopened=1)

    assert [entry.id for entry in waiting()] == [entries[0].id]
    assert waiting()[0].attempts == 0


def test_what_was_settled_meanwhile_is_left_alone():
    (entry,) = set_aside()
    tried = waiting()
    quarantine.discard(entry.id, by="Ana", why="noise")

    assert replaying.replay(tried, by="Ben") == Replayed()
    assert QuarantineEntry.objects.get().attempts == 0


# -- what a lead decides ------------------------------------------------------------------------
@pytest.mark.usefixtures("_refusing")
def test_an_edited_text_that_the_database_refuses_is_an_item_of_its_own():
    (entry,) = set_aside()

    quarantine.edit(entry.id, REFUSED.decode(), by="Ana")
    drain_all()

    (fresh,) = waiting()
    assert (fresh.origin_id, fresh.reason, fresh.source) == (entry.id, "refused", "edited")
    entry.refresh_from_db()
    assert (entry.state, sealing.unseal(entry.body)) == ("edited", BAD)
    check_books()


def test_the_later_of_two_sees_who_was_quicker():
    (entry,) = set_aside()
    quarantine.edit(entry.id, encoded(error()).decode(), by="Ana")

    with pytest.raises(quarantine.Settled) as told:
        quarantine.edit(entry.id, encoded(error()).decode(), by="Ben")

    assert told.value.entry.settled_by == "Ana"
    assert Delivery.objects.filter(source="edited").count() == 1
    check_books()


def test_a_reason_is_cut_and_holds_no_nul():
    (entry,) = set_aside()

    quarantine.discard(entry.id, by="Ana", why=" \x00" + "x" * 5000)

    assert QuarantineStep.objects.get().why == "\ufffd" + "x" * 1999


ACTIONS = ("replay", "discard", "restore", "mend", "drain", "edit", "discard all", "replay all")


def act(word: str, number: int) -> None:
    entries = list(QuarantineEntry.objects.order_by("id"))
    entry = entries[number % len(entries)]
    if word == "replay":
        replaying.replay([entry], by="Ana")
    elif word == "mend":
        mend(entry, encoded(error(number)))
    elif word == "drain":
        drain_all()
    elif word in ("discard all", "replay all"):
        kind = RunKind.DISCARD if word == "discard all" else RunKind.REPLAY
        runs.push(runs.begin(kind, by="Ana", why="all").id, seconds=60)
    else:
        decide(word, entry)


def decide(word: str, entry: QuarantineEntry) -> None:
    try:
        if word == "discard":
            quarantine.discard(entry.id, by="Ana", why="noise")
        elif word == "restore":
            quarantine.restore(entry.id, by="Ben")
        else:
            quarantine.edit(entry.id, encoded(error()).decode(), by="Ana")
    except quarantine.Settled:
        return


@settings(
    max_examples=25,
)
@given(
    actions=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5)), min_size=1, max_size=8)
)
def test_whatever_is_done_every_entry_is_in_one_state_and_none_is_lost(actions):
    for model in (QuarantineEntry, QuarantineGroup, QuarantineStep, QuarantineRun, Delivery):
        model.objects.all().delete()
    set_aside(BAD, b"nonsense", b'{"a": 1}', b"\xff")

    for word, number in actions:
        act(word, number)
        check_books()

    ever = Delivery.objects.filter(entry_id=None).aggregate(n=Sum("quarantined"))["n"]
    assert (QuarantineEntry.objects.count(), ever) == (4, 4)
    left = QuarantineEntry.objects.exclude(state="waiting")
    with_history = set(QuarantineStep.objects.values_list("entry_id", flat=True))
    assert {entry.id for entry in left} <= with_history
    assert set(left.values_list("settled_by", flat=True)) <= {"Ana"}
