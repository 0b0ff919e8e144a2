"""What happens around messages and to the account is stored once, however and how often it comes."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.events.explaining import RULES, explaining
from support_portal.events.models import AccountEvent, DeliveryReceipt, Happening, Message
from support_portal.events.timeline import timeline
from support_portal.payloads import AccountEvent as ToldAccountEvent
from support_portal.payloads import Happening as ToldHappening
from support_portal.payloads import SendAnswer
from support_portal.reason_codes import registries
from tests.events.arrived import NOW, NUMBER, UMID, a_receipt, at, record

ANSWER = UUID("782fe025-8d64-438d-bde9-b48e00a87500")
EVENT = UUID("3d7518ff-2ff8-45f0-81d4-b48c00e40ed0")
OWN_NUMBER = "+447700900002"


def an_answer(**changes: Any) -> ToldHappening:
    told: dict[str, Any] = {
        "umid": ANSWER,
        "kind": "inbound",
        "occurred_at": at(60),
        "about": UMID,
        "channel": "whatsapp",
        "person": NUMBER,
        "content": "text",
    }
    return ToldHappening(**told | changes)


def a_click(mark: str = "1", seconds: float = 30) -> ToldHappening:
    return ToldHappening(UMID, "click", at(seconds), mark=mark, about=UMID, channel="sms")


def an_account_event(**changes: Any) -> ToldAccountEvent:
    told: dict[str, Any] = {
        "event_id": EVENT,
        "kind": "template_status_update",
        "occurred_at": at(0),
        "channel": "whatsapp",
        "template": "np_summer_rates",
        "status": "REJECTED",
        "reason": "INCORRECT_CATEGORY",
    }
    return ToldAccountEvent(**told | changes)


def queued() -> SendAnswer:
    return SendAnswer(UMID, "queued", channel="sms", destination=NUMBER)


@pytest.mark.django_db
def test_an_answer_is_stored_once_and_its_number_sealed() -> None:
    record(an_answer(), an_answer())
    counted = record(an_answer(), a_click(), a_click("2"))

    stored = Happening.objects.get(umid=ANSWER)
    assert (stored.about, stored.repeats, stored.content) == (UMID, 2, "text")
    assert stored.destination_masked == "+1••••••0147"
    assert sealing.unseal(stored.destination_sealed or b"") == NUMBER.encode()
    assert (counted.new.total(), counted.repeated.total()) == (2, 1)


@pytest.mark.django_db
def test_the_same_answer_from_an_export_adds_what_it_knows_and_takes_nothing_away() -> None:
    record(an_answer(occurred_at=at(60.233)))

    record(an_answer(occurred_at=at(60.23), person="", about=None, sub_account="np_otp"))

    stored = Happening.objects.get()
    assert (stored.occurred_at, stored.about, stored.sub_account) == (at(60.233), UMID, "np_otp")
    assert stored.destination_digest is not None


@pytest.mark.django_db
def test_a_number_at_our_own_end_is_masked_as_well() -> None:
    record(an_answer(own_end=OWN_NUMBER))

    assert Happening.objects.get().own_end == "+44••••••0002"


@pytest.mark.django_db
def test_an_event_of_the_account_is_stored_once_an_event_id() -> None:
    record(an_account_event(), an_account_event())
    record(an_account_event(number=OWN_NUMBER))

    stored = AccountEvent.objects.get()
    assert (stored.template, stored.status, stored.repeats) == ("np_summer_rates", "REJECTED", 2)
    assert stored.destination_masked == "+44••••••0002"


@pytest.mark.django_db
def test_a_status_without_a_time_is_the_same_however_often_and_late_it_comes() -> None:
    record(queued(), queued())
    record(queued(), received_at=NOW + timedelta(days=1))

    stored = DeliveryReceipt.objects.get()
    assert (stored.occurred_at, stored.repeats, stored.context) == (NOW, 2, "send_answer")


@pytest.mark.django_db
def test_what_does_not_tell_its_channel_or_step_joins_the_lane_that_does() -> None:
    record(
        a_receipt("queued", channel="", context="batch_item"),
        a_receipt("sent", seconds=1, channel="whatsapp"),
        a_receipt("undelivered", seconds=2, channel="whatsapp", step=1),
        a_receipt("delivered", seconds=3, channel="sms", step=2),
    )

    message = Message.objects.get()
    story = timeline(DeliveryReceipt.objects.all(), now=NOW)
    assert (message.channel, message.channels, message.state) == ("sms", 2, "delivered")
    assert [(lane.channel, len(lane.steps)) for lane in story.lanes] == [
        ("whatsapp", 3),
        ("sms", 1),
    ]


@pytest.mark.django_db
def test_the_same_status_from_a_webhook_and_an_export_is_one_step() -> None:
    record(
        a_receipt("read", seconds=1, channel="whatsapp", context="chatapps_receipt"),
        a_receipt("read", seconds=1, channel="whatsapp", context="chatapps_receipt", step=1),
    )

    (lane,) = timeline(DeliveryReceipt.objects.all(), now=NOW).lanes

    assert [(step.state, step.came, step.flags) for step in lane.steps] == [("read", 2, ())]


@pytest.mark.django_db
def test_a_refusal_at_the_door_has_the_channel_that_others_tell() -> None:
    record(
        a_receipt("rejected", channel="", context="batch_item", error_code=3041, seconds=1),
        a_receipt("queued", channel="whatsapp"),
    )

    message = Message.objects.get()
    assert (message.channel, message.error_code, message.error_registry) == (
        "whatsapp",
        3041,
        "api_error",
    )


HAPPENINGS = st.builds(
    an_answer,
    occurred_at=st.sampled_from([at(60), at(60.5)]),
    about=st.sampled_from([UMID, None]),
    person=st.sampled_from([NUMBER, OWN_NUMBER, ""]),
    content=st.sampled_from(["text", "image", ""]),
    umid=st.sampled_from([ANSWER, UMID]),
)
CLICKS = st.builds(a_click, st.sampled_from("123"), st.sampled_from([30, 31]))
RECEIPTS = st.builds(
    a_receipt,
    st.sampled_from(["queued", "sent", "delivered", "undelivered"]),
    seconds=st.sampled_from([0, 1, 2]),
    channel=st.sampled_from(["", "whatsapp", "sms"]),
    step=st.sampled_from([0, 1, 2]),
)
FACTS = HAPPENINGS | CLICKS | RECEIPTS | st.builds(queued)


@st.composite
def told_twice(draw: Any) -> tuple[list[Any], list[list[Any]]]:
    """Return facts, and the same shuffled, with repeats, cut into batches."""
    facts = draw(st.lists(FACTS, min_size=1, max_size=8))
    again = draw(st.lists(st.sampled_from(facts), max_size=4))
    shuffled = draw(st.permutations(facts + again))
    cuts = sorted(draw(st.sets(st.integers(0, len(shuffled)), max_size=3)))
    return facts, [shuffled[start:end] for start, end in pairwise([0, *cuts, len(shuffled)])]


def stored() -> tuple[Any, ...]:
    """Return all rows and the page's timeline, without how often and where each came."""
    left_out = {"repeats", "delivery_id", "position", "destination_sealed"}
    tables = tuple(
        sorted(
            str({name: value for name, value in row.items() if name not in left_out})
            for row in model._default_manager.values()
        )
        for model in (Happening, Message, DeliveryReceipt)
    )
    receipts = DeliveryReceipt.objects.filter(umid=UMID)
    DeliveryReceipt.objects.update(repeats=0)
    around = Happening.objects.around([UMID]).values_list("umid", "kind", "occurred_at")
    return *tables, timeline(receipts, now=NOW), list(around)


