"""XML receipts to the fields of their JSON twin: every value is text.

A document type is refused before anything in it is read, so there are no entities of its own,
internal or external, and nothing to expand.
"""

from typing import Any
from xml.parsers import expat

from support_portal.payloads.decoding import build
from support_portal.payloads.records import Unrecognised
from support_portal.payloads.wire import Found, Wire

_LARGEST = 1_000_000
_DEEPEST = 12
_MOST_ELEMENTS = 2_000


def is_xml(raw: bytes) -> bool:
    """Tell whether ``raw`` starts as XML does."""
    return raw[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def decode_xml(raw: bytes) -> Wire:
    """Return the top level of an XML receipt, or raise Unrecognised."""
    if len(raw) > _LARGEST:
        raise Unrecognised("xml", "The payload is XML of over 1 MB, which no receipt has.")
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unrecognised(
            "bad_xml", "The payload stops being XML before it is complete."
        ) from error
    return build(Wire, tree.root)


class _Tree:
    """The elements as nested dictionaries; an element without children is its text."""

    def __init__(self) -> None:
        self.root: Found = {}
        self._open: list[tuple[str, Found, list[str]]] = []
        self._elements = 0

    def start(self, name: str, _attributes: Any) -> None:
        """Open an element."""
        self._elements += 1
        if len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise Unrecognised("too_deep", "The XML has more elements than a receipt has.")
        self._open.append((name, {}, []))

    def end(self, _name: str) -> None:
        """Close an element and give its value to the one around it."""
        name, children, words = self._open.pop()
        if self._open:
            self._open[-1][1][name] = children or "".join(words).strip()
        else:
            self.root = children

    def text(self, words: str) -> None:
        """Collect text."""
        if self._open:
            self._open[-1][2].append(words)


def _refuse_document_type(*_told: Any) -> None:
    raise Unrecognised("xml_doctype", "The XML declares a document type, which no receipt does.")
