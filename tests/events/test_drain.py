"""From kept deliveries to stored facts: slices, poison, several drains, nothing readable at rest."""

import base64
import re
import threading

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CharField, Q

from support_portal.core import sealing
from support_portal.events.models import DeliveryReceipt, ErrorEvent, Message
from support_portal.ingest import services
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.services import Drained
from tests.events.arrived import NUMBER, a_receipt, an_error, record
from tests.ingest.sent import drain_all, encoded, error, receipt
from tests.ingest.test_hostile import SAMPLES

POISON = 666
MANY = [line for number in range(50) for line in (error(number), receipt(number))]


def keep(*events, source="api"):
    return services.receive(b"\n".join(map(encoded, events)), source=source, sender="our-sender")


def become(delivery):
    """Return what became of a delivery."""
    kept = Delivery.objects.get(id=delivery.id)
    return kept.state, kept.recorded, kept.repeated, kept.quarantined, kept.next_position


@pytest.mark.django_db
def test_a_long_delivery_is_drained_in_slices():
    delivery = keep(*(error(number) for number in range(7)))

    assert services.drain(limit=3) == Drained(recorded=3, more=True)
    assert become(delivery) == ("pending", 3, 0, 0, 3)
    assert services.drain(limit=3) == Drained(recorded=3, more=True)
    assert services.drain(limit=3) == Drained(deliveries=1, recorded=1, more=True)
    assert become(delivery) == ("done", 7, 0, 0, 7)
    assert services.drain(limit=3) == Drained()
    assert ErrorEvent.objects.count() == 7
    assert set(ErrorEvent.objects.values_list("delivery_id", flat=True)) == {delivery.id}
    positions = ErrorEvent.objects.order_by("error_id").values_list("position", flat=True)
    assert list(positions) == list(range(7))


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_slices_of_any_length_give_the_same(limit):
    deliveries = [keep(*MANY[start : start + 9]) for start in range(0, 45, 9)]
    keep(error(90), {"nonsense": 1}, error(90), error(90, code=5))

    drained = drain_all(limit=limit)

    assert drained == Drained(deliveries=6, recorded=47, repeated=1, quarantined=1)
    assert [become(one)[:4] for one in deliveries] == [("done", 9, 0, 0)] * 5


@pytest.mark.django_db
def test_draining_takes_the_same_queries_for_one_and_for_many(django_assert_max_num_queries):
    taken = []
    keep(error(1_000))
    services.drain()  # what is never seen before costs a little more, once
    for events in (MANY[:2], MANY[2:]):
        keep(*events)
        # Ten of them count; where transactions end, the traits are known and it takes three.
        with django_assert_max_num_queries(30) as queries:
            services.drain()
        taken.append(len(queries))

    assert taken[1] <= taken[0]  # traits that are new cost one more


def refuse_poison():
    """Make the database refuse an error with the code POISON and a receipt of that state."""
    with connection.cursor() as cursor:
        for table, condition in (
            ("events_errorevent", f"code = {POISON}"),
            ("events_deliveryreceipt", f"state = '{POISON}'"),
        ):
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT no CHECK (NOT {condition})")
            else:
                cursor.execute(
                    f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} WHEN NEW.{condition} "
                    "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )


@pytest.mark.django_db
def test_an_item_that_the_database_refuses_costs_its_neighbours_nothing():
    refuse_poison()
    events = list(MANY)
    events[7] = receipt(7, state=str(POISON))
    events[62] = error(62, code=POISON)
    delivery = keep(*events)

    assert drain_all() == Drained(deliveries=1, recorded=98, quarantined=2)

    entries = QuarantineEntry.objects.order_by("position")
    assert [(entry.position, entry.reason) for entry in entries] == [
        (7, "refused"),
        (62, "refused"),
    ]
    assert [sealing.unseal(entry.body) for entry in entries] == [
        encoded(events[7]),
        encoded(events[62]),
    ]
    assert all(entry.detail.startswith("The database refused it: ") for entry in entries)
    assert [entry.detail for entry in entries if "9f4b5bb0" in entry.detail] == []
    assert become(delivery) == ("done", 98, 0, 2, 100)
    assert ErrorEvent.objects.count() + DeliveryReceipt.objects.count() == 98


