"""Texts that follow each other in one body and are no JSON: XML documents, SMPP receipts."""

import re
from collections.abc import Iterator

from support_portal.payloads.smpp import is_smpp
from support_portal.payloads.xml_text import is_xml

_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_PROLOGUE = re.compile(rb"\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_LOOKED_AT = 100  # lines


def several(text: bytes) -> list[bytes]:
    """Return the parts of ``text``; none when it is one thing."""
    if is_xml(text):
        return _documents(text)
    lines = [line for line in text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    return list(_lines(text)) if len(lines) > 1 and any(map(is_smpp, lines)) else []


def _lines(text: bytes) -> Iterator[bytes]:
    for line in text.split(b"\n"):
        if stripped := line.strip():
            yield stripped


def _documents(text: bytes) -> list[bytes]:
    """Return XML documents, each up to where its root element ends."""
    prologue = _PROLOGUE.match(text)
    root = _ROOT.match(text, prologue.end() if prologue else 0)
    if root is None:
        return []
    end = re.compile(rb"</" + re.escape(root[1]) + rb"\s*>")
    found: list[bytes] = []
    start = 0
    for closing in end.finditer(text):
        found.append(text[start : closing.end()].strip())
        start = closing.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found if len(found) > 1 else []
