"""A text is cut into SMS segments as telephones do it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.segments import (
    DEFAULT_ALPHABET,
    EXTENSION,
    Alphabet,
    Place,
    cut,
    in_gsm_7,
)

EMOJI = "\U0001f600"
GSM_TEXTS = st.text(st.sampled_from(DEFAULT_ALPHABET + EXTENSION * 8), max_size=700)
ANY_TEXTS = st.text(st.sampled_from("aé€í\u200b" + EMOJI * 3), max_size=400)


def slow_reference(text):
    """Write the text out, unit by unit, and fill segments without parting what belongs together."""
    septets = [["\x1b", one] if one in EXTENSION else [one] for one in text]
    if all(one in DEFAULT_ALPHABET + EXTENSION for one in text):
        written, alone, joined = septets, 160, 153
    else:
        halves = [one.encode("utf-16-be", "surrogatepass") for one in text]
        written, alone, joined = (
            [[h[i : i + 2] for i in range(0, len(h), 2)] for h in halves],
            70,
            67,
        )
    flat = [unit for units in written for unit in units]
    if len(flat) <= alone:
        return [flat] if flat else []
    segments = []
    while written:
        segment = []
        while written and len(segment) + len(written[0]) <= joined:
            segment.extend(written.pop(0))
        segments.append(segment)
    return segments


def test_the_default_alphabet_has_127_characters_beside_the_escape():
    assert (len(DEFAULT_ALPHABET), len(set(DEFAULT_ALPHABET)), len(set(EXTENSION))) == (
        127,
        127,
        10,
    )


@pytest.mark.parametrize(
    ("text", "alphabet", "sizes"),
    [
        ("", Alphabet.GSM_7, ()),
        ("x" * 160, Alphabet.GSM_7, (160,)),
        ("x" * 161, Alphabet.GSM_7, (153, 8)),
        ("x" * 158 + "€", Alphabet.GSM_7, (160,)),
        ("x" * 159 + "€", Alphabet.GSM_7, (153, 8)),
        ("x" * 152 + "€" + "x" * 20, Alphabet.GSM_7, (152, 22)),
        ("й" * 70, Alphabet.UCS_2, (70,)),
        ("й" * 71, Alphabet.UCS_2, (67, 4)),
        (EMOJI * 35, Alphabet.UCS_2, (70,)),
        (EMOJI * 36, Alphabet.UCS_2, (66, 6)),
        ("x" * 100 + "\u200b", Alphabet.UCS_2, (67, 34)),
        ("\ud83d", Alphabet.UCS_2, (1,)),
    ],
)
def test_a_text_is_cut_by_its_alphabet(text, alphabet, sizes):
    found = cut(text)

    assert (found.alphabet, found.sizes, found.units) == (alphabet, sizes, sum(sizes))


def test_each_character_that_forces_ucs_2_is_told_once_with_its_first_place():
    assert cut("aí\u200bí`").forcing == (
        Place("í", 2, 2),
        Place("\u200b", 3, 1),
        Place("`", 5, 1),
    )


@given(GSM_TEXTS | ANY_TEXTS | st.text(st.characters(), max_size=300))
def test_segments_are_those_of_a_slow_reference(text):
    assert cut(text).sizes == tuple(len(segment) for segment in slow_reference(text))


@given(st.text(st.characters(), max_size=300))
def test_ucs_2_is_used_only_for_what_gsm_7_does_not_have(text):
    found = cut(text)

    assert (found.alphabet is Alphabet.UCS_2) == bool(found.forcing)
    assert [each for each in found.forcing if in_gsm_7(each.character)] == []
    without = text.translate({ord(each.character): None for each in found.forcing})
    assert cut(without).alphabet is Alphabet.GSM_7
