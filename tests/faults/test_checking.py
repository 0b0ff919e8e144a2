"""The checker itself: each way in which a broken build would fail is found, and nothing else."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.faults.checking import Findings, Posting, Stored, check
from tests.traffic import Line

ERROR = ("error", "e1")
RECEIPT = ("receipt", "m1", "sent")
POISON = b"{nonsense"
LINES = (Line(b"1", ERROR), Line(b"2", RECEIPT), Line(POISON, None))
KEPT, NO_ANSWER, REFUSED, BROKEN = 202, 0, 401, 503
RIGHT = Stored(
    rows=Counter({ERROR: 1, RECEIPT: 1}),
    told=Counter({ERROR: 1, RECEIPT: 1}),
    messages={"m1": "sent"},
    quarantined=Counter({POISON: 1}),
    ledger=(2, 0, 1),
)
NOTHING = Stored()


def test_what_was_promised_and_is_there_once_is_right():
    assert check([Posting(LINES, KEPT)], RIGHT) == Findings()


def test_what_was_answered_before_it_was_stored_is_lost():
    found = check([Posting(LINES, KEPT)], NOTHING)

    assert found == Findings(lost=(ERROR, RECEIPT), lost_poison=(POISON,))


def test_a_second_row_is_a_double_and_not_a_repeat():
    doubled = replace(
        RIGHT,
        rows=Counter({ERROR: 2, RECEIPT: 1}),
        told=Counter({ERROR: 2, RECEIPT: 1}),
        ledger=(3, 0, 1),
    )

    found = check([Posting(LINES, KEPT)] * 2, replace(doubled, quarantined=Counter({POISON: 2})))

    assert found.double == (ERROR,)


@pytest.mark.parametrize("told", [1, 3])
def test_repeats_are_counted_exactly_when_every_answer_is_known(told):
    postings = [Posting((LINES[0],), KEPT)] * 2
    stored = Stored(rows=Counter({ERROR: 1}), told=Counter({ERROR: told}), ledger=(1, told - 1, 0))

    assert check(postings, stored) == Findings(miscounted=(ERROR,))


@pytest.mark.parametrize("status", [NO_ANSWER, BROKEN])
@pytest.mark.parametrize("stored", [RIGHT, NOTHING], ids=["kept", "not kept"])
def test_a_request_without_a_promise_may_have_been_kept_or_not(status, stored):
    assert check([Posting(LINES, status)], stored) == Findings()


def test_what_was_refused_or_never_sent_must_not_be_there():
    found = check([Posting(LINES, REFUSED)], RIGHT)

    assert found == Findings(
        unheard=(ERROR, RECEIPT), miscounted=(ERROR, RECEIPT), good_in_quarantine=(POISON,)
    )


def test_a_good_event_in_quarantine_is_found():
    stored = replace(RIGHT, quarantined=Counter({POISON: 1, b"1": 1}), ledger=(2, 0, 2))

    assert check([Posting(LINES, KEPT)], stored) == Findings(good_in_quarantine=(b"1",))


def test_a_message_that_is_missing_or_says_something_else_is_found():
    missing = check([Posting(LINES, KEPT)], replace(RIGHT, messages={}))
    wrong = check([Posting(LINES, KEPT)], replace(RIGHT, messages={"m1": "delivered"}))

    assert [missing, wrong] == [Findings(wrong_messages=("m1",))] * 2


@pytest.mark.parametrize(("state", "wrong"), [("delivered", ()), ("sent", ("m1",))])
@pytest.mark.parametrize("first", [0, 1])
def test_a_message_has_its_last_state_whatever_came_first(state, wrong, first):
    facts = [RECEIPT, ("receipt", "m1", "delivered")]
    rows = Counter(dict.fromkeys((facts[first], facts[1 - first]), 1))
    postings = [Posting((Line(b"2", RECEIPT), Line(b"3", facts[1])), KEPT)]

    found = check(postings, Stored(rows, rows, {"m1": state}, ledger=(2, 0, 0)))

    assert found == Findings(wrong_messages=wrong)


def test_a_delivery_that_tells_wrong_figures_or_still_waits_is_found():
    stored = replace(RIGHT, ledger=(2, 1, 1), pending=1)

    found = check([Posting(LINES, KEPT)], stored)

    assert found.counts() == Findings(wrong_ledger=(2, 1, 1, 2, 0, 1), pending=1).counts()
