"""What the drain counts, and how it compares with the usual."""

import importlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython
from pytest_django import DjangoAssertNumQueries

from support_portal.core.ids import made_at
from support_portal.ingest.listening.counting import MOST_SUBJECTS
from support_portal.ingest.listening.models import ArrivalCount, DeafKind, Role, SignOfLife
from support_portal.ingest.listening.selectors import (
    Caller,
    Dropped,
    callers,
    dropped,
    rates,
)
from support_portal.ingest.listening.services import note_deaf
from support_portal.ingest.models import IgnoredCount, Source
from support_portal.ingest.services import drain, receive
from tests.ingest.sent import encoded, error, receipt

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = int(NOON.timestamp()) // 3600
MINUTE = HOUR * 60
Row = tuple[str, str, str, int, int, int]
pytestmark = pytest.mark.django_db


def counts(**where: Any) -> list[Row]:
    rows = ArrivalCount.objects.filter(**where).order_by("measure", "source", "subject", "slot")
    return [(row.measure, row.source, row.subject, row.slot, row.items, row.last) for row in rows]


def of(sub_account: str, number: int) -> dict[str, Any]:
    told = receipt(number)
    told["payload"]["subAccountId"] = sub_account
    return told


def test_a_batch_is_counted_by_minute_hour_and_sender():
    late = NOON + timedelta(minutes=59, seconds=59)
    receive(encoded([of("a", 1), of("b", 2)]), source="hook", sender="8x8", received_at=NOON)
    receive(encoded([of("a", 3)]), source="hook", sender="8x8", received_at=late)
    receive(b"nonsense", source="api", sender="dispatch", received_at=NOON)

    drain()

    first, last = int(NOON.timestamp()), int(late.timestamp())
    assert counts() == [
        ("hour", "api", "", HOUR, 1, first),
        ("hour", "hook", "a", HOUR, 2, last),
        ("hour", "hook", "b", HOUR, 1, first),
        ("minute", "api", "", MINUTE, 1, first),
        ("minute", "hook", "", MINUTE, 2, first),
        ("minute", "hook", "", MINUTE + 59, 1, last),
        ("sender", "api", "dispatch", 0, 1, first),
        ("sender", "hook", "8x8", 0, 3, last),
    ]


def test_what_a_rule_drops_is_counted_for_the_rule_whatever_door_it_came_through():
    receive(b'[{"cancelledCount": 1}, {"cancelledCount": 2}]', source="hook", received_at=NOON)
    receive(b'{"cancelledCount": 3}', source="file", received_at=NOON + timedelta(minutes=1))

    drain()

    last = int(NOON.timestamp()) + 60
    assert counts(measure="rule") == [("rule", "", "cancel_result", 0, 3, last)]
    assert dropped() == {"cancel_result": Dropped(3, NOON + timedelta(minutes=1))}


def test_the_migration_counts_what_was_dropped_and_can_be_taken_back():
    receive(b'[{"cancelledCount": 1}, {"cancelledCount": 2}]', source="hook", received_at=NOON)
    receive(b'{"cancelledCount": 3}', source="file", received_at=NOON)
    drain()
    last = made_at(IgnoredCount.objects.latest("id").delivery_id).replace(microsecond=0)
    module = importlib.import_module("support_portal.ingest.migrations.0007_dropped_by_rule")
    (operation,) = (each for each in module.Migration.operations if isinstance(each, RunPython))

    for _ in range(2):
        operation.reverse_code(apps, connection.SchemaEditorClass(connection))
        taken_back = dropped()
        operation.code(apps, connection.SchemaEditorClass(connection))

        assert taken_back == {}
        assert dropped() == {"cancel_result": Dropped(3, last)}


def test_later_batches_add_to_the_counts_and_an_older_one_sets_no_last_moment_back():
    for minutes in (30, 10):
        moment = NOON + timedelta(minutes=minutes)
        receive(encoded([of("a", minutes)]), source="hook", received_at=moment)
        drain()

    last = int((NOON + timedelta(minutes=30)).timestamp())
    assert counts(measure="hour") == [("hour", "hook", "a", HOUR, 2, last)]


