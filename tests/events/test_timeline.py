"""The timeline of a message: lanes, flags, what is missing; never the order of arrival."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.events.expectations import Expected, Missing, Stage
from support_portal.events.timeline import Flag, Timeline, timeline
from support_portal.events.usual import Leg, Route, Usual, Usuals

BEGAN = datetime(2026, 7, 20, 8, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=3)


@dataclass(frozen=True)
class Told:
    """A receipt as the table keeps it."""

    state: str
    detail: str = ""
    seconds: float = 0
    channel: str = "sms"
    step: int = 0
    context: str = "sms_receipt"
    error_code: int | None = None
    error_message: str = ""
    provider_code: str = ""
    late: float = 1
    repeats: int = 0

    @property
    def occurred_at(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    @property
    def received_at(self) -> datetime:
        return self.occurred_at + timedelta(seconds=self.late)


TO_OPERATOR = "delivered_to_operator"
TO_PHONE = "delivered_to_recipient"
WHATSAPP: Any = {"channel": "whatsapp", "context": "chatapps_receipt", "step": 1}

receipts = st.builds(
    Told,
    state=st.sampled_from(["queued", "sent", "delivered", "undelivered", "read", "expired"]),
    detail=st.sampled_from(["", TO_OPERATOR, TO_PHONE]),
    seconds=st.integers(0, 5),
    channel=st.sampled_from(["sms", "whatsapp", "line"]),
    step=st.integers(0, 2),
    context=st.sampled_from(["sms_receipt", "chatapps_receipt", "legacy_receipt"]),
    error_code=st.sampled_from([None, 0, 15, 1018]),
    error_message=st.sampled_from(["", "Message rejected"]),
    provider_code=st.sampled_from(["", "131026", "no number"]),
    late=st.integers(-1, 2),
    repeats=st.integers(0, 2),
)


def flags(story: Timeline) -> list[tuple[str, tuple[Flag, ...]]]:
    return [(step.state, step.flags) for step in story.steps]


@given(
    st.lists(receipts, max_size=8).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told))
    )
)
def test_the_same_receipts_in_any_order_give_the_same_timeline(
    both: tuple[list[Told], list[Told]],
) -> None:
    told, shuffled = both

    assert timeline(told, now=NOW) == timeline(shuffled, now=NOW)


def test_without_a_receipt_there_is_nothing_to_tell() -> None:
    assert timeline([], now=NOW) == Timeline((), None, None, None)


def test_a_fallback_is_one_story_with_a_lane_for_each_channel() -> None:
    told = [
        Told("sent", seconds=303, step=2),
        replace(Told("undelivered", "undelivered_to_recipient", 302, error_code=1018), **WHATSAPP),
        replace(Told("sent", seconds=1), **WHATSAPP),
    ]

    story = timeline(told, now=NOW)

    assert [(lane.channel, [step.state for step in lane.steps]) for lane in story.lanes] == [
        ("whatsapp", ["sent", "undelivered"]),
        ("sms", ["sent"]),
    ]


def test_a_code_is_read_in_the_table_of_its_channel_and_the_provider_code_in_its_own() -> None:
    told = Told("undelivered", error_code=1018, provider_code="131026")

    (step,) = timeline([replace(told, **WHATSAPP)], now=NOW).steps

    assert step.code is not None
    assert (step.code.registry, step.code.code) == ("chatapps_dlr_whatsapp", 1018)
    assert step.provider is not None
    assert (step.provider.registry, step.provider.code) == ("whatsapp_provider", 131026)


def test_a_provider_code_that_no_table_can_hold_stays_as_it_came() -> None:
    (step,) = timeline([Told("undelivered", provider_code="131026")], now=NOW).steps

    assert (step.provider, step.provider_text) == (None, "131026")


def test_the_failure_that_is_the_state_is_decoded() -> None:
    story = timeline([Told("sent"), Told("undelivered", seconds=5, error_code=15)], now=NOW)

    assert story.code is not None
    assert (story.code.registry, story.code.code) == ("sms_dlr", 15)


def test_a_failure_after_the_operator_accepted_is_a_late_negative() -> None:
    told = [Told("delivered", TO_OPERATOR), Told("undelivered", seconds=60)]

    assert flags(timeline(told, now=NOW)) == [
        ("delivered", ()),
        ("undelivered", (Flag.LATE_NEGATIVE,)),
    ]


def test_a_failure_after_the_phone_confirmed_is_impossible() -> None:
    told = [Told("delivered", TO_PHONE), Told("undelivered", seconds=60)]

    assert flags(timeline(told, now=NOW))[1] == ("undelivered", (Flag.IMPOSSIBLE,))


def test_a_delivery_after_a_failure_is_impossible() -> None:
    told = [Told("undelivered"), Told("delivered", TO_PHONE, 60)]

    assert flags(timeline(told, now=NOW))[1] == ("delivered", (Flag.IMPOSSIBLE,))


def test_the_usual_order_has_no_flag_however_it_arrived() -> None:
    told = [Told("delivered", TO_PHONE, 6), Told("sent", seconds=1), Told("queued")]

    assert flags(timeline(told, now=NOW)) == [("queued", ()), ("sent", ()), ("delivered", ())]


def test_the_same_state_with_another_time_is_told_again() -> None:
    told = [Told("sent"), Told("sent", seconds=3)]

    assert flags(timeline(told, now=NOW))[1] == ("sent", (Flag.AGAIN,))


def test_received_before_it_happened_is_a_matter_of_clocks() -> None:
    (step,) = timeline([Told("sent", late=-2)], now=NOW).steps

    assert (step.flags, step.delay) == ((Flag.CLOCK_SKEW,), timedelta(seconds=-2))


def test_repeats_are_counted() -> None:
    (step,) = timeline([Told("sent", repeats=3)], now=NOW).steps

    assert step.came == 4


def test_an_sms_awaits_its_final_receipt_for_48_hours() -> None:
    told = [Told("sent"), Told("delivered", TO_OPERATOR, 9)]
    deadline = BEGAN + timedelta(hours=48)

    open_ = timeline(told, now=deadline).expected
    closed = timeline(told, now=deadline + timedelta(seconds=1)).expected

    assert (open_, closed) == (
        Expected(Missing.FINAL, BEGAN, deadline, None, Stage.WAITING),
        Expected(Missing.FINAL, BEGAN, deadline, None, Stage.CLOSED),
    )


def test_a_read_receipt_is_awaited_for_ten_days_where_the_channel_reports_it() -> None:
    told = replace(Told("delivered", TO_PHONE, 5), **WHATSAPP)

    story = timeline([told], now=NOW)

    delivered = told.occurred_at
    deadline = delivered + timedelta(days=10)
    assert story.expected == Expected(Missing.READ, delivered, deadline, None, Stage.WAITING)


def test_a_channel_without_a_named_window_has_no_deadline() -> None:
    story = timeline([replace(Told("sent"), **WHATSAPP)], now=NOW)

    assert story.expected == Expected(Missing.FINAL, BEGAN, None, None, Stage.WAITING)


def test_line_never_tells_more_than_sent() -> None:
    line = timeline([Told("sent", channel="line", context="chatapps_receipt")], now=NOW)

    assert (line.expected, [lane.mute for lane in line.lanes]) == (None, [True])


def test_after_the_last_word_nothing_is_expected() -> None:
    ended = [
        [Told("delivered", TO_PHONE)],
        [Told("undelivered")],
        [replace(Told("read"), **WHATSAPP)],
        [Told("rejected")],
    ]

    assert [timeline(told, now=NOW).expected for told in ended] == [None] * 4


def test_a_message_that_arrived_by_fallback_awaits_nothing_on_the_first_channel() -> None:
    told = [replace(Told("sent"), **WHATSAPP), Told("delivered", TO_PHONE, 300, step=2)]

    story = timeline(told, now=NOW)

    assert [lane.expected for lane in story.lanes] == [None, None]


def usuals(seconds: float, **route: str) -> Usuals:
    """Return that 95 % of the final receipts of SMS usually come within ``seconds``."""
    most = timedelta(seconds=seconds)
    return Usuals([Usual(Route(Leg.FINAL, "sms"), 40, most / 2, most, BEGAN, BEGAN)], **route)


@pytest.mark.parametrize(("minutes", "stage"), [(5, Stage.WAITING), (6, Stage.OVERDUE)])
def test_a_receipt_is_overdue_when_nearly_all_others_were_there(minutes: int, stage: Stage) -> None:
    told = [Told("queued"), Told("sent", seconds=1)]
    now = BEGAN + timedelta(minutes=minutes)

    expected = timeline(told, now=now, usuals=usuals(300)).expected

    assert expected is not None
    assert (expected.stage, expected.due) == (stage, BEGAN + timedelta(seconds=301))


@pytest.mark.parametrize(
    ("took", "usual", "slow"),
    [(60, 12, True), (23, 12, False), (600, 400, False), (9, 1, False), (12, 1, True)],
)
def test_a_final_receipt_that_took_much_longer_than_usual_is_pointed_out(
    took: float, usual: float, slow: bool
) -> None:
    told = [Told("sent"), Told("delivered", TO_PHONE, took)]

    story = timeline(told, now=NOW, usuals=usuals(usual))

    assert flags(story)[1] == ("delivered", (Flag.SLOW,) if slow else ())


def test_how_much_longer_is_told_in_multiples_of_the_usual() -> None:
    told = [Told("sent"), Told("delivered", TO_PHONE, 60)]

    (_, step) = timeline(told, now=NOW, usuals=usuals(12)).steps

    assert step.slow is not None
    assert (step.slow.took, step.slow.times) == (timedelta(seconds=60), 5)
