"""Recording: twice is the same as once, in any order and any batches."""

from itertools import count, pairwise

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from support_portal.core import sealing
from support_portal.events.models import DeliveryReceipt, ErrorEvent, ErrorVariant, Message
from tests.events.arrived import (
    DELIVERY,
    ERROR_ID,
    NUMBER,
    UMID,
    a_receipt,
    an_error,
    at,
    record,
)

ARRIVAL = {"received_at", "delivery_id", "position", "destination_sealed"}
OTHER_NUMBER = "+447700900123"


def rows(model, *without):
    """Return every row as plain values, in a fixed order."""
    names = [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in ARRIVAL | set(without)
    ]
    return sorted(
        (
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in model.objects.values_list(*names)
        ),
        key=repr,
    )


RECEIPTS = st.builds(
    a_receipt,
    st.sampled_from(["queued", "sent", "delivered", "undelivered", "rejected", "read", "odd"]),
    st.sampled_from(["", "delivered_to_operator", "delivered_to_recipient", "x"]),
    st.integers(0, 3),
    umid=st.sampled_from([UMID, ERROR_ID]),
    channel=st.sampled_from(["sms", "whatsapp"]),
    step=st.integers(0, 2),
    error_code=st.sampled_from([None, 0, 15, 61, 1004]),
    context=st.just("chatapps_receipt"),
)
# What a receipt says beside its identity is the same each time it is told, as 8x8 repeats bodies.
SUB_ACCOUNTS = ["", "northwind", "northwind_otp"]
NUMBERS = ["", NUMBER, OTHER_NUMBER]


def completed(receipts):
    """Give each receipt further values that follow from what it says."""
    return [
        a_receipt(
            one.state,
            one.detail,
            (one.occurred_at - at(0)).total_seconds(),
            umid=one.umid,
            channel=one.channel,
            step=one.step,
            error_code=one.error_code,
            context=one.context,
            sub_account=SUB_ACCOUNTS[(one.step + len(one.state)) % 3],
            destination=NUMBERS[(one.step + len(one.detail)) % 3],
            client_message_id="" if one.step else one.state,
            source=one.channel.upper(),
        )
        for one in receipts
    ]


@st.composite
def told_twice(draw):
    """Return receipts, and the same shuffled, with repeats, cut into batches."""
    receipts = completed(draw(st.lists(RECEIPTS, min_size=1, max_size=8)))
    again = draw(st.lists(st.sampled_from(receipts), max_size=4))
    shuffled = draw(st.permutations(receipts + again))
    cuts = sorted(draw(st.sets(st.integers(0, len(shuffled)), max_size=4)))
    edges = [0, *cuts, len(shuffled)]
    batches = [shuffled[start:end] for start, end in pairwise(edges)]
    return receipts, batches


@given(told_twice())
def test_any_order_repeats_and_batches_give_the_same_messages_and_receipts(db, told):
    receipts, batches = told
    found = []
    for way in ([receipts], batches):
        with transaction.atomic():
            for batch in way:
                record(*batch)
            found.append((rows(Message), rows(DeliveryReceipt, "repeats")))
            assert Message.objects.count() == len({one.umid for one in receipts})
            transaction.set_rollback(True)

    assert found[0] == found[1]


@pytest.mark.django_db
def test_a_repeated_receipt_is_counted_and_not_stored_again():
    record(a_receipt(), a_receipt())
    counted = record(a_receipt(), a_receipt("delivered", seconds=1))

    assert DeliveryReceipt.objects.count() == 2
    assert DeliveryReceipt.objects.get(state="sent").repeats == 2
    assert counted.new == {DELIVERY: 1}
    assert counted.repeated == {DELIVERY: 1}


@pytest.mark.django_db
def test_a_repeated_error_is_counted_and_not_stored_again():
    record(an_error(), an_error())
    counted = record(an_error(), an_error())

    assert ErrorEvent.objects.get().repeats == 3
    assert (counted.new, counted.repeated) == ({}, {DELIVERY: 2})
    assert ErrorVariant.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"code": 1301}, {"occurred_at": at(1)}])
