"""The text of a file, whatever it is packed in, however it is written, and wherever it breaks."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.files.streams import Text, Unreadable
from support_portal.ingest.files.unpacking import PIECE
from tests.ingest.files.held import NDJSON, Held, read_all

WIDE = "\n".join(f'{{"name": "Zoë {number}"}}' for number in range(200))


@given(st.text(min_size=1, max_size=2000), st.integers(1, 700), st.data())
def test_a_packed_file_is_read_from_any_place_as_if_it_were_not_packed(words, piece, data):
    text = json.dumps(words, ensure_ascii=True).encode()
    position = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(1, len(text)))
    packed = gzip.compress(text[:cut]) + gzip.compress(text[cut:])

    assert read_all(packed, position, piece) == (text[position:], "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_characters_are_read_as_utf_8_from_any_place(encoding):
    text = WIDE.encode()
    file = WIDE.encode(encoding)
    if encoding == "utf-16-be":
        file = b"\xfe\xff" + file

    whole, problem = read_all(file)
    rest, _ = read_all(file, position=1000)

    assert (whole.removeprefix(b"\xef\xbb\xbf"), problem) == (text, "")
    assert rest == whole[1000:]


def test_half_a_wide_character_stays_visible():
    file = "{}\n".encode("utf-16") + b"\x00\xd8" + "\n{}".encode("utf-16-le")

    assert read_all(file)[0] == b"{}\n\\x00\\xd8\n{}"


def test_a_cut_packed_file_gives_what_came_before_and_says_so():
    text, problem = read_all(gzip.compress(NDJSON * 500, mtime=0)[:-9])

    assert text == NDJSON * 500
    assert problem == (
        f"The packed data end too early, after {len(text):,} bytes of text: the file was cut. "
        "What came before was taken."
    )


def test_a_damaged_packed_file_gives_what_came_before_and_says_so():
    packed = bytearray(gzip.compress(NDJSON))
    packed[-8] ^= 1  # the checksum

    text, problem = read_all(bytes(packed))

    assert NDJSON.startswith(text)
    assert problem.startswith("The packed data are damaged after ")


def test_what_follows_the_packed_data_is_said_not_to_be_read():
    text, problem = read_all(gzip.compress(NDJSON) + b"something else")

    assert text == NDJSON
    assert problem.startswith("After the packed data come bytes that are not gzip")


def test_zeros_after_the_packed_data_are_padding():
    assert read_all(gzip.compress(NDJSON) + b"\0" * 3000) == (NDJSON, "")


def test_a_bomb_stops_where_no_honest_file_goes():
    bomb = gzip.compress(b"{}\n" + b"0" * (100 * 2**20))
    text = Text(Held(bomb, 65536))
    made = sum(map(len, text.pieces(0)))

    assert text.problem.startswith("The packed data grow beyond all measure: ")
    assert made < 64 * 2**20 + 151 * len(bomb) + PIECE


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (gzip.compress(b"", mtime=0), "The file is packed, and there is nothing in it."),
        (b"\x1f\x8bnot really", "The file begins like gzip and is damaged from there on."),
        (gzip.compress(gzip.compress(NDJSON)), "The file is packed with gzip twice."),
        (b"PK\x03\x04rest", "The file is a ZIP archive or an Excel workbook."),
        (b"%PDF-1.7", "The file is a PDF."),
        (bytes(range(256)) * 8, "The file holds bytes that are no text."),
        (zlib.compress(NDJSON * 9), "The file is packed with zlib."),
        (b"\0" * 4000, "The file holds bytes that are no text."),
    ],
)
def test_what_is_no_text_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Unreadable) as refusal:
        Text(Held(data))

    assert str(refusal.value).startswith(sentence)
