"""What of a message is its wording, and what only varies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.wording import LONGEST, form, likeness

WORDS = st.text(st.characters(exclude_characters="{}"), max_size=12)
ODD = st.sampled_from(["'", '"', "“", "”", "`", "«", "‘", "’", "_", "1", " ", "-", ".", "@", "://", "http://x", "{id}", "a", "\u00ad", "\ud800", "+", "\n"])  # fmt: skip
MESSAGES = st.one_of(st.text(max_size=100), st.lists(ODD, max_size=60).map("".join))


@pytest.mark.parametrize(
    ("message", "wording"),
    [
        ("Object wasn't found or can't be read", "Object wasn't found or can't be read"),
        ("letters are not allowed in 'destination'", "letters are not allowed in {quoted}"),
        ("Batch 46d27247-ecda-4bdd-8b17-b50b0013cb0c not found", "Batch {id} not found"),
        ("try again in 1 second(s).", "try again in {number} second(s)."),
        ("+1 202 555 0101 is not 1,000.50", "{number} is not {number}"),
        ("at 2026-07-20 and northwind_ph_hq", "at {number} and {id}"),
        ("see https://x.example/1?a=2 or a@b.example", "see {address} or {address}"),
        ("a\n\n b\u200b\tc\x00", "a b c"),
        ("''a' b'", "{quoted}"),
        ("", ""),
    ],
)
def test_what_varies_becomes_a_placeholder(message: str, wording: str) -> None:
    assert form(message) == wording


def test_case_spaces_and_full_stops_make_no_other_wording() -> None:
    assert likeness("Template 'a' not  found.") == likeness("TEMPLATE 'b_1' NOT FOUND")


@given(MESSAGES)
def test_a_wording_is_its_own_wording(message: str) -> None:
    once = form(message)

    assert form(once) == once
    assert likeness(once) == likeness(message)


@given(MESSAGES)
def test_a_wording_is_short_and_can_be_kept(message: str) -> None:
    wording = form(message)

    assert len(wording) <= LONGEST
    assert "\x00" not in wording
    wording.encode()


@given(st.integers(0, 10**12), st.uuids(), WORDS)
def test_numbers_ids_and_quotations_never_tell_wordings_apart(
    number: int, key: object, word: str
) -> None:
    word = word.replace('"', "")

    told = form(f'Item {number} of {key} named "{word}" is odd')

    assert told == "Item {number} of {id} named {quoted} is odd"
    assert not any(char.isdigit() for char in told)
