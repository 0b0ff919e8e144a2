"""Tables: what their columns mean, and rows that say so by themselves."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.files.columns import (
    MEANINGS,
    Doubtful,
    Incomplete,
    Table,
    checked,
    guess,
    guess_order,
    recognise,
    samples,
    try_out,
)
from support_portal.payloads import ApiError, Receipt, parse, split

UMID = "9f4b5bb0-a414-4aed-8e6d-b48d0087b208"
ERROR_ID = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
REPORT = (
    "Message ID;Status;Updated at;To;Operator note\r\n"
    f'{UMID};undelivered;2026-07-20T08:14:09.77Z;+12025550147;"a; ""b"""\r\n'
).encode()
FAULTS = (
    "when,error id,code,message,http status\n"
    f"2026-07-20T08:14:09Z,{ERROR_ID},1300,Object wasn't found,404\n"
).encode()


def the_table(text: bytes) -> Table:
    found = recognise(text, named_csv=True)
    assert found is not None
    return found


def mapped(text: bytes) -> Table:
    table = the_table(text)
    return checked(table, guess(table, samples(text, table)))


def test_the_columns_of_a_report_are_guessed_by_name_and_by_value():
    table = the_table(REPORT)

    assert table.delimiter == ";"
    assert guess(table, samples(REPORT, table)) == [
        "umid",
        "status_value",
        "status_timestamp",
        "msisdn",
        "",
    ]
    assert guess(the_table(FAULTS), samples(FAULTS, the_table(FAULTS))) == [
        "status_timestamp",
        "errorId",
        "code",
        "message",
        "httpStatus",
    ]


def test_rows_of_a_mapped_table_are_kept_as_receipts_that_can_be_read_by_themselves():
    table = mapped(REPORT)

    kept = table.body(REPORT[table.header_size :])

    [item] = split(kept)
    [record] = parse(item.raw)
    assert json.loads(item.raw)["row"] == {"Operator note": 'a; "b"'}
    assert isinstance(record, Receipt)
    assert (str(record.umid), record.state, record.destination) == (
        UMID,
        "undelivered",
        "+12025550147",
    )


def test_rows_with_an_error_id_are_kept_as_api_errors():
    table = mapped(FAULTS)

    [item] = split(table.body(FAULTS[table.header_size :]))

    [record] = parse(item.raw)
    assert isinstance(record, ApiError)
    assert (str(record.error_id), record.code, record.http_status) == (ERROR_ID, 1300, 404)


@pytest.mark.parametrize(
    ("meanings", "sentence"),
    [
        (["umid", "umid", "", "", ""], "Only one column can be each of these: umid."),
        (["umid", "", "", "", ""], "A receipt needs these columns, too: state, time of the state."),
        (["errorId", "", "", "", ""], "An API error needs these columns, too: API error code"),
        (["umid"], "Say for each column what it is."),
        (["nonsense", "", "", "", ""], "Say for each column what it is."),
    ],
)
def test_what_makes_no_record_is_said(meanings, sentence):
    with pytest.raises(Incomplete, match=sentence):
        checked(the_table(REPORT), meanings)


@pytest.mark.parametrize(
    "text",
    [
        b"id:2cce404a sub:001, dlvrd:000 stat:UNDELIV err:46 Text:\n" * 3,
        b"2026-07-20 08:14:09,123 ERROR one, two\n2026-07-20 08:14:10,5 ERROR\n",
        b"a sentence\nand another one, with a comma\n",
        b"one,two\n",
    ],
)
def test_lines_of_text_are_no_table(text):
    assert recognise(text, named_csv=False) is None


def test_a_table_without_a_header_has_numbered_columns():
    table = the_table(f"{UMID},sent,2026-07-20T08:14:09Z\n".encode() * 2)

    assert table.names == ("Column 1", "Column 2", "Column 3")
    assert table.header_size == 0


CELL = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="\0\r\n\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"
    ),
    max_size=20,
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=7), max_size=6), st.data())
def test_every_cell_of_any_row_is_kept_somewhere(rows, data):
    width = data.draw(st.integers(2, 6))
    names = tuple(f"c{number}" for number in range(width))
    free = data.draw(st.permutations([name for name in MEANINGS if name != "errorId"]))
    meanings = [data.draw(st.sampled_from(["", name])) for name in free[:width]]
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    table = Table(",", names, 0, tuple(meanings))

    kept = [json.loads(line) for line in table.body(written.getvalue().encode()).splitlines()]

    sent = [[cell.strip() for cell in row if cell.strip()] for row in rows if row]
    assert len(kept) == len(sent)
    for record, cells in zip(kept, sent, strict=True):
        assert set(cells) - {value.strip() for value in values_of(record)} == set()


def values_of(record):
    for value in record.values():
        yield from values_of(value) if isinstance(value, dict) else [value]


LOCAL = (
    f"Id,Status,When\n{UMID},sent,03/04/2026 5:07 PM\n{UMID},delivered,03/28/2026 5:07 PM\n"
).encode()


def test_times_of_a_spreadsheet_are_kept_as_8x8_would_have_sent_them():
    table = the_table(LOCAL)
    rows = samples(LOCAL, table)
    told = checked(table, guess(table, rows), guess_order(table, rows))

    kept = split(told.body(LOCAL[table.header_size :]))

    receipts = [record for item in kept for record in parse(item.raw)]
    assert [receipt.occurred_at.isoformat() for receipt in receipts] == [
        "2026-03-04T17:07:00+00:00",
        "2026-03-28T17:07:00+00:00",
    ]
    assert Table.read(told.kept()) == told


def test_a_table_that_was_kept_before_dates_had_an_order_is_still_read():
    kept = mapped(REPORT).kept()
    del kept["order"]

    assert Table.read(kept) == mapped(REPORT)


def test_an_answer_is_doubted_only_when_no_row_is_understood():
    table = the_table(LOCAL)
    rows = samples(LOCAL, table)
    wrong = checked(table, guess(table, rows), "day")
    halfway = [rows[0], [UMID, "sent", "never"]]

    try_out(wrong, rows)  # the third of April is a date, too
    try_out(checked(table, guess(table, rows)), [])
    try_out(checked(table, guess(table, rows), "month"), halfway)
    with pytest.raises(Doubtful, match="None of the first 2 rows would be understood"):
        try_out(checked(table, guess(table, rows)), rows)
