"""A body is cut into its payloads, whatever else it holds."""

import tracemalloc
from datetime import UTC, datetime

import pytest

from support_portal.payloads import Item, split

A = b'{"code":1300,"errorId":"1cc1eda1-f5dd-ea11-8288-0263195dd35a","timestamp":"2020-12-22T05:52:01Z"}'
B = A.replace(b"1300", b"1404")


def raws(body):
    items = split(body)
    assert [item.position for item in items] == list(range(len(items)))
    return [item.raw for item in items]


@pytest.mark.parametrize("body", [A, b" \n" + A + b"\r\n", b"\xef\xbb\xbf" + A])
def test_one_object_is_one_payload(body):
    assert split(body) == [Item(0, A)]


@pytest.mark.parametrize("body", [b"[%s,%s]" % (A, B), b"[\n  %s,\n  %s\n]\n" % (A, B)])
def test_an_array_is_its_elements(body):
    assert raws(body) == [A, B]


@pytest.mark.parametrize(
    "body",
    [A + b"\n" + B, A + b"\r\n" + B + b"\r\n", b"\xef\xbb\xbf" + A + b"\n\n \n" + B + b"\n"],
)
def test_lines_of_objects_are_payloads(body):
    assert raws(body) == [A, B]


def test_lines_end_at_newlines_only():
    odd = A.replace(b'{"', '{"note":"a\u2028b\u0085c\x0bd","'.encode(), 1)

    assert raws(odd + b"\n" + B) == [odd, B]


@pytest.mark.parametrize("bad", [b"oops", b'{"code":', b"\xff\xff", b"[1]", b"\x00"])
def test_one_bad_line_stays_alone(bad):
    assert raws(A + b"\n" + bad + b"\n" + B) == [A, bad, B]


def test_the_first_line_may_be_the_bad_one():
    assert raws(b"2026-07-20 export\n" + A) == [b"2026-07-20 export", A]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"words\nand more words",
        b"[INFO] started, then stopped",
        b"[1,2",
        b"<root>\n</root>",
        b'{\n  "code": 1300,\n  "errorId": \n}',
        b'{\n  "cards": [\n    {"index": 0},\n    {"index": 1}\n  ],\n  "code": oops\n}',
    ],
)
def test_a_body_that_cannot_be_read_is_one_payload(body):
    assert raws(body) == [body.strip() or body]


def test_an_empty_array_holds_nothing():
    assert split(b"[]") == []


@pytest.mark.parametrize(
    "bad",
    [
        b"oops",
        b'{"b":[}',
        b'{"a":1]',
        b'{"text":"a, b ]} [{"}x',
        b'{"text":"\\""',
        b'{"code":1',
        b'{"text":"never closed}',
        b"\xff",
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_the_neighbours_of_a_bad_element_survive(bad):
    found = raws(b"[%s,%s,%s]" % (A, bad, B))

    assert (found[0], found[1], found[-1]) == (A, bad, B)
    assert len(found) == 3


def test_an_array_cut_short_keeps_its_whole_elements():
    assert raws(b"[%s,%s,%s" % (A, B, A[:20])) == [A, B, A[:20]]


def test_an_element_with_half_a_character_stays_beside_its_neighbours():
    odd = A.replace(b'{"', rb'{"note":"\ud800","', 1)

    assert raws(b"[%s,%s]" % (odd, B)) == [odd, B]


@pytest.mark.parametrize("form", [b"%s", b"[%s]", b"%s\n"])
def test_an_envelope_of_the_archive_is_opened(form):
    envelope = b'{"receivedAt":"2026-07-20T09:48:00.5Z","delivery":%s}' % A

    assert split(form % envelope) == [
        Item(0, A, datetime(2026, 7, 20, 9, 48, 0, 500_000, tzinfo=UTC))
    ]


def test_an_envelope_without_a_readable_time_still_gives_its_payload():
    assert split(b'{"receivedAt":"lately","delivery":%s}' % A) == [Item(0, A)]


@pytest.mark.parametrize("inner", [b'"text"', b"[1]", b"null"])
def test_what_only_looks_like_an_envelope_is_left_alone(inner):
    body = b'{"receivedAt":"2026-07-20T09:48:00Z","delivery":%s}' % inner

    assert split(body) == [Item(0, body)]


@pytest.mark.parametrize("body", [b"[" + b"1," * 100_000 + A + b"]", b"{}\n" * 100_000 + A])
def test_crumbs_stay_together_so_that_they_cannot_flood(body):
    found = raws(body)

    assert len(found) == 1002
    assert found[-1] == A


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b",".join([A] * 10_000) + b"]",
        b"\n".join([A] * 10_000),
        b"[" + b"1," * 500_000 + b"1]",
        b"\n" * 1_000_000 + A,
        b"{\n" * 500_000,
        b"[" * 1_000_000,
        b'"' * 1_000_000,
    ],
    ids=["array", "lines", "numbers", "newlines", "open", "deep", "quotes"],
)
def test_splitting_takes_no_more_than_three_times_the_body(body):
    tracemalloc.start()

    split(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak <= 3 * len(body)