def test_an_error_that_is_told_differently_is_kept_beside_the_first(change):
    record(an_error())

    counted = record(an_error(**change), an_error(**change), an_error())

    first, variant = ErrorEvent.objects.get(), ErrorVariant.objects.get()
    assert (first.code, first.occurred_at, first.repeats) == (1300, at(0), 1)
    told = an_error(**change)
    assert (variant.code, variant.occurred_at) == (told.code, told.occurred_at)
    assert (variant.error_id, variant.repeats) == (ERROR_ID, 1)
    assert (counted.new, counted.repeated) == ({DELIVERY: 1}, {DELIVERY: 2})


@pytest.mark.django_db
def test_a_contradiction_inside_one_batch_is_kept_too():
    record(an_error(), an_error(code=1), an_error(code=2), an_error(code=1))

    assert ErrorEvent.objects.get().code == 1300
    variants = ErrorVariant.objects.order_by("code").values_list("code", "repeats")
    assert list(variants) == [(1, 1), (2, 0)]


CONTEXT = {
    "http_status": 404,
    "method": "GET",
    "path": "/api/v1/subaccounts/northwind/messages",
    "sub_account": "northwind",
    "umid": UMID,
    "client_message_id": "order-17",
    "channel": "sms",
    "destination": NUMBER,
    "service": "our-sender",
    "requested_at": at(-1),
}


@pytest.mark.django_db
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("bare_first", [True, False])
def test_the_context_of_an_error_is_kept_whichever_came_first(together, bare_first):
    bare, wrapped = an_error(), an_error(**CONTEXT)
    told = [bare, wrapped] if bare_first else [wrapped, bare]

    for batch in [told] if together else [[one] for one in told]:
        record(*batch)

    stored = ErrorEvent.objects.get()
    told = {name: getattr(stored, name) for name in CONTEXT if name != "destination"}
    assert told == {name: value for name, value in CONTEXT.items() if name != "destination"}
    assert (stored.country, stored.destination_masked) == ("US", "+1••••••0147")
    assert sealing.unseal(stored.destination_sealed) == NUMBER.encode()
    assert stored.repeats == 1


@pytest.mark.django_db
def test_context_that_is_there_is_not_replaced_by_another():
    record(an_error(sub_account="first", destination="+999123456789"))
    record(an_error(sub_account="second", method="GET", destination=NUMBER))

    stored = ErrorEvent.objects.get()
    assert (stored.sub_account, stored.method) == ("first", "GET")
    assert sealing.unseal(stored.destination_sealed) == b"+999123456789"
    assert stored.country == ""


@pytest.mark.django_db
def test_a_message_row_says_what_its_receipts_tell():
    record(
        a_receipt("sent", seconds=1, sub_account="northwind", destination=NUMBER),
        a_receipt("undelivered", "rejected_by_operator", 5, error_code=15, source="NWPARCEL"),
    )

    message = Message.objects.get()
    assert (message.state, message.detail, message.channel) == (
        "undelivered",
        "rejected_by_operator",
        "sms",
    )
    assert (message.error_code, message.error_context) == (15, "sms_receipt")
    assert message.error_registry == "sms_dlr"
    assert (message.sub_account, message.source) == ("northwind", "NWPARCEL")
    assert (message.country, message.destination_masked) == ("US", "+1••••••0147")
    assert (message.first_at, message.state_at) == (at(1), at(5))
    assert (message.receipts, message.channels) == (2, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("repeated", [False, True])
def test_recording_takes_the_same_queries_for_one_and_for_many(
    repeated, django_assert_max_num_queries
):
    ids = count(1)

    def batch(size):
        told = []
        for _ in range(size):
            number = next(ids)
            id = type(UMID)(int=UMID.int + number)
            first = a_receipt(umid=id, destination=NUMBER)
            told += [an_error(error_id=id), first]
            told.append(a_receipt("delivered", seconds=1, umid=id))
            told.append(an_error(error_id=id, code=1, method="GET"))
            told.append(an_error(error_id=id, method="GET"))
        return told

    record(*batch(1))  # what is never seen before costs a little more, once
    taken = []
    for size in (1, 50):
        told = batch(size)
        if repeated:
            record(*told)
        with django_assert_max_num_queries(100) as queries:
            record(*told)
        taken.append(len(queries))

    assert taken[0] == taken[1]


@pytest.mark.django_db
def test_a_message_that_says_the_same_is_not_written_again(django_assert_max_num_queries):
    record(a_receipt())

    with django_assert_max_num_queries(100) as queries:
        record(a_receipt())

    assert not [one for one in queries if 'UPDATE "events_message"' in one["sql"]]
