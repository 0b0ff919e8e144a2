"""Times with any number of decimals and any spelling of the zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.times import parse_time

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 12, 31), timezones=st.just(UTC)
)


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-07-20T09:33:00Z", 0),
        ("2026-07-20T09:33:00.1Z", 100_000),
        ("2026-07-20T09:33:00.85Z", 850_000),
        ("2026-07-20T09:33:00.6030899Z", 603_089),
        ("2026-07-20T09:33:00.999999999Z", 999_999),
        ("2026-07-20T09:33:00", 0),
        ("2026-07-20 09:33:00.5+00:00", 500_000),
        ("2026-07-20T17:33:00.5+0800", 500_000),
        ("2026-07-20T17:33:00.5+08:00", 500_000),
    ],
)
def test_every_documented_spelling_is_the_same_moment(text, microsecond):
    moment = parse_time(text)

    assert moment == datetime(2026, 7, 20, 9, 33, 0, microsecond, tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-07-20",
        "2026-W30-1T09:33:00Z",
        "20260720T093300Z",
        "2026-07-20T09:33Z",
        "2026-07-20T09:33:00,5Z",
        "2026-07-20T09:33:00.Z",
        "2026-07-20T09:33:00.1234567890Z",
        "2026-07-20T24:00:00Z",
        "2026-07-20T09:33:60Z",
        "2026-02-30T09:33:00Z",
        "2026-07-20T09:33:00Z\n",
        "2026-07-20x09:33:00Z",
        "٢٠٢٦-07-20T09:33:00Z",
        "2026-07-20T09:33:00+24:00",
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "2000-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
    ],
)
def test_anything_else_is_no_time(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the contract
        parse_time(text)


@given(MOMENTS, st.text("0123456789", max_size=9))
def test_zero_to_nine_digits_are_cut_to_microseconds(moment, digits):
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + ("." + digits if digits else "") + "Z"

    assert parse_time(text) == moment.replace(microsecond=int(digits[:6].ljust(6, "0")))


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_any_zone_is_brought_to_utc(moment, minutes):
    moment = moment.replace(microsecond=0)
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert parse_time(local.isoformat()) == moment


@given(st.text())
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        moment = parse_time(text)
    except ValueError:
        return

    assert moment.tzinfo is UTC
