"""The state of a message follows from its receipts, whatever their order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.events.states import (
    Derived,
    derive,
    is_provisional,
    is_terminal,
    lanes,
    rank,
)
from tests.events.arrived import a_receipt, at

SENT = a_receipt("sent", seconds=1)
OPERATOR = a_receipt("delivered", "delivered_to_operator", 2)
RECIPIENT = a_receipt("delivered", "delivered_to_recipient", 3)
FAILED = a_receipt("undelivered", "rejected_by_operator", 4, error_code=15)
REJECTED = a_receipt("rejected", seconds=0, error_code=42)
QUEUED = a_receipt("queued", seconds=0)
READ = a_receipt("read", seconds=9)
STRANGE = a_receipt("teleported", seconds=5)


def on(channel, receipt, step=0):
    return a_receipt(
        receipt.state,
        receipt.detail,
        (receipt.occurred_at - at(0)).total_seconds(),
        channel=channel,
        step=step,
        error_code=receipt.error_code,
        context="chatapps_receipt",
    )


@pytest.mark.parametrize(
    ("receipts", "state"),
    [
        ([SENT], ("sent", "")),
        ([QUEUED, SENT], ("sent", "")),
        ([SENT, OPERATOR], ("delivered", "delivered_to_operator")),
        ([SENT, OPERATOR, RECIPIENT], ("delivered", "delivered_to_recipient")),
        ([OPERATOR, FAILED], ("undelivered", "rejected_by_operator")),
        ([RECIPIENT, FAILED], ("delivered", "delivered_to_recipient")),
        ([RECIPIENT, READ], ("read", "")),
        ([SENT, STRANGE], ("teleported", "")),
        ([OPERATOR, STRANGE], ("delivered", "delivered_to_operator")),
        ([REJECTED, SENT], ("rejected", "")),
        ([REJECTED, FAILED], ("undelivered", "rejected_by_operator")),
    ],
)
def test_the_state_that_says_most_is_the_state_in_any_order(receipts, state):
    for order in permutations(receipts):
        derived = derive(order)

        assert (derived.state, derived.detail) == state
        assert derived.receipts == len(receipts)


def test_all_that_is_derived_comes_from_the_receipt_that_tells_the_state():
    assert derive([SENT, FAILED, OPERATOR]) == Derived(
        state="undelivered",
        detail="rejected_by_operator",
        channel="sms",
        error_code=15,
        error_context="sms_receipt",
        first_at=at(1),
        last_at=at(4),
        state_at=at(4),
        receipts=3,
        channels=1,
    )


def test_a_code_of_a_receipt_that_is_no_failure_is_no_failure_of_the_message():
    delivered = a_receipt("delivered", "delivered_to_recipient", error_code=0)

    derived = derive([delivered])

    assert (derived.error_code, derived.error_context) == (None, "")


def test_a_delivery_on_the_second_channel_is_the_answer():
    whatsapp = [on("whatsapp", SENT, 1), on("whatsapp", FAILED, 1)]
    sms = [on("sms", SENT, 2), on("sms", RECIPIENT, 2)]

    for order in permutations(whatsapp + sms):
        derived = derive(order)

        assert (derived.channel, derived.state, derived.channels) == ("sms", "delivered", 2)


def test_without_a_delivery_the_channel_tried_last_is_the_answer():
    receipts = [on("whatsapp", FAILED, 1), on("sms", SENT, 2)]

    for order in permutations(receipts):
        assert (derive(order).channel, derive(order).state) == ("sms", "sent")


def test_lanes_are_in_the_order_of_their_steps_and_times():
    receipts = [on("sms", SENT, 2), on("whatsapp", FAILED, 1), on("whatsapp", SENT, 1)]

    told = [[(one.channel, one.state) for one in lane] for lane in lanes(receipts)]

    assert told == [[("whatsapp", "sent"), ("whatsapp", "undelivered")], [("sms", "sent")]]


@pytest.mark.parametrize(
    ("state", "detail", "channel", "terminal"),
    [
        ("queued", "", "sms", False),
        ("sent", "", "sms", False),
        ("sent", "", "line", True),
        ("delivered", "delivered_to_operator", "sms", False),
        ("delivered", "delivered_to_recipient", "sms", True),
        ("delivered", "delivered_to_recipient", "whatsapp", False),
        ("delivered", "delivered_to_recipient", "viber", False),
        ("undelivered", "", "whatsapp", True),
        ("rejected", "", "sms", True),
        ("failed", "", "sms", True),
        ("read", "", "whatsapp", True),
        ("teleported", "", "sms", False),
    ],
)
def test_nothing_more_is_expected_after_a_terminal_state(state, detail, channel, terminal):
    assert is_terminal(state, detail, channel) is terminal


def test_only_what_an_operator_confirmed_is_provisional():
    assert is_provisional("delivered", "delivered_to_operator")
    assert not is_provisional("delivered", "delivered_to_recipient")
    assert not is_provisional("sent", "")


@given(st.text(max_size=50), st.text(max_size=50))
def test_every_word_has_a_rank(state, detail):
    assert 1 <= rank(state, detail) <= 7
