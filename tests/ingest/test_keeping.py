"""Deliveries that come together are kept together, and each sender hears of its own."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection, transaction

from support_portal.ingest.keeping import Keeper, Kept
from support_portal.ingest.models import Delivery

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MANY = 24


def delivery(number: int, **changes: object) -> Kept:
    kept = Kept(UUID(int=number), "hook", "8x8", None, "application/json", 1, b"x", NOON)
    return kept._replace(**changes)


@dataclass
class Crowd:
    """Threads that keep a delivery each, all at the same time."""

    keeper: Keeper
    gate: threading.Barrier
    errors: dict[int, Exception] = field(default_factory=dict)

    def keep(self, number: int, kept: Kept) -> None:
        self.gate.wait(timeout=10)
        try:
            self.keeper.keep(kept)
        except Exception as error:
            self.errors[number] = error
        finally:
            connection.close()


def keep_at_once(deliveries: list[Kept]) -> dict[int, Exception]:
    """Keep them all at once; return what was raised, by place in the list."""
    crowd = Crowd(Keeper(), threading.Barrier(len(deliveries)))
    threads = [
        threading.Thread(target=crowd.keep, args=(number, kept))
        for number, kept in enumerate(deliveries)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return crowd.errors


@pytest.mark.django_db(transaction=True)
def test_all_who_come_at_once_find_their_delivery_kept_as_it_was_given():
    deliveries = [delivery(number, body=bytes([number]) * number) for number in range(1, MANY)]

    errors = keep_at_once(deliveries)

    stored = Delivery.objects.order_by("id").values_list(*Kept._fields)
    assert errors == {}
    assert [Kept(*row)._replace(body=bytes(row[6])) for row in stored] == deliveries
    assert set(Delivery.objects.values_list("state", "attempts", "recorded")) == {("pending", 0, 0)}


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_stored_takes_no_other_along():
    deliveries = [delivery(number) for number in range(1, MANY)]
    deliveries[MANY // 2] = delivery(99, size=2**70)

    errors = keep_at_once(deliveries)

    assert list(errors) == [MANY // 2]
    assert Delivery.objects.count() == len(deliveries) - 1


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_that_a_delivery_is_kept_when_the_writer_was_ended_in_the_middle():
    deliveries = [delivery(number) for number in range(1, MANY)]
    deliveries[0] = delivery(99, received_at="no time at all")

    errors = keep_at_once(deliveries)

    assert Delivery.objects.count() == len(deliveries) - len(errors)
    assert len(errors) > 0


@pytest.mark.django_db
def test_the_same_id_twice_is_one_delivery():
    keeper = Keeper()

    keeper.keep(delivery(1))
    keeper.keep(delivery(1, sender="again"))

    assert list(Delivery.objects.values_list("sender", flat=True)) == ["8x8"]


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_stands_and_falls_with_it():
    with transaction.atomic():
        Keeper().keep(delivery(1))
        transaction.set_rollback(True)

    assert Delivery.objects.count() == 0
