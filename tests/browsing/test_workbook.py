"""Workbooks: written piece by piece, and read by a program that is not ours."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.browsing.exports import workbook
from support_portal.browsing.exports.tables import Column, Form, Table
from support_portal.browsing.exports.workbook import BookWriter
from support_portal.events.models import ErrorEvent
from support_portal.insights.models import Kind

TABLE = Table(
    kind=Kind.ERROR,
    model=ErrorEvent,
    order=("occurred_at", "error_id"),
    code=("code",),
    columns=(
        Column("error_id", Form.ID, "id", ""),
        Column("occurred_at", Form.TIME, "at (UTC)", ""),
        Column("code", Form.NUMBER, "code", ""),
        Column("decoded", Form.DECODED, "", "decoded"),
        Column("message", Form.TEXT, "message", ""),
    ),
)
HEAD = ("id", "at (UTC)", "code", "message")


def columns(*rows: tuple[Any, ...]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def row(number: int, message: str = "Not found") -> tuple[Any, ...]:
    return (f"id-{number}", "2026-11-20 12:00:00.250000", number, "null", message)


def written(*batches: list[tuple[Any, ...]]) -> bytes:
    """Write each batch by a writer of its own, as if every one before it had died."""
    writer = BookWriter(TABLE, "Errors")
    pieces = [writer.head()]
    for batch in batches:
        writer = BookWriter(TABLE, "Errors", json.loads(json.dumps(writer.book.kept())))
        pieces.append(writer.rows(columns(*batch)))
    writer = BookWriter(TABLE, "Errors", json.loads(json.dumps(writer.book.kept())))
    return b"".join([*pieces, writer.end()])


def sheets(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: list(sheet.values) for sheet in book}


def test_a_workbook_of_many_pieces_is_read_by_others() -> None:
    found = sheets(written([row(1), row(2)], [row(3)], [(("id-4"), "", None, "null", "")]))

    at = datetime(2026, 11, 20, 12, 0, 0, 250_000)
    assert found == {
        "Errors": [
            HEAD,
            ("id-1", at, 1, "Not found"),
            ("id-2", at, 2, "Not found"),
            ("id-3", at, 3, "Not found"),
            ("id-4", None, None, None),
        ]
    }


def test_a_workbook_without_rows_has_its_head() -> None:
    assert sheets(written()) == {"Errors": [HEAD]}


@pytest.mark.parametrize("at_once", [1, 3, 7])
def test_a_full_sheet_is_followed_by_another(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 4)
    rows = [row(number) for number in range(7)]
    batches = [rows[start : start + at_once] for start in range(0, 7, at_once)]

    found = sheets(written(*batches))

    assert [[line[2] for line in lines[1:]] for lines in found.values()] == [
        [0, 1, 2],
        [3, 4, 5],
        [6],
    ]
    assert list(found) == ["Errors", "Errors 2", "Errors 3"]
    assert {lines[0] for lines in found.values()} == {HEAD}


def test_a_sheet_that_is_too_large_for_an_archive_is_followed_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SHEET_BYTES", 1_500)

    found = sheets(written([row(1, "x" * 2_000)], [row(2)]))

    assert [len(lines) for lines in found.values()] == [2, 2]


def test_nothing_in_a_workbook_is_a_formula() -> None:
    data = written([row(1, '=HYPERLINK("http://evil.example")'), row(2, "+63•••••4567")])

    (sheet,) = openpyxl.load_workbook(io.BytesIO(data))

    assert [cell.data_type for cell in sheet["D"]] == ["s", "s", "s"]
    assert sheet["D3"].value == "+63•••••4567"


def test_a_text_that_is_too_long_for_a_cell_is_cut() -> None:
    ((_, line),) = sheets(written([row(1, "😀" * 40_000)])).values()

    assert len(line[3].encode("utf-16-le")) // 2 < 32_768
    assert line[3].endswith("…")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    (lines,) = sheets(written([row(1, text)])).values()

    # openpyxl unescapes what OOXML escapes; it reads a line's end as every XML parser does.
    assert openpyxl.utils.escape.unescape(str(lines[1][3])) == text
