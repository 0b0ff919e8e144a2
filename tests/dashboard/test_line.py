"""The line of time as pages draw it: the same from any order, whatever was sent."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.dashboard.line_of_time import Beside, Folding, Page, gather, line_of_time
from support_portal.dashboard.thread import Remark
from support_portal.events.models import ErrorEvent, Happening
from support_portal.events.surroundings import Surroundings
from support_portal.events.timeline import timeline
from support_portal.events.usual import Leg, Route, Usual, Usuals
from support_portal.knowledge.opinions import Opinions
from tests.dashboard.reading import words
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.events.test_timeline import BEGAN, NOW, TO_OPERATOR, TO_PHONE, WHATSAPP, Told, receipts

pytestmark = pytest.mark.django_db  # what the team says about codes is looked up
UMID = UUID("9f4b5bb0-a414-4aed-8e6d-000000000001")

LONG = "نص" + "x" * 198


def an_error(number: int = 1, seconds: float = 0, *, asked: bool = False) -> ErrorEvent:
    return ErrorEvent(
        error_id=UUID(int=number),
        code=1300,
        umid=UMID,
        occurred_at=BEGAN + timedelta(seconds=seconds),
        received_at=BEGAN + timedelta(seconds=seconds + 1),
        requested_at=BEGAN if asked else None,
        method="POST",
        path="/messages",
        service="parcel-gateway",
    )


def a_click(number: int = 1, seconds: float = 0) -> Happening:
    return Happening(
        umid=UMID,
        about=UMID,
        digest=number,
        kind="click",
        occurred_at=BEGAN + timedelta(seconds=seconds),
        received_at=BEGAN + timedelta(seconds=seconds + 2),
    )


errors = st.builds(an_error, st.integers(1, 3), st.integers(0, 5), asked=st.booleans())
happenings = st.builds(a_click, st.integers(1, 3), st.integers(0, 5))


def a_remark(number: int = 1, text: str = "hello") -> Remark:
    return Remark(number, "Ana", True, "", BEGAN + timedelta(hours=number), (), text)


def drawn(
    told: Sequence[Any] = (),
    *,
    errors: Sequence[ErrorEvent] = (),
    happenings: Sequence[Happening] = (),
    remarks: Sequence[Remark] = (),
    usuals: Usuals | None = None,
    now: datetime = NOW,
    everything: bool = False,
) -> str:
    """Return the drawing and the rows."""
    held = Surroundings(receipts=told, errors=errors, happenings=happenings)  # type: ignore[arg-type]
    story = timeline(told, now=now, usuals=usuals or Usuals())
    page = Page(UMID, folding=Folding(everything))
    steps = gather(held, story, Beside(remarks), page)
    line = line_of_time(steps, held, story, page, Opinions(), now)
    strip = render_to_string("records/_strip.html", {"strip": line.strip})
    return strip + render_to_string("records/_line.html", {"line": line})


def lines(html: str) -> list[str]:
    """Return the rows without their times."""
    return [words(each) for each in re.findall(r'<div class="what">(.*?)</div>', html, re.DOTALL)][
        1:
    ]


def usually(seconds: float, samples: int = 1580) -> Usuals:
    """Return what is usual for SMS to PH."""
    half, most = timedelta(seconds=seconds / 4), timedelta(seconds=seconds)
    measured = Usual(
        Route(Leg.FINAL, "sms", "PH"), samples, half, most, BEGAN - timedelta(days=9), BEGAN
    )
    return Usuals([measured], country="PH")


@settings(max_examples=60)
@given(
    st.data(),
    st.lists(receipts, max_size=6),
    st.lists(errors, max_size=2, unique_by=lambda error: error.error_id),
    st.lists(happenings, max_size=2, unique_by=lambda happening: happening.digest),
)
def test_the_same_records_in_any_order_give_the_same_page(
    data: st.DataObject,
    told: list[Told],
    failed: list[ErrorEvent],
    around: list[Happening],
) -> None:
    first = drawn(told, errors=failed, happenings=around, usuals=usually(2))

    again = drawn(
        data.draw(st.permutations(told)),
        errors=data.draw(st.permutations(failed)),
        happenings=data.draw(st.permutations(around)),
        usuals=usually(2),
    )

    assert first == again


@settings(max_examples=60)
@given(st.lists(receipts, max_size=8), st.integers(-5, 10**9))
def test_every_drawing_is_whole_and_inside_its_frame(told: list[Told], seconds: int) -> None:
    html = drawn(told, now=BEGAN + timedelta(seconds=seconds))

    for svg in re.findall(r"<svg class=\"chart\".*?</svg>", html, re.DOTALL):
        root = ElementTree.fromstring(svg)
        width, height = (float(each) for each in root.attrib["viewBox"].split()[2:])
        for element in root.iter():
            for name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(element.get(name, 0)) <= width
            for name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(element.get(name, 0)) <= height


def test_without_anything_there_is_no_drawing() -> None:
    assert "<svg class" not in drawn()


def test_what_is_late_says_since_when_and_what_is_usual() -> None:
    now = BEGAN + timedelta(minutes=5)
    told = [Told("queued"), Told("sent", seconds=1)]

    html = drawn(told, usuals=usually(12), now=now)

    assert lines(html)[-1] == (
        "Final receipt delivered to the phone, or undelivered "
        "Usually 95 % are there within 12 s for SMS to PH "
        "(half within 3 s; from 1,580 messages, 11 Jul to 20 Jul). "
        "On SMS the 48 h window closes in 1 d 23 h, 22 Jul 2026, 08:00:00.00. "
        "Overdue since 20 Jul 2026, 08:00:13.00, 4 min ago."
    )
    assert html.count('<circle class="dot-none"') == 2


def test_below_thirty_samples_the_usual_is_not_known_yet() -> None:
    html = drawn([Told("sent")])

    assert "How long it usually takes is not known yet: that needs 30 messages." in html


def test_what_took_long_says_how_many_times_the_usual() -> None:
    html = drawn([Told("sent"), Told("delivered", TO_PHONE, 60)], usuals=usually(12))

    assert lines(html)[-1] == (
        "Delivered delivered_to_recipient ×5 the usual: 1 min since sent, 95 % are there within 12 s."
    )


def test_line_reports_nothing_after_sent() -> None:
    html = drawn([Told("sent", channel="line", context="chatapps_receipt")])

    assert lines(html)[-1] == "Final receipt LINE reports nothing after sent."


def test_a_lane_is_named_again_where_the_line_comes_back_to_it() -> None:
    told = [
        Told("undelivered", seconds=1, **WHATSAPP),
        Told("sent", seconds=2, step=2),
        Told("read", seconds=3, **WHATSAPP),
    ]

    assert [line for line in lines(drawn(told)) if "step" in line] == [
        "WhatsApp step 1 of 2",
        "SMS step 2 of 2, fallback",
        "WhatsApp step 1 of 2",
    ]


def test_days_are_breaks_in_the_line() -> None:
    told = [Told("sent"), Told("delivered", TO_OPERATOR, 86_400), Told("undelivered", "", 90_000)]

    assert [line for line in lines(drawn(told)) if line.endswith("2026")] == [
        "20 Jul 2026",
        "21 Jul 2026",
    ]


def test_a_receipt_ten_days_later_leaves_the_rest_legible_and_says_what_is_left_out() -> None:
    told = [
        Told("sent", **WHATSAPP),
        Told("delivered", TO_PHONE, 4, **WHATSAPP),
        Told("read", seconds=864_000, **WHATSAPP),
    ]

    html = drawn(told, now=BEGAN + timedelta(days=11))

    assert "// 9 d 23 h</text>" in html
    assert [float(x) for x in re.findall(r'<circle class="dot[^"]*" cx="([0-9.]+)"', html)] == [
        112,
        1008,
        1088,
    ]


def test_the_drawing_is_told_in_words() -> None:
    html = drawn([Told("sent"), Told("delivered", TO_PHONE, 4)], errors=[an_error()])

    desc = re.search(r"<desc[^>]*>(.*?)</desc>", html)
    assert desc is not None
    assert desc[1] == (
        "API: API error 1300 20 Jul 2026, 08:00:00.00. "
        "SMS: Sent 20 Jul 2026, 08:00:00.00, Delivered 20 Jul 2026, 08:00:04.00."
    )


@pytest.mark.parametrize("everything", [False, True])
def test_a_receipt_before_its_request_and_from_the_future_has_its_place(
    everything: bool,
) -> None:
    told = [
        Told("sent", seconds=-60),
        Told("delivered", TO_PHONE, 10**9, late=-(10**9)),
    ]

    html = drawn(told, errors=[an_error(asked=True)], everything=everything)

    assert [line.partition("  ")[0] for line in lines(html) if "202" not in line][:4] == [
        "SMS",
        "Sent",
        "Request POST /messages sent by parcel-gateway",
        "API error API 1300 Not found",
    ]
    assert "Received before it happened" in html


def test_long_and_right_to_left_names_and_hostile_words_are_text() -> None:
    told = [
        Told(HOSTILE, LONG, channel=LONG, error_message=HOSTILE, provider_code=HOSTILE),
        Told("sent", seconds=1, channel=HOSTILE),
    ]

    html = drawn(told, remarks=[a_remark(text=HOSTILE + LONG)])

    assert (HOSTILE in html, SHOWN in html, LONG in html) == (False, True, True)
    assert LONG not in html[html.index("<svg") : html.index("</desc>")]


def test_a_line_that_is_too_long_shows_its_beginning_and_its_end() -> None:
    told = [Told(state, seconds=number) for number, state in enumerate(["sent", "queued"] * 100)]

    folded, whole = lines(drawn(told)), lines(drawn(told, everything=True))

    assert "145 more Show all" in folded
    assert len(whole) > 200


def test_comments_say_how_they_begin() -> None:
    html = drawn([Told("sent")], remarks=[a_remark(text="x" * 100)])

    assert f"Comment by Ana “ {'x' * 80} …”" in lines(html)


def test_moments_are_read_in_the_zone_of_the_reader_and_utc_is_at_hand() -> None:
    html = drawn([Told("sent")])

    at = datetime(2026, 7, 20, 8, tzinfo=UTC)
    assert at == BEGAN
    assert '<time datetime="2026-07-20T08:00:00Z" title="2026-07-20 08:00:00 UTC">' in html
