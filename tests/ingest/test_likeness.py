"""What makes items alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.likeness import LONGEST, group_key, likeness


@pytest.mark.parametrize(
    ("raw", "detail", "words"),
    [
        (b'{"b": 1, "a": {"c": 2}}', "x", "JSON a b"),
        (b'{"namespace": "SMS", "eventType": "new_thing", "z": 1}', "x",
         "JSON SMS: new_thing: eventType namespace z"),
        (b'{"eventType": null}', "x", "JSON eventType"),
        (b'{"eventType": {"a": 1}}', "x", "JSON …: eventType"),
        (b'{"+12025550123": 1, "u12025550123": 2, "ok": 3}', "x", "JSON … ok"),
        ('{"ключ": 1}'.encode(), "x", "JSON …"),
        (b"{}", "x", "JSON"),
        (b'<?xml version="1.0"?>\n<deliveryReceipt><a/>', "x", "XML deliveryReceipt"),
        (b"nonsense", "It stops near byte 17.", "It stops near byte …."),
        (b"nonsense", 'An event with "abc 1" and \'x\'.', "An event with … and …."),
        (b"[1, 2]", "no object", "no object"),
        (b"", "The payload is empty.", "The payload is empty."),
    ],
)  # fmt: skip
def test_items_are_alike_by_what_they_are_and_not_by_what_is_in_them(raw, detail, words):
    assert likeness(raw, detail) == words


def test_many_fields_are_cut():
    raw = b"{" + b",".join(b'"key_%s": 1' % (b"x" * n) for n in range(1, 36)) + b"}"

    assert len(likeness(raw, "x")) == LONGEST


@given(raw=st.binary(max_size=300), detail=st.text(max_size=300))
def test_anything_has_a_likeness_that_fits_its_column_and_makes_a_key(raw, detail):
    words = likeness(raw, detail)

    assert len(words) <= LONGEST
    assert group_key("r", "api", "s", words) == group_key("r", "api", "s", words)


def test_parts_of_a_key_do_not_run_into_each_other():
    assert group_key("a", "b", "c", "d") != group_key("a", "bc", "", "d")
