"""Receipts by week: where they lie, how partitions come and go, and who has to wait."""

import importlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction

from support_portal.core import partitions
from support_portal.core.partitions import Content, StillLocked, monday, mondays, together
from support_portal.events.models import DeliveryReceipt, Message
from support_portal.events.storage import RECEIPTS, keep_partitions
from tests.events.arrived import NOW, UMID, a_receipt, at, record

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no partitions"
)
OTHER = UUID("9f4b5bb0-a414-4aed-8e6d-b48d0087b209")
WEEK = RECEIPTS.week(monday(at(0)))
LONG_AGO = timedelta(weeks=20).total_seconds()


def lying() -> dict[str, int]:
    """Return how many receipts there are in each partition that has any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM events_deliveryreceipt GROUP BY 1"
        )
        return dict(cursor.fetchall())


def told() -> list[tuple[object, ...]]:
    return list(DeliveryReceipt.objects.order_by("pk").values_list("umid", "state", "repeats"))


@pytest.fixture
def stored(db: None, settings: Any) -> None:
    """Have receipts of two weeks that are kept, and one of a clock that is wrong."""
    settings.KEPT_DAYS = settings.KEPT_DAYS | {"messages": 365}
    record(a_receipt(), a_receipt("delivered", seconds=60))
    record(a_receipt(umid=OTHER, seconds=-LONG_AGO), a_receipt("read", umid=OTHER, seconds=1e9))


@pytest.fixture
def reader(transactional_db: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Return a connection of somebody else."""
    named = ("host", "port", "user", "password", "dbname")
    known = connection.get_connection_params()
    with psycopg.connect(**{name: known[name] for name in named if name in known}) as other:
        yield other


def test_a_week_begins_on_monday_in_utc() -> None:
    assert monday(datetime(2026, 7, 20, tzinfo=UTC)) == datetime(2026, 7, 20, tzinfo=UTC)
    assert monday(datetime(2026, 7, 26, 23, 59, tzinfo=UTC)) == datetime(2026, 7, 20, tzinfo=UTC)
    assert monday(datetime(1999, 12, 31, tzinfo=UTC)) == datetime(1999, 12, 27, tzinfo=UTC)
    assert [*mondays(at(0), at(0) + timedelta(days=14))] == [
        datetime(2026, 7, 20 + 7 * n, tzinfo=UTC) for n in (0, 1)
    ] + [datetime(2026, 8, 3, tzinfo=UTC)]