@pytest.mark.django_db
def test_the_longest_texts_of_a_payload_fit_their_columns():
    long = "x" * 5000
    context = dict.fromkeys(("clientBatchId", "clientMessageId", "method", "path"), long)
    context |= dict.fromkeys(("channel", "service", "subAccountId"), long)
    told = receipt(state=long, detail=long, errorMessage=long)
    told["payload"] |= context | {"source": long, "whatsapp": {"providerErrorCode": long}}
    keep({"error": error(message=long), "context": context}, told)

    drain_all()

    too_long = [
        (model.__name__, field.name)
        for model in (ErrorEvent, DeliveryReceipt, Message)
        for row in model.objects.all()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField) and len(getattr(row, field.name)) > (field.max_length or 0)
    ]
    assert too_long == []
    assert QuarantineEntry.objects.count() == 0


@pytest.mark.django_db
def test_a_delivery_that_cannot_be_unsealed_is_set_aside_and_the_others_go_on(settings):
    closed = keep(error(1))
    Delivery.objects.filter(id=closed.id).update(body=b"\x01damaged")
    keep(error(2))

    assert drain_all() == Drained(deliveries=2, recorded=1, quarantined=1)
    assert QuarantineEntry.objects.get().reason == "unsealable"
    assert bytes(QuarantineEntry.objects.get().body) == b"\x01damaged"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_drains_at_once_store_everything_once():
    for start in range(0, len(MANY), 5):
        keep(*MANY[start : start + 5])
        keep(*MANY[start : start + 5])
    ready = threading.Barrier(4)
    drained = []

    def drain():
        ready.wait()
        try:
            drained.append(drain_all(limit=7))
        finally:
            connection.close()

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drained) == 4
    assert sum(one.recorded for one in drained) == 100
    assert sum(one.repeated for one in drained) == 100
    assert sum(one.deliveries for one in drained) == 40
    assert ErrorEvent.objects.count() == DeliveryReceipt.objects.count() == 50
    assert Message.objects.count() == 50
    assert Delivery.objects.pending().count() == 0


NUMBERS = re.compile(rb"202555[0-9]{4}|447700900[0-9]{3}|7700900[0-9]{3}")


def everything_stored():
    """Yield every value of every row of every table, as bytes."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            for value in row:
                yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


@pytest.mark.django_db
def test_no_phone_number_is_readable_in_any_column_of_any_table():
    bodies = [file.read_bytes() for file in sorted(SAMPLES.iterdir())]
    wrapped = {"error": error(), "context": {"destination": NUMBER}}
    for body in [*bodies, encoded(wrapped)]:
        services.receive(body, source="hook")
    refuse_poison()
    services.receive(encoded(receipt(1, state=str(POISON))), source="hook")

    drained = drain_all()

    assert sum(len(NUMBERS.findall(body)) for body in bodies) > 50
    assert drained.recorded > 30
    assert drained.quarantined > 5
    assert Message.objects.exclude(destination_digest=None).count() > 10
    assert [value for value in everything_stored() if NUMBERS.search(value)] == []


@pytest.mark.django_db
def test_a_number_is_found_and_read_after_the_keys_were_rotated(settings):
    record(a_receipt(destination=NUMBER), an_error(destination=NUMBER))
    fresh = base64.b64encode(b"\x07" * 32).decode()
    before = sealing.search_digest(NUMBER)

    settings.SEAL_KEYS = f"fresh:{fresh},{settings.SEAL_KEYS}"

    assert sealing.search_digest(NUMBER) != before
    known = Q(destination_digest__in=sealing.search_digests(NUMBER))
    message, event = Message.objects.get(known), ErrorEvent.objects.get(known)
    assert sealing.unseal(message.destination_sealed) == NUMBER.encode()
    assert sealing.unseal(event.destination_sealed) == NUMBER.encode()
