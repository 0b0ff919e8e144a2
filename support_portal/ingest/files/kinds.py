"""What kind of file it is: told by what stands in it, whatever its name says."""

import re
from dataclasses import dataclass, field

from support_portal.ingest.files import columns
from support_portal.ingest.files.columns import Table
from support_portal.ingest.files.cutting import Shape
from support_portal.ingest.files.streams import Text, Unreadable
from support_portal.payloads.arrays import is_json

TYPES = (".json", ".ndjson", ".jsonl", ".csv", ".xml", ".txt", ".log")
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_ROOT = re.compile(rb"<\s*([A-Za-z_][\w:.-]*)")
_WORDS = {
    Shape.LINES: "lines",
    Shape.VALUES: "a JSON document",
    Shape.XML: "XML",
    Shape.TABLE: "a table",
}
_EXPECTED = {
    ".json": (Shape.VALUES, Shape.LINES),
    ".ndjson": (Shape.LINES,),
    ".jsonl": (Shape.LINES,),
    ".csv": (Shape.TABLE,),
    ".xml": (Shape.XML,),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How the records of a file follow each other, and what is worth a remark."""

    shape: str
    table: Table | None = None
    root: bytes = b""
    remarks: tuple[str, ...] = field(default=())

    @property
    def asks(self) -> bool:
        """Tell whether a person has to say what the columns are."""
        return self.table is not None and not self.table.is_export and not self.table.meanings


def kind_of(text: Text, name: str) -> Kind:
    """Return the kind of a file; Unreadable when there is nothing in it."""
    head = text.head.removeprefix(_BOM).lstrip(_SPACE)
    if not head:
        if text.is_short:
            raise Unreadable("The file holds nothing but space.")
        return Kind(Shape.LINES)
    found = _found(head, text.head, name)
    return Kind(found.shape, found.table, found.root, tuple(_remarks(text, found, name)))


def ending(name: str) -> str:
    """Return the type that a name ends with, without the one that tells of packing."""
    plain = name.lower().removesuffix(".gz")
    return next((each for each in TYPES if plain.endswith(each)), "")


def _found(head: bytes, whole: bytes, name: str) -> Kind:
    first = head[:1]
    if first == b"<":
        root = _ROOT.search(re.sub(rb"<[?!][^>]*>", b"", head))
        return Kind(Shape.XML, root=root[1]) if root else Kind(Shape.LINES)
    if first == b"[" or (first == b"{" and not _is_lines(head, name)):
        return Kind(Shape.VALUES)
    if first != b"{" and (table := columns.recognise(whole, named_csv=ending(name) == ".csv")):
        return Kind(Shape.TABLE, table)
    return Kind(Shape.LINES)


def _is_lines(head: bytes, name: str) -> bool:
    """Tell whether the first line is a whole object: then the file is NDJSON.

    Where the name says so, the second line may be one as well: the first may be broken.
    """
    line, newline, rest = head.partition(b"\n")
    if not newline and len(head) >= 1024:
        return True  # a line longer than the head: one object, or the first of many
    if is_json(line.strip(_SPACE)):
        return True
    second, newline, _ = rest.partition(b"\n")
    named = _EXPECTED.get(ending(name)) == (Shape.LINES,)
    return named and second.startswith(b"{") and bool(newline) and is_json(second.strip(_SPACE))


def _remarks(text: Text, found: Kind, name: str) -> list[str]:
    remarks = []
    is_named_gz = name.lower().endswith(".gz")
    if is_named_gz and not text.packed:
        remarks.append("The name ends with .gz, but the file is not packed. It is read as it is.")
    if text.packed and not is_named_gz:
        remarks.append("The file is packed with gzip, though its name does not say so.")
    if text.charset:
        remarks.append(f"The text is written in {text.charset.upper()}; it is read as UTF-8.")
    expected = _EXPECTED.get(ending(name), (found.shape,))
    if found.shape not in expected:
        remarks.append(
            f"The name ends with {ending(name)}, but the file holds {_WORDS[found.shape]}. "
            "It is read as what it holds."
        )
    return remarks
