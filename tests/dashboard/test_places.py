"""Where in an item the trouble is, and showing it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.dashboard import foreign
from support_portal.dashboard.foreign import Excerpt
from support_portal.dashboard.places import Place, place_of

TIME = b'{"status": {"timestamp" : "gestern", "b": 1}}'


@pytest.mark.parametrize(
    ("raw", "reason", "detail", "place"),
    [
        (b'{"a": 1,}', "not_json", "", Place(8, 9, "byte 8: Expecting property name enclosed in double quotes")),
        ("{\"ж\": x".encode(), "not_json", "", Place(7, 8, "byte 7: Expecting value")),
        (b"\xef\xbb\xbf{x", "not_json", "", Place(4, 5, "byte 4: Expecting property name enclosed in double quotes")),
        (b"ab\xff", "not_text", "", Place(2, 3, "byte 2: no UTF-8 text")),
        (TIME, "bad_time", "status.timestamp cannot be read: x.",
         Place(26, 35, "the field status.timestamp, at byte 26")),
        (b'{"code":[1,2]}', "bad_code", "code is missing or is not a number.",
         Place(8, 10, "the field code, at byte 8")),
        (b"a\nbcd\nef", "bad_xml", "It ends at line 2, column 1.", Place(3, 4, "line 2, column 1")),
        (b"abc", "xml", "near byte 1", Place(1, 2, "byte 1")),
        (b"abc", "xml", "near byte 99", None),
        (b"abc", "xml", "line 9, column 1", None),
        (b"{}", "no_umid", "The payload has no umid.", None),
        (b"{}", "bad_code", "code is missing.", None),
        (b"[" * 100_000, "not_json", "", None),
        (b"", "not_json", "", Place(0, 1, "byte 0: Expecting value")),
    ],
)  # fmt: skip
def test_the_place_is_found_where_the_refusal_points_to_one(raw, reason, detail, place):
    assert place_of(raw, reason, detail) == place


def test_the_place_is_marked_in_what_is_shown():
    assert foreign.excerpt(TIME, 26, 35) == Excerpt(
        '{"status": {"timestamp" : ', '"gestern"', ', "b": 1}}'
    )


def test_a_place_far_into_a_body_is_shown_with_what_stands_around_it():
    body = b"a" * 10_000 + b"!" + b"b" * 10_000

    shown = foreign.excerpt(body, 10_000, 10_001, limit=100)

    assert shown == Excerpt("a" * 50, "!", "b" * 49, cut_before=True, cut_after=True)


@pytest.mark.parametrize("before", range(1990, 2070))
def test_no_cut_shows_more_of_a_number(before):
    body = b"x" * 3000 + b"+12025550123" + b"y" * before + b"!" + b"+12025550123" + b"z" * 9000
    place = body.index(b"!")

    shown = foreign.excerpt(body, place, place + 1)

    assert "0255" not in shown.before + shown.marked + shown.after
    assert shown.after.startswith("+•••••••0123")


@given(body=st.binary(max_size=200), start=st.integers(0, 200), length=st.integers(0, 20))
def test_any_bytes_are_shown_in_any_window(body, start, length):
    shown = foreign.excerpt(body, start, start + length, limit=20)

    assert isinstance(shown.before + shown.marked + shown.after, str)


def test_a_character_that_the_window_would_cut_stays_whole():
    body = "ж".encode() * 200

    assert foreign.excerpt(body, 300, 302, limit=20).before == "ж" * 5
