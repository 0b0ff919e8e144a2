"""The drawing over a list."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from support_portal.dashboard.histogram import HEIGHT, WIDTH, Bar, Layer, histogram
from support_portal.dashboard.windows import window

NOON = datetime(2026, 7, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAYERS = [Layer("a", "Ours", "1", 6), Layer("b", "8x8", "2", 2)]


def bars(*totals, parts=None):
    return [
        Bar(NOON + HOUR * place, NOON + HOUR * (place + 1), (parts or {}).get(place, {}), total)
        for place, total in enumerate(totals)
    ]


def drawn(some, chosen=(NOON - HOUR, NOON + HOUR * 99), now=NOON + HOUR * 99, **more):
    with timezone.override(UTC):
        return histogram(some, LAYERS, noun="error", chosen=chosen, now=now, **more)


def boxes(found):
    """Return the boxes of each colour: left, top, width, height."""
    return {
        shape.tint: [
            tuple(map(float, box))
            for box in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z", shape.path)
        ]
        for shape in found.shapes
    }


def test_a_bar_is_stacked_of_what_is_chosen_and_what_is_not():
    found = drawn(bars(4, 8, parts={1: {"a": 4, "b": 2}}), chosen=(NOON + HOUR, NOON + HOUR * 2))

    heights = {tint: [box[3] for box in some] for tint, some in boxes(found).items()}
    assert heights == {"1": [36.0], "2": [18.0], "out": [36.0, 18.0]}
    assert boxes(found)["out"][1][1] == 0
    assert (found.chosen.x, found.chosen.width) == (480, 480)


def test_nothing_leaves_the_drawing():
    found = drawn(bars(*range(96)), deaf=[(NOON - HOUR * 5, NOON + HOUR * 500)])

    for some in boxes(found).values():
        for x, y, width, height in some:
            assert x >= 0
            assert x + width <= WIDTH
            assert y >= 0
            assert y + height <= HEIGHT + 0.2
    assert found.silences[0].box.width == WIDTH


def test_a_short_silence_is_seen_and_named():
    found = drawn(bars(1, 1), deaf=[(NOON, NOON + timedelta(seconds=1))])

    assert found.silences[0].box.width == 2
    assert found.silences[0].title == "We did not listen 20 Jul, 12:00 to 12:00"


def test_a_range_without_records_is_drawn_empty():
    found = drawn(bars(0, 0))

    assert (found.shapes, found.rows, found.usual) == ((), (), "")
    assert found.words == "0 errors 20 Jul, 12:00 to 14:00, by 1 h"


def test_the_words_say_what_is_seen():
    found = drawn(
        bars(4, 1200, parts={1: {"a": 1000, "b": 200}}),
        chosen=(NOON + HOUR, NOON + HOUR * 2),
        deaf=[(NOON, NOON + HOUR)],
    )

    assert found.words == (
        "1,204 errors 20 Jul, 12:00 to 14:00, by 1 h; chosen is 20 Jul, 13:00 to 14:00; "
        "the most are 1,200 20 Jul, 13:00 to 14:00; we did not listen 20 Jul, 12:00 to 13:00"
    )
    assert [each.title for each in found.hovers] == [
        "20 Jul, 12:00 to 13:00: 4 errors",
        "20 Jul, 13:00 to 14:00: 1,200 errors (1,000 Ours, 200 8x8)",
    ]
    assert [(row.total, row.parts) for row in found.rows] == [(1200, (1000, 200)), (4, (0, 0))]


def test_the_usual_is_a_line_where_it_is_known_for_all():
    known = [
        Bar(NOON, NOON + HOUR, {}, 2, usual=4.0),
        Bar(NOON + HOUR, NOON + HOUR * 2, {}, 1, 2.0),
    ]

    assert drawn(known).usual == "240.0,0.0 720.0,36.0"
    assert drawn([known[0], *bars(0, 3)[1:]]).usual == ""


def test_the_usual_is_said_as_it_is_drawn():
    known = [
        Bar(NOON, NOON + HOUR, {}, 2, usual=4.4),
        Bar(NOON + HOUR, NOON + HOUR * 2, {}, 0, usual=1_000),
        Bar(NOON + HOUR * 2, NOON + HOUR * 3, {}, 0, usual=0.2),
    ]

    found = drawn(known)

    assert found.words.endswith("12:00 to 13:00; usually there are about 1,005")
    # Where nothing came although it usually does is the row that matters the most.
    assert [(row.total, row.usual) for row in found.rows] == [(0, 1_000), (2, 4)]
    assert "usually" not in drawn([known[0], *bars(0, 3)[1:]]).words


def test_of_what_is_to_come_nothing_is_missed():
    known = [replace(bar, usual=8) for bar in bars(2, 0, 3, 0)]

    found = drawn(known, now=NOON + HOUR * 2)

    assert found.words.endswith("14:00 to 15:00; usually there are about 16")
    # What has come already, dated ahead, is not hidden.
    assert [(row.begin - NOON, row.total) for row in found.rows] == [
        (HOUR * 2, 3), (HOUR, 0), (HOUR * 0, 2),
    ]  # fmt: skip
    assert "usually" not in drawn(known, now=NOON).words


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(hours=24), ["12:00", "16:00", "20:00", "21 Jul", "04:00", "08:00", "12:00"]),
        (timedelta(days=7), ["21 Jul", "22 Jul", "23 Jul", "24 Jul", "25 Jul", "26 Jul", "27 Jul"]),
        (timedelta(hours=1), ["12:00", "12:10", "12:20", "12:30", "12:40", "12:50", "13:00"]),
    ],
)
def test_ticks_are_round_times_of_the_readers_zone(length, labels):
    found = drawn([Bar(NOON, NOON + length, {}, 1)])

    first, *rest = [tick.label for tick in found.ticks]
    assert [first.removeprefix("20 Jul, "), *rest] == labels
    assert all(0 <= tick.percent <= 100 for tick in found.ticks)


@pytest.mark.parametrize("span", [HOUR, *(timedelta(days=days) for days in (1, 7, 30, 90))])
def test_a_span_is_drawn_alone_and_fills_the_drawing(monkeypatch, span):
    monkeypatch.setattr(timezone, "now", lambda: NOON)

    around = window(NOON - span, NOON, NOON)

    assert (around.begin, around.end) == (NOON - span, NOON) or around.cuts(NOON - span)
    assert 10 <= around.bars <= 97


def test_a_range_stands_in_the_next_wider_span_but_not_in_the_future(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)

    around = window(NOON - HOUR * 3, NOON - HOUR, NOON)

    assert around.end == NOON
    assert around.begin == NOON - timedelta(days=1)


def test_an_hour_long_ago_is_drawn_in_its_day_for_minutes_are_forgotten(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    old = NOON - timedelta(days=30)

    around = window(old, old + HOUR, NOON)

    assert (around.wide, around.bars) == (60, 25)


def test_an_absurd_range_has_a_bounded_number_of_bars(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)

    around = window(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, tzinfo=UTC), NOON)

    assert around.bars <= 98