def test_repeats_count_for_a_sender_that_repeats_itself_is_not_silent():
    for _ in range(2):
        receive(encoded([of("a", 1)]), source="hook", received_at=NOON)
        drain()

    assert [row[4] for row in counts(measure="hour")] == [2]


def test_a_file_is_no_sign_that_a_sub_account_speaks():
    receive(encoded([of("a", 1)]), source=Source.FILE, sender="logs.json", received_at=NOON)

    drain()

    assert counts() == []


def test_a_delivery_that_is_drained_in_slices_is_counted_once():
    receive(encoded([of("a", number) for number in range(7)]), source="hook", received_at=NOON)

    while drain(limit=3).more:
        pass

    assert [row[4] for row in counts(measure="hour")] == [7]


def test_whoever_makes_up_sub_accounts_makes_few_rows():
    many = [of(f"made-up-{number}", number) for number in range(MOST_SUBJECTS + 50)]
    receive(encoded(many), source="api", received_at=NOON)

    drain()

    assert ArrivalCount.objects.filter(measure="hour").count() == MOST_SUBJECTS + 1
    assert ArrivalCount.objects.get(measure="hour", subject="").items == 50


@pytest.mark.parametrize(
    "name", ["x" * 5000, "nul\x00in it", "half \ud800", "\u202eمرحبا", "'; --"]
)
def test_a_strange_name_is_counted_like_any_other(name: str):
    receive(json.dumps([of(name, 1)]).encode(), source="hook", received_at=NOON)

    drain()

    assert ArrivalCount.objects.get(measure="hour").items == 1


def test_callers_are_listed_with_the_latest_first():
    receive(encoded([error(1)]), source="api", sender="<b>dispatch</b>", received_at=NOON)
    later = NOON + timedelta(hours=1)
    receive(encoded([of("a", 2), of("b", 3)]), source="hook", sender="8x8", received_at=later)
    drain()

    assert callers() == [
        Caller("hook", "8x8", 2, later),
        Caller("api", "<b>dispatch</b>", 1, NOON),
    ]


def fill(measure: str, slots: range, items: int, source: str = "hook", subject: str = "") -> None:
    seconds = 60 if measure == "minute" else 3600
    ArrivalCount.objects.bulk_create(
        ArrivalCount(
            measure=measure,
            source=source,
            subject=subject,
            slot=slot,
            items=items,
            last=slot * seconds + 59,
        )
        for slot in slots
    )


def test_rates_tell_now_the_last_hour_and_the_usual():
    now = NOON + timedelta(minutes=30)
    minute = MINUTE + 30
    fill("minute", range(minute - 60, minute), 10)
    fill("minute", range(minute, minute + 1), 7)  # not over yet
    for week in range(1, 4):
        fill("hour", range(HOUR - week * 168 - 30, HOUR - week * 168 + 2), 100 * week)

    found = rates(now)

    assert (found.last_minutes, found.last_hour, found.usual_hour) == (10.0, 600, 200.0)
    assert len(found.bars) == 96
    assert [bar.items for bar in found.bars[-6:]] == [0, 150, 150, 150, 150, 7]
    assert found.bars[-1].usual == 50.0


def test_without_history_nobody_knows_what_is_usual():
    fill("hour", range(HOUR - 24, HOUR), 100)

    found = rates(NOON)

    assert (found.last_minutes, found.last_hour, found.usual_hour) == (0.0, 0, None)
    assert {bar.usual for bar in found.bars} == {None}


def test_the_time_we_did_not_listen_is_marked():
    note_deaf(DeafKind.DOWN, NOON - timedelta(minutes=40), NOON - timedelta(minutes=20))

    found = rates(NOON)

    marked = [(NOON - bar.began_at) // timedelta(minutes=1) for bar in found.bars if bar.deaf]
    assert marked == [45, 30]


@pytest.mark.parametrize("days", [0, 20])
def test_rates_take_the_same_queries_for_none_and_for_many(
    days: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill("minute", range(MINUTE - days * 60, MINUTE), 3)
    fill("hour", range(HOUR - days * 24, HOUR), 3)
    SignOfLife.objects.create(role=Role.WEB, name="one", began_at=NOON, seen_at=NOON)

    with django_assert_num_queries(6):
        rates(NOON)
