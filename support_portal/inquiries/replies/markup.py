"""HTML as plain text, in one pass: a hostile text costs what its length costs.

The parser of the standard library takes minutes for some kilobytes of broken comments.  Nothing here
is ever shown as markup, so it is enough to read what a mail program would show.
"""

import html
import re

LONGEST = 500_000  # characters that are looked at
_TAG = re.compile(r"<!--|<[!?][^<>]*>|<(/?)([a-z][a-z0-9]*)([^<>]*)>", re.IGNORECASE | re.ASCII)
_HREF = re.compile(r"\bhref\s*=\s*[\"']?(https?://[^\s\"'<>]{1,2000})", re.IGNORECASE)
_LONG_REFERENCE = re.compile(r"&#x?[0-9a-f]{8,}", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
# What is not shown -> its end; what is never ended goes on to the end.
_UNSEEN = {
    name: re.compile(f"</{name}[^<>]*>?", re.IGNORECASE)
    for name in ("script", "style", "head", "title", "template")
}
_COMMENT_END = re.compile("-->")
_LINES = frozenset(
    (
        "br",
        "p",
        "div",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "pre",
        "blockquote",
    )
)
_APART = frozenset(("p", "blockquote", "h1", "h2", "h3", "table"))


def as_text(source: str) -> str:
    """Return what a mail program would show of ``source``; quoted parts begin with ``>``."""
    source = source[:LONGEST]
    lines, place = _Lines(), 0
    while found := _TAG.search(source, place):
        lines.add(source[place : found.start()])
        place, name = found.end(), (found[2] or "").lower()
        if found[0] == "<!--":
            place = _behind(source, _COMMENT_END, place)
        elif name in _UNSEEN and not found[1]:
            place = _behind(source, _UNSEEN[name], place)
        elif found[1]:
            lines.close(name)
        else:
            lines.open(name, found[3])
    lines.add(source[place:])
    return lines.text()


def _behind(source: str, end: re.Pattern[str], place: int) -> int:
    found = end.search(source, place)
    return found.end() if found else len(source)


class _Lines:
    """Lines that are being written."""

    def __init__(self) -> None:
        self._link = ""
        self._done: list[str] = []
        self._line: list[str] = []
        self._depth = 0

    def add(self, source: str) -> None:
        """Add a piece of text."""
        if source:
            plain = html.unescape(_LONG_REFERENCE.sub("\ufffd", source))
            self._line.append(_SPACES.sub(" ", plain))

    def open(self, name: str, attributes: str) -> None:
        """Begin an element."""
        if name in _LINES:
            self._end(apart=name in _APART)
        if name == "blockquote":
            self._depth = min(self._depth + 1, 9)
        elif name == "li":
            self.add("- ")
        elif name == "a" and (href := _HREF.search(attributes)):
            self._link = html.unescape(href[1])

    def close(self, name: str) -> None:
        """End an element; where a link leads is written down unless its words say so."""
        if name == "a" and self._link and self._link not in "".join(self._line[-1:]):
            self._line.append(f" <{self._link}>")
        if name == "a":
            self._link = ""
        if name in _LINES:
            self._end(apart=name in _APART)
        if name == "blockquote":
            self._depth = max(0, self._depth - 1)

    def text(self) -> str:
        """Return all lines."""
        self._end()
        return "\n".join(self._done).strip("\n")

    def _end(self, *, apart: bool = False) -> None:
        """End the line; ``apart`` leaves a blank one."""
        words = "".join(self._line).strip()
        if words:
            self._done.append("> " * self._depth + words)
        if apart and self._done and self._done[-1]:
            self._done.append("")
        self._line = []
