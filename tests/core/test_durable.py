"""Rows that a webhook waits for: stored as they were given, durably, and once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from support_portal.core.durable import (
    EPOCH,
    ROWS,
    Insertion,
    insert_once,
    kept_soon,
    wait_for_disk,
)
from support_portal.events import group_store
from support_portal.events.likeness import likeness
from support_portal.events.tally import MessageTraits
from support_portal.ingest.keeping import Kept
from support_portal.ingest.models import Delivery
from support_portal.insights import combinations

NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
IN_MANILA = NOON.astimezone(timezone(timedelta(hours=8)))
FIELDS = Kept._fields
HURRY = "synchronous_commit TO OFF"
pytestmark = pytest.mark.django_db(transaction=True)


def row(number: int, **changes: object) -> Kept:
    kept = Kept(UUID(int=number), "hook", "Ünal ' %s", None, "text/x", 2**31 - 1, b"\x00\xff", NOON)
    return kept._replace(**changes)


def stored() -> list[Kept]:
    rows = Delivery.objects.order_by("id").values_list(*FIELDS)
    return [Kept(*one)._replace(body=bytes(one[6])) for one in rows]


@pytest.mark.parametrize("number", [1, 2, ROWS, ROWS + 1, 3 * ROWS])
def test_any_number_of_rows_is_stored_as_given_with_the_defaults_of_the_rest(number: int) -> None:
    rows = [row(place, token_id=place or None, received_at=IN_MANILA) for place in range(number)]

    insert_once(Delivery, FIELDS, rows)
    insert_once(Delivery, FIELDS, [one._replace(sender="again") for one in rows])

    assert stored() == rows
    rest = Delivery.objects.values_list("state", "attempts", "recorded", "drained_at", "entry_id")
    assert set(rest) == {("pending", 0, 0, None, None)}


def test_what_was_prepared_and_is_gone_is_prepared_again() -> None:
    insert_once(Delivery, FIELDS, [row(1)])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")

    insert_once(Delivery, FIELDS, [row(2)])
    insert_once(Delivery, FIELDS, [row(3)])

    assert [one.id.int for one in stored()] == [1, 2, 3]


@pytest.mark.parametrize("bad", [{"size": 2**40}, {"sender": "\ud800"}, {"source": "x" * 99}])
def test_a_row_that_cannot_be_stored_is_refused_and_the_connection_goes_on(
    bad: dict[str, object],
) -> None:
    if connection.vendor == "sqlite" and "sender" not in bad:
        bad = {"size": 2**70}

    with pytest.raises((DatabaseError, ValueError, OverflowError)):
        insert_once(Delivery, FIELDS, [row(1), row(2, **bad)])
    insert_once(Delivery, FIELDS, [row(3)])

    assert [one.id.int for one in stored()] == [3]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_moment_goes_over_the_wire_to_the_microsecond(moment: datetime) -> None:
    sent = Insertion(Delivery, FIELDS).on_the_wire(row(1, received_at=moment))

    microseconds = int.from_bytes(sent[FIELDS.index("received_at")] or b"", signed=True)
    assert EPOCH + timedelta(microseconds=microseconds) == moment


def waits_for_disk() -> bool:
    """Tell whether a commit would now be on disk before it returns."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit" if postgresql else "PRAGMA synchronous")
        return cursor.fetchone()[0] in ("on", 2)


def test_what_is_kept_soon_is_committed_and_all_else_waits_for_the_disk_again() -> None:
    with kept_soon():
        insert_once(Delivery, FIELDS, [row(1)])

    assert waits_for_disk()
    assert [one.id.int for one in stored()] == [1]


def test_what_fails_is_rolled_back() -> None:
    def fail() -> None:
        with kept_soon():
            insert_once(Delivery, FIELDS, [row(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert waits_for_disk()
    assert not stored()


def test_within_a_transaction_of_the_caller_it_is_part_of_that() -> None:
    with transaction.atomic():
        with kept_soon():
            insert_once(Delivery, FIELDS, [row(1)])
        waits = waits_for_disk()
        transaction.set_rollback(True)

    assert waits
    assert not stored()


def keep_group() -> None:
    group_store.keep([likeness(1300, "POST", "/sms", "never seen before")])


def keep_combination() -> None:
    combinations.keep([MessageTraits("sent", "", None, "never_seen", "sms", "PH", "")])


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite's library has no life of its own"
)
@pytest.mark.parametrize("keep", [wait_for_disk, keep_group, keep_combination])
def test_what_a_process_remembers_is_waited_for(keep: Callable[[], None]) -> None:
    group_store.known.forget()
    combinations.known.forget()
    with CaptureQueriesContext(connection) as queries:
        with kept_soon():
            insert_once(Delivery, FIELDS, [row(1)])
        with kept_soon():
            keep()

    hurried = [queries.captured_queries.index(each) for each in queries if HURRY in each["sql"]]
    committed = [
        queries.captured_queries.index(each) for each in queries if each["sql"] == "COMMIT"
    ]
    assert hurried == [committed[0] - 1]
