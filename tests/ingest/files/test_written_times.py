"""Times as spreadsheets write them."""

import pytest

from support_portal.ingest.files.written_times import (
    DAY_FIRST,
    ISO,
    MONTH_FIRST,
    in_iso,
    is_written,
    order_of,
)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("28/11/2026 05:00", DAY_FIRST, "2026-11-28T05:00:00Z"),
        ("03.04.2026 5:07:09.25", DAY_FIRST, "2026-04-03T05:07:09.25Z"),
        ("03/04/2026 08:14", MONTH_FIRST, "2026-03-04T08:14:00Z"),
        ("11/28/2026, 5:00 PM", MONTH_FIRST, "2026-11-28T17:00:00Z"),
        ("11/28/2026 12:30 am", MONTH_FIRST, "2026-11-28T00:30:00Z"),
        ("28-11-2026 05:00 +08:00", DAY_FIRST, "2026-11-28T05:00:00+08:00"),
        ("2026-11-28 05:00", ISO, "2026-11-28T05:00:00Z"),
        ("2026-11-28T05:00:00.1234567+0800", DAY_FIRST, "2026-11-28T05:00:00.1234567+0800"),
        ("2026-11-28 05:00:00 UTC", ISO, "2026-11-28T05:00:00Z"),
        ("28/11/2026 05:00", ISO, "28/11/2026 05:00"),
        ("28/11.2026 05:00", DAY_FIRST, "28/11.2026 05:00"),
        ("28/11/26 05:00", DAY_FIRST, "28/11/26 05:00"),
        ("28/11/2026 13:00 PM", DAY_FIRST, "28/11/2026 13:00 PM"),
        ("yesterday", DAY_FIRST, "yesterday"),
        ("", DAY_FIRST, ""),
    ],
)
def test_a_time_becomes_iso_8601_or_stays_as_it_is(text: str, order: str, expected: str):
    assert in_iso(text, order) == expected


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2026 05:00", "28/11/2026 05:00"], DAY_FIRST),
        (["03/04/2026 05:00", "11/28/2026 05:00"], MONTH_FIRST),
        (["03/04/2026 05:00", "04/03/2026 05:00"], ISO),
        (["2026-11-28T05:00:00Z", "28"], ISO),
        (["28/11/2026 05:00", "11/28/2026 05:00", "03/04/2026 05:00"], ISO),
    ],
)
def test_only_a_number_too_large_for_a_month_tells_what_comes_first(texts: list[str], order: str):
    assert order_of(texts) == order


def test_what_looks_like_a_time_is_one():
    assert is_written("28/11/2026 05:00")
    assert is_written("2026-11-28 05:00")
    assert not is_written("+12025550147")
    assert not is_written("2026-11-28")
