"""Files are cut into bodies that hold whole records, and every byte of them is in some body."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.files import cutting
from support_portal.ingest.files.cutting import BODY_SIZE, LONGEST, Window, cut
from support_portal.payloads import split
from tests.ingest.files.held import NDJSON, bodies_of
from tests.ingest.sent import encoded, error

ROW = b'%d,1,"two\nlines ""quoted""",sent,,,+1,x\r\n'
DOCUMENT = b'<?xml version="1.0"?>\n<root><payload>%d</payload></root>\n'


def items(found):
    return [item.raw for body in found for item in split(body.data)]


def test_lines_stay_whole():
    line = NDJSON.partition(b"\n")[0] + b"\n"
    text = line * (3 * BODY_SIZE // len(line))

    found = bodies_of(text)

    assert b"".join(body.data for body in found) == text
    assert {body.data[:1] + body.data[-2:] for body in found} == {b"{}\n"}
    assert max(len(body.data) for body in found) < BODY_SIZE + 2000
    assert found[-1].end == len(text)


def test_a_line_without_end_is_cut_and_what_follows_is_not():
    text = NDJSON + b"\n" + b"x" * (2 * LONGEST + 5) + b"\n" + NDJSON

    found = bodies_of(text)

    assert b"".join(body.data for body in found) == text
    assert max(len(body.data) for body in found) <= LONGEST + BODY_SIZE
    assert found[-1].data.endswith(NDJSON)


@pytest.mark.parametrize("written", ["array", "pretty", "one a document", "joined", "broken"])
def test_json_values_are_taken_one_by_one(written):
    values = [error(number, message='a "quoted" [text], {odd}\\') for number in range(4000)]
    texts = {
        "array": encoded(values),
        "pretty": json.dumps(values, indent=2).encode(),
        "one a document": b"\n".join(json.dumps(each, indent=2).encode() for each in values),
        "joined": b"\n".join(map(encoded, values)).replace(b"{", b"{\n", 1),
        "broken": json.dumps(values, indent=2).encode()[:-4],
    }

    found = items(bodies_of(texts[written]))

    assert [json.loads(raw) for raw in found[:-1]] == values[:-1]
    assert found[-1].startswith(b'{"code"' if written == "array" else b"{")


def test_json_goes_on_inside_an_array_where_it_was():
    values = [error(number) for number in range(20_000)]
    text = json.dumps(values).encode()
    found = bodies_of(text)

    again = bodies_of(text, position=found[0].end, shape=found[0].shape)

    assert found[0].shape == "array"
    assert items(again) == items(found[1:])


def test_a_json_value_without_end_is_read_as_lines_and_nothing_is_lost():
    text = b'[{"a": [\n' + b'{"b": 1}, \n' * (LONGEST // 10)

    found = bodies_of(text)

    assert b"".join(body.data for body in found) == text.removeprefix(b"[")
    assert found[-1].shape == "lines"


def test_xml_documents_stay_whole():
    text = b"".join(DOCUMENT % number for number in range(50_000))

    found = bodies_of(text, "receipts.xml")

    assert b"".join(body.data for body in found) == text
    assert {body.data.strip()[-7:] for body in found} == {b"</root>"}
    assert len(found) == 1 + len(text) // (BODY_SIZE + 2000)


def test_rows_stay_whole_under_their_header():
    header = b"umid,direction,text,status_value,status_timestamp,createdat,msisdn,source\r\n"
    rows = b"".join(ROW % number for number in range(60_000))

    found = bodies_of(header + rows, "log.csv")

    kept = b"umid,direction,text,status_value,status_timestamp,createdat,msisdn,source\n"
    assert {body.data.startswith(kept) for body in found} == {True}
    assert b"".join(body.data.removeprefix(kept) for body in found) == rows
    assert {body.data.count(b'"') % 2 for body in found} == {0}


def test_a_quote_that_nothing_closes_costs_one_row():
    header = b"umid,direction,status_value,status_timestamp,createdat,msisdn,source\n"
    row = b"1,2,3,4,5,6,7\n"
    stray = b'1,2,5" pipe,4,5,6,7\n'
    text = header + row * 10 + stray + row * (3 * BODY_SIZE // len(row))

    found = bodies_of(text, "log.csv")

    assert [body.data.removeprefix(header) for body in found if b'"' in body.data] == [stray]
    assert b"".join(body.data.removeprefix(header) for body in found) == text.removeprefix(header)


@given(
    st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b'"', b",", b"\\", b"\n", b"1", b" a"])),
    st.integers(1, 9),
)
def test_no_text_breaks_the_cutting_and_no_mark_but_commas_and_brackets_is_lost(marks, piece):
    text = b"".join(marks)
    pieces = (text[start : start + piece] for start in range(0, len(text), piece))

    found = list(cut(Window(pieces, 0), cutting.Shape.VALUES))

    kept = b"".join(body.data for body in found)
    assert sum(kept.count(mark) for mark in b'"1a') == sum(text.count(mark) for mark in b'"1a')
    assert not found or found[-1].end == len(text)