@settings(
    max_examples=40,
)
@given(told_twice())
def test_any_order_repeats_and_batches_give_the_same_rows_and_page(db: None, told: Any) -> None:
    facts, batches = told
    found = []
    for way in ([facts], batches):
        with transaction.atomic():
            for batch in way:
                record(*batch)
            found.append(stored())
            transaction.set_rollback(True)

    assert found[0] == found[1]


def test_every_rule_names_codes_that_its_tables_list() -> None:
    for rule in RULES:
        for key, number in rule.codes:
            assert number in registries()[key].codes, (key, number)


def staff() -> User:
    return User(username="agent", role="agent")


@pytest.mark.django_db
def test_a_rejected_template_explains_a_missing_one_afterwards_and_not_before() -> None:
    approvals = [
        an_account_event(event_id=UUID(int=number), status="APPROVED", occurred_at=at(number))
        for number in range(1, 20)
    ]
    record(an_account_event(), *approvals)

    after = explaining("chatapps_dlr_whatsapp", 1031, staff(), at(3600))
    before = explaining("chatapps_dlr_whatsapp", 1031, staff(), at(-1))
    long_after = explaining("chatapps_dlr_whatsapp", 1031, staff(), at(0) + timedelta(days=31))

    assert [each.event.event_id for each in after] == [EVENT]
    assert (before, long_after) == ([], [])


@pytest.mark.django_db
def test_a_code_that_no_rule_names_costs_no_query(django_assert_num_queries: Any) -> None:
    record(an_account_event())

    with django_assert_num_queries(0):
        assert explaining("sms_dlr", 46, staff()) == []
