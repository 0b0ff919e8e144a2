"""Odd characters are found, named, and nothing of the text is lost."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.revealing import DECEIVING, Kind, inline, kind_of, name, reveal, twin

ODD = "\x00\n\x1b\u0085\u00a0\u00ad\u200b\u200d\u202e\u2066\u3000\u3164\ufe0f\ufeff\ufffd\ud800\U000e0041"
TEXTS = st.text(st.sampled_from(ODD + "aPé€í` аΑＰ𝐏мн1") | st.characters(), max_size=80)


def told(text):
    """Return the marked pieces of a text, each as text and kind."""
    return [(piece.text, piece.kind) for piece in reveal(text) if piece.kind]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("plain text, 100% ~ {ok}", []),
        ("Ünïque Ä€", [("ï", Kind.NOT_GSM_7)]),
        ("tick `", [("`", Kind.NOT_GSM_7)]),
        ("a\r\nb", [("\r", Kind.CONTROL), ("\n", Kind.CONTROL)]),
        ("a\u2028b", [("\u2028", Kind.CONTROL)]),
        ("x\u200b\u200b\u200by\u200c", [("\u200b" * 3, Kind.ZERO_WIDTH), ("\u200c", Kind.ZERO_WIDTH)]),
        ("\u202eabc\u202c", [("\u202e", Kind.BIDI), ("\u202c", Kind.BIDI)]),
        ("a\u00a0b\u00ad\u3164", [("\u00a0", Kind.INVISIBLE), ("\u00ad", Kind.INVISIBLE), ("\u3164", Kind.INVISIBLE)]),
        ("lost \ufffd", [("\ufffd", Kind.BROKEN)]),
        ("half \ud83d", [("\ud83d", Kind.BROKEN)]),
        ("مرحبا بك", [("مرحبا", Kind.NOT_GSM_7), ("بك", Kind.NOT_GSM_7)]),
        ("١\u0600", [("١\u0600", Kind.NOT_GSM_7)]),
        ("👩\u200d👩", [("👩", Kind.NOT_GSM_7), ("\u200d", Kind.ZERO_WIDTH), ("👩", Kind.NOT_GSM_7)]),
    ],
)  # fmt: skip
def test_what_is_odd_is_marked_by_its_kind(text, pieces):
    assert told(text) == pieces


@pytest.mark.parametrize(
    ("word", "marked"),
    [
        ("P\u0430yP\u0430l", ["\u0430", "\u0430"]),
        ("NORTHWIND", []),
        ("\u039dORTHWIND", ["\u039d"]),
        ("\u0420\u0410\u0423", []),  # wholly Cyrillic: the limit that the module tells of
        ("Москвa", ["a"]),
        ("P\uff41yPal", ["\uff41"]),
        ("P\U0001d41eyPal", ["\U0001d41e"]),
        ("10k\u03a9", []),  # an omega passes for no Latin letter
        ("LINEで送る", []),
        ("naïve", []),
    ],
)
def test_a_letter_is_a_look_alike_only_in_a_word_of_another_script(word, marked):
    assert [piece.text for piece in reveal(word) if piece.kind is Kind.LOOK_ALIKE] == marked


@pytest.mark.parametrize(
    ("text", "code_point", "name", "short"),
    [
        ("\u200b", "U+200B", "ZERO WIDTH SPACE", "ZWSP"),
        ("\x1b", "U+001B", "ESCAPE", "ESC"),
        ("\x01", "U+0001", "CONTROL CHARACTER", "U+0001"),
        ("\ud800", "U+D800", "HALF OF A SURROGATE PAIR", "U+D800"),
        ("\ue000", "U+E000", "PRIVATE USE", "U+E000"),
        ("\U000e0041", "U+E0041", "TAG LATIN CAPITAL LETTER A", "U+E0041"),
        ("\U0001f600", "U+1F600", "GRINNING FACE", "U+1F600"),
    ],
)
def test_a_mark_names_its_character(text, code_point, name, short):
    (piece,) = reveal(text)

    assert (piece.code_point, piece.name, piece.short) == (code_point, name, short)


@given(TEXTS)
def test_pieces_put_together_are_the_text(text):
    pieces = list(reveal(text))

    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text and piece.name for piece in pieces)


@given(TEXTS)
def test_neighbours_of_one_kind_are_one_piece(text):
    pieces = list(reveal(text))

    joined = [
        (left, right)
        for left, right in pairwise(pieces)
        if left.kind == right.kind and (left.kind in (None, Kind.NOT_GSM_7) or left.text[0] == right.text[0])
    ]  # fmt: skip
    assert joined == []


@given(TEXTS)
def test_a_line_holds_nothing_that_hides_or_breaks_it(text):
    written = inline(text)

    assert [each for each in written if kind_of(each) in DECEIVING] == []
    assert len(written.splitlines()) <= 1


def test_a_hundred_thousand_zero_width_characters_are_one_piece():
    (piece,) = reveal("\u200b" * 100_000)

    assert (len(piece.text), inline(piece.text)) == (100_000, "[U+200B×100000]")


def test_every_format_character_of_unicode_is_marked():
    everything = map(chr, range(0x110000))
    hidden = {"Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Co"}

    plain = [
        each for each in everything if unicodedata.category(each) in hidden and not kind_of(each)
    ]

    assert plain == [" "]


def test_every_twin_is_a_letter_of_another_script():
    letters = [
        each for each in map(chr, range(0x370, 0x530)) if twin(each).isascii() and twin(each)
    ]

    assert len(letters) > 40
    assert [each for each in letters if name(each).startswith("LATIN")] == []