@on_postgresql
def test_of_two_workers_that_make_a_week_one_makes_it_and_both_go_on(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, first = partitions.hold_for_transaction, []

    def be_second(lock: str) -> None:
        monkeypatch.undo()
        first.extend(partitions.make(RECEIPTS, [WEEK.begins]))
        hold(lock)

    monkeypatch.setattr(partitions, "hold_for_transaction", be_second)

    assert partitions.make(RECEIPTS, [WEEK.begins]) == []
    assert first == [WEEK]


@on_postgresql
def test_ids_are_asked_for_by_the_weeks_that_they_are_in() -> None:
    spans = {
        UMID: (at(0), at(5)),
        OTHER: (at(-5), at(3)),
        UUID(int=1): (at(0), at(1e6)),
    }

    assert [*together(spans)] == [
        ([UMID, OTHER], (at(-5), at(5))),
        ([UUID(int=1)], (at(0), at(1e6))),
    ]


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_there_are_partitions_for_the_weeks_around_now_and_for_those_that_have_receipts() -> None:
    assert lying() == {RECEIPTS.rest: 4}
    before, messages = told(), list(Message.objects.order_by("umid").values())

    made = keep_partitions(NOW)

    begun = [week.begins for week in partitions.weeks(RECEIPTS)]
    assert set(begun) >= set(mondays(NOW - timedelta(weeks=13), NOW + timedelta(weeks=4)))
    assert monday(at(-LONG_AGO)) in begun
    assert lying() == {RECEIPTS.rest: 1, WEEK.name: 2, RECEIPTS.week(monday(at(-LONG_AGO))).name: 1}
    assert (told(), list(Message.objects.order_by("umid").values())) == (before, messages)
    assert made
    assert keep_partitions(NOW) == []


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_a_receipt_is_a_repeat_in_whichever_partition_it_lies() -> None:
    again = [a_receipt(), a_receipt("read", umid=OTHER, seconds=1e9)]
    record(*again)
    keep_partitions(NOW)
    record(*again, a_receipt("read", seconds=61))

    assert sorted(row[1:] for row in told()) == [
        ("delivered", 0),
        ("read", 0),
        ("read", 2),
        ("sent", 0),
        ("sent", 2),
    ]
    assert Message.objects.get(umid=UMID).span == (at(0), at(61))


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_reading_with_a_span_looks_into_the_partitions_of_that_time_alone() -> None:
    keep_partitions(NOW)
    message = Message.objects.get(umid=UMID)

    plan = DeliveryReceipt.objects.of(UMID, message).explain()

    assert set(re.findall(r" on (\w+)", plan)) == {WEEK.name}


@pytest.mark.usefixtures("stored")
def test_receipts_are_found_with_the_message_and_without_it() -> None:
    message = Message.objects.get(umid=UMID)

    with_it, without = (DeliveryReceipt.objects.of(UMID, known) for known in (message, None))

    assert [*with_it.values_list("state", flat=True)] == ["sent", "delivered"]
    assert list(with_it) == list(without)
    assert list(DeliveryReceipt.objects.of(UUID(int=7))) == []


@pytest.mark.usefixtures("stored")
def test_the_migration_tells_each_message_when_its_last_receipt_was() -> None:
    expected = list(Message.objects.order_by("umid").values_list("first_at", "last_at"))
    Message.objects.update(last_at=NOW)
    migration = importlib.import_module("support_portal.events.migrations.0006_receipts_by_week")

    migration.tell_last(apps, connection.SchemaEditorClass(connection))

    assert list(Message.objects.order_by("umid").values_list("first_at", "last_at")) == expected


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_the_migration_moves_the_rows_there_and_back() -> None:
    before = told()

    partitions.unite(RECEIPTS)
    assert not partitions.is_parted(RECEIPTS)
    assert told() == before
    record(a_receipt())  # the key is there

    partitions.part(RECEIPTS, NOW)
    assert lying() == {RECEIPTS.rest: 1, WEEK.name: 2, RECEIPTS.week(monday(at(-LONG_AGO))).name: 1}
    record(a_receipt())
    assert [row[2] for row in told() if row[1] == "sent"].count(2) == 1
    with pytest.raises(Exception, match="duplicate key"), transaction.atomic():
        DeliveryReceipt.objects.bulk_create(DeliveryReceipt.objects.all())


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_what_came_late_stays_when_its_week_goes() -> None:
    keep_partitions(NOW)
    record(a_receipt("read", seconds=61), received_at=NOW + timedelta(days=5))

    gone = partitions.let_go(RECEIPTS, WEEK, "received_at", NOW + timedelta(days=1))

    assert (gone.rows, gone.late) == (3, 1)
    assert lying() == {RECEIPTS.rest: 2, RECEIPTS.week(monday(at(-LONG_AGO))).name: 1}
    assert WEEK not in partitions.weeks(RECEIPTS)


@on_postgresql
@pytest.mark.usefixtures("stored")
def test_what_a_death_left_behind_goes_later() -> None:
    keep_partitions(NOW)
    with transaction.atomic():  # as far as one that died came
        partitions._detach(RECEIPTS, WEEK, "received_at", NOW + timedelta(days=1))
    assert WEEK.name not in lying()
    assert tables(RECEIPTS.gone(WEEK))

    partitions.drop_gone(RECEIPTS)

    assert not tables(RECEIPTS.gone(WEEK))


def tables(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        return cursor.fetchone()[0] is not None


@on_postgresql
def test_who_reads_for_long_is_not_waited_for_and_others_read_meanwhile(
    reader: psycopg.Connection[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PAUSE", 0.0)
    monkeypatch.setattr(partitions, "TRIES", 2)
    (week,) = partitions.make(RECEIPTS, [WEEK.begins])
    record(a_receipt())
    try:
        reader.execute("SELECT * FROM events_deliveryreceipt")  # and its transaction stays open
        with pytest.raises(StillLocked):
            partitions.let_go(RECEIPTS, week, "received_at", NOW + timedelta(days=1))
        assert lying() == {week.name: 1}
        reader.commit()
    finally:
        gone = partitions.let_go(RECEIPTS, week, "received_at", NOW + timedelta(days=1))
    assert (gone.rows, gone.late) == (1, 0)


@on_postgresql
def test_a_count_of_a_partition_is_exact(stored: None) -> None:
    partitions.make(RECEIPTS, [WEEK.begins])

    counted = partitions.content(WEEK.name, "received_at", NOW)

    assert counted == Content(2, 2, counted.bytes)
    assert counted.bytes > 0
