"""Bulk statements store what the ORM would have stored."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from support_portal.core.bulk import (
    TURNED,
    find_rows,
    increment,
    insert_rows,
    update_rows,
)
from support_portal.events.models import ErrorVariant
from support_portal.ingest.models import Delivery

FIELDS = ("id", "source", "sender", "size", "body", "received_at", "state", "drained_at")
FIRST, SECOND = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
IN_MANILA = NOON.astimezone(timezone(timedelta(hours=8)))
COUNTERS = {
    "content_type": "",
    "attempts": 0,
    "next_position": 0,
    "recorded": 0,
    "repeated": 0,
    "ignored": 0,
    "quarantined": 0,
}


def _insert(*rows: tuple[object, ...]) -> None:
    insert_rows(Delivery, (*FIELDS, *COUNTERS), [(*row, *COUNTERS.values()) for row in rows])


def test_every_kind_of_value_comes_back_as_it_was_given(db: None) -> None:
    first = (FIRST, "api", "Ünal ' %s", 2**31 - 1, b"\x00\xff", NOON, "pending", None)
    second = (SECOND, "hook", "", 0, b"", IN_MANILA, "done", IN_MANILA)

    _insert(first, second)

    stored = Delivery.objects.order_by("id").values_list(*FIELDS)
    assert [(*row[:4], bytes(row[4]), *row[5:]) for row in stored] == [first, second]


def test_more_rows_than_are_turned_at_once_come_back_as_they_were_given(db: None) -> None:
    rows = [
        (UUID(int=number), "api", str(number), number, b"", NOON + timedelta(number), "done", None)
        for number in range(2 * TURNED + 1)
    ]

    _insert(*rows)

    stored = Delivery.objects.order_by("id").values_list(*FIELDS)
    assert [(*row[:4], bytes(row[4]), *row[5:]) for row in stored] == rows


def test_inserted_rows_are_found_and_ordered_like_those_of_the_orm(db: None) -> None:
    Delivery.objects.create(id=FIRST, source="api", size=1, body=b"", received_at=NOON)
    _insert((SECOND, "api", "", 1, b"", IN_MANILA, "pending", None))

    same_moment = Delivery.objects.filter(received_at=NOON).order_by("id")
    assert [delivery.id for delivery in same_moment] == [FIRST, SECOND]


def test_a_key_that_is_there_already_is_refused(db: None) -> None:
    row = (FIRST, "api", "", 1, b"", NOON, "pending", None)
    _insert(row)

    with pytest.raises(IntegrityError):
        _insert(row)


def test_an_update_changes_the_named_rows_and_fields_only(db: None) -> None:
    _insert(
        (FIRST, "api", "a", 1, b"", NOON, "pending", None),
        (SECOND, "api", "b", 1, b"", NOON, "pending", None),
    )

    update_rows(Delivery, ("state", "drained_at"), ("id",), [("done", IN_MANILA, SECOND)])

    rows = Delivery.objects.order_by("id").values_list("sender", "state", "drained_at")
    assert list(rows) == [("a", "pending", None), ("b", "done", NOON)]


def test_an_increment_finds_its_row_by_every_part_of_the_key(db: None) -> None:
    for digest in (-1, 1):
        ErrorVariant.objects.create(
            error_id=FIRST,
            digest=digest,
            code=1001,
            occurred_at=NOON,
            received_at=NOON,
            delivery_id=FIRST,
            position=0,
        )

    increment(ErrorVariant, "repeats", ("error_id", "digest"), {(FIRST, -1): 3})

    rows = ErrorVariant.objects.order_by("digest").values_list("digest", "repeats")
    assert list(rows) == [(-1, 3), (1, 0)]


def test_nothing_to_do_changes_nothing(db: None) -> None:
    insert_rows(Delivery, FIELDS, [])
    update_rows(Delivery, ("state",), ("id",), [])
    increment(Delivery, "recorded", ("id",), {})

    assert Delivery.objects.count() == 0


def test_rows_are_found_by_their_ids_with_values_of_the_right_kind(db: None) -> None:
    _insert(
        (FIRST, "api", "a", 1, b"", IN_MANILA, "pending", None),
        (SECOND, "api", "b", 1, b"", NOON.replace(microsecond=0), "done", NOON),
    )

    found = find_rows(
        Delivery, ("id", "sender", "received_at", "drained_at"), "id", [SECOND, FIRST, UUID(int=3)]
    )

    assert sorted(found) == [
        (FIRST, "a", NOON, None),
        (SECOND, "b", NOON.replace(microsecond=0), NOON),
    ]


def test_thousands_of_ids_are_one_parameter(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert find_rows(Delivery, ("id",), "id", [UUID(int=n) for n in range(40_000)]) == []


@pytest.mark.parametrize("number", [1, 50, 150])
def test_two_changes_of_one_transaction_do_not_see_the_rows_of_each_other(
    db: None, number: int
) -> None:
    ids = [UUID(int=place) for place in range(2 * number)]
    _insert(*((one, "api", "", 1, b"", NOON, "pending", None) for one in ids))

    first, second = ids[:number], ids[number:]
    changing = ("state", "attempts")
    for state, some in (("done", first), ("gone", second)):
        rows = [(state, 2, one) for one in some]
        update_rows(Delivery, changing, ("id",), rows, adding=("attempts",))
    update_rows(Delivery, changing, ("id",), [("late", 3, ids[0])], adding=("attempts",))

    stored = Delivery.objects.order_by("id").values_list("state", "attempts")
    assert list(stored) == [("late", 5), *[("done", 2)] * (number - 1), *[("gone", 2)] * number]


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_one() -> None:
    _insert((FIRST, "api", "a", 1, b"", NOON, "pending", None))

    update_rows(Delivery, ("attempts",), ("id",), [(1, FIRST)], adding=("attempts",))

    assert list(Delivery.objects.values_list("attempts", flat=True)) == [1]
