"""XLSX, written piece by piece: each piece can be kept before the next is made.

An XLSX file is a ZIP archive of a few XML files, and of them only the sheets are long.  A piece of a
sheet is compressed on its own and ends on a whole byte (a full flush), so the pieces in a row are
one compressed file.  What has to be remembered between two pieces is a handful of numbers
(``Book``): whoever has them and the pieces goes on, in this process or in another.  No temporary file
holds what is sealed elsewhere.

A string is a string here and never a formula, whatever it begins with.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from support_portal.browsing.exports.tables import Form, Table
from support_portal.browsing.exports.values import Values, each

SHEET_ROWS = 1_048_576  # of Excel, the head among them
SHEET_BYTES = 3 * 2**30  # before compression; a ZIP without extensions holds less than 4 GiB
CELL_LENGTH = 32_767
COMPRESSION = 1
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones; the head says UTC
_DAY = 86_400
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TIME_STYLE, _HEAD_STYLE = 1, 2
# Every .xml that is not named is a sheet: so this part comes first, whatever their number.
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/></Types>'
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_WIDTHS: Mapping[Form, int] = {Form.ID: 37, Form.TIME: 24, Form.NUMBER: 10}


@dataclass(slots=True)
class Entry:
    """One file of the archive, as far as it is written."""

    name: str
    offset: int
    crc: int = 0
    packed: int = 0
    plain: int = 0
    rows: int = 0


@dataclass(slots=True)
class Book:
    """What has to be remembered of an archive to go on with it; plain data."""

    size: int = 0
    entries: list[Entry] = field(default_factory=list)
    sheets: int = 0

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> "Book":
        """Return what ``kept`` returned."""
        entries = [Entry(**each) for each in state.get("entries", ())]
        return cls(state.get("size", 0), entries, state.get("sheets", 0))

    def kept(self) -> dict[str, Any]:
        """Return the book as JSON takes it."""
        return asdict(self)


class BookWriter:
    """Writes a table as a workbook, as many sheets as its rows need."""

    def __init__(self, table: Table, title: str, state: Mapping[str, Any] | None = None) -> None:
        self._columns = [(at, column) for at, column in enumerate(table.columns) if column.title]
        self._title = title
        self.book = Book.read(state or {})

    def head(self) -> bytes:
        """Return the beginning of the archive."""
        parts = {
            "[Content_Types].xml": _CONTENT_TYPES,
            "_rels/.rels": _RELATIONS,
            "xl/styles.xml": _STYLES,
        }
        whole = b"".join(self._whole(name, text) for name, text in parts.items())
        return whole + self._open_sheet()

    def rows(self, columns: Sequence[Values]) -> bytes:
        """Return some rows; a sheet that is full is followed by another."""
        cells = [each(columns[at], _CELLS[column.form]) for at, column in self._columns]
        rows = iter([f"<row>{''.join(row)}</row>" for row in zip(*cells, strict=True)])
        return b"".join(self._on_sheets(rows))

    def end(self) -> bytes:
        """Return the end of the archive: after it there is nothing to go on with."""
        numbers = range(1, self.book.sheets + 1)
        titles = [self._title, *(f"{self._title} {number}" for number in numbers[1:])]
        sheets = "".join(
            f'<sheet name="{escape(title)}" sheetId="{number}" r:id="rId{number}"/>'
            for number, title in zip(numbers, titles, strict=True)
        )
        links = "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/relationships/worksheet"'
            f' Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        styles = f"rId{self.book.sheets + 1}"
        return (
            self._close_sheet()
            + self._whole(
                "xl/workbook.xml",
                f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
                f"<sheets>{sheets}</sheets></workbook>",
            )
            + self._whole(
                "xl/_rels/workbook.xml.rels",
                f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship Id="{styles}"'
                f' Type="{_OFFICE}/relationships/styles" Target="styles.xml"/></Relationships>',
            )
            + self._directory()
        )

    def _on_sheets(self, rows: Iterator[str]) -> Iterator[bytes]:
        while True:
            sheet = self.book.entries[-1]
            room = SHEET_ROWS - sheet.rows if sheet.plain < SHEET_BYTES else 0
            fitting = list(islice(rows, room))
            sheet.rows += len(fitting)
            yield self._more("".join(fitting))
            following = next(rows, None)
            if following is None:
                return
            yield self._close_sheet() + self._open_sheet()
            self.book.entries[-1].rows += 1
            yield self._more(following)

    def _open_sheet(self) -> bytes:
        self.book.sheets += 1
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{_WIDTHS.get(column.form, 18)}" customWidth="1"/>'
            for number, (_, column) in enumerate(self._columns, 1)
        )
        titles = "".join(_string(column.title, _HEAD_STYLE) for _, column in self._columns)
        head = (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
            f"</sheetViews><cols>{widths}</cols><sheetData><row>{titles}</row>"
        )
        begun = self._begin(f"xl/worksheets/sheet{self.book.sheets}.xml")
        self.book.entries[-1].rows = 1
        return begun + self._more(head)

    def _close_sheet(self) -> bytes:
        return self._finish("</sheetData></worksheet>")

    # -- the archive ------------------------------------------------------------------------------
    def _whole(self, name: str, text: str) -> bytes:
        return self._begin(name) + self._finish(text)

    def _begin(self, name: str) -> bytes:
        self.book.entries.append(Entry(name, self.book.size))
        path = name.encode()
        # Sizes come behind the data (flag 8), names are UTF-8 (flag 0x800), method 8 is deflate.
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x808, 8, 0, 0x21, 0, 0, 0, len(path), 0)
        return self._written(head + path)

    def _more(self, text: str) -> bytes:
        return self._packed(text, zlib.Z_FULL_FLUSH) if text else b""

    def _finish(self, text: str) -> bytes:
        data = self._packed(text, zlib.Z_FINISH)
        done = self.book.entries[-1]
        told = struct.pack("<4s3L", b"PK\7\10", done.crc, done.packed, done.plain)
        return data + self._written(told)

    def _packed(self, text: str, flush: int) -> bytes:
        plain, entry = text.encode(), self.book.entries[-1]
        packer = zlib.compressobj(COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = packer.compress(plain) + packer.flush(flush)
        entry.crc = zlib.crc32(plain, entry.crc)
        entry.plain += len(plain)
        entry.packed += len(data)
        return self._written(data)

    def _directory(self) -> bytes:
        listed = b"".join(map(_listed, self.book.entries))
        count = len(self.book.entries)
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(listed), self.book.size, 0)
        return self._written(listed + end)

    def _written(self, data: bytes) -> bytes:
        self.book.size += len(data)
        return data


def _listed(entry: Entry) -> bytes:
    path = entry.name.encode()
    sizes = (entry.crc, entry.packed, entry.plain, len(path))
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0x808, 8, 0, 0x21, *sizes, 0, 0, 0, 0, 0, entry.offset
    )
    return head + path


def _string(text: str, style: int = 0) -> str:
    styled = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{styled}><is><t xml:space="preserve">{_text(text)}</t></is></c>'


def _text(text: str) -> str:
    if len(text) > CELL_LENGTH:
        text = text[: CELL_LENGTH // 2] + "…"  # characters beyond the first plane count twice
    if _ODD.search(text):
        text = _ODD.sub(_escaped, text)
    return escape(text)


# What XML cannot hold or would change, and what looks like the way in which that is written.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _number(value: int | None) -> str:
    return "<c/>" if value is None else f"<c><v>{value}</v></c>"


def _time(text: str) -> str:
    if not text:
        return "<c/>"
    since = datetime.fromisoformat(text) - _EPOCH
    days = since.days + (since.seconds + since.microseconds / 1e6) / _DAY
    return f'<c s="{_TIME_STYLE}"><v>{days:.11f}</v></c>'


def _cell(text: str) -> str:
    return _string(text) if text else "<c/>"


_CELLS: Mapping[Form, Callable[[Any], str]] = {
    Form.ID: _cell,
    Form.TIME: _time,
    Form.NUMBER: _number,
    Form.TEXT: _cell,
    Form.NUMBERS: _cell,
    Form.DECODED: _cell,
}
