"""The switch ``?reveal=1``: foreign text with everything in it that hides or deceives drawn as marks.

Foreign text stands in an element that leaves the direction to it, ``<bdi>`` or ``dir="auto"``; that is a
rule of the templates.  So the switch works on the finished page: no template can forget it, rows that
are drawn by the hundred pay nothing for it, and a page that nobody reveals is not touched.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from support_portal.dashboard.addresses import joined
from support_portal.dashboard.marks import mark
from support_portal.payloads.revealing import Piece, reveal

MOST_MARKS = 2000  # a page; what comes after is drawn as it is, and the page says so
COUNT_PLACE = "<!--marks-->"  # foreign text cannot hold it: it is escaped
# Bullets are the portal's own, for digits that it hides.
_OWN = "•"
_TAG = re.compile(r"<[^<>\"']*(?:\"[^\"]*\"[^<>\"']*|'[^']*'[^<>\"']*)*>")
_OPEN = re.compile(r"<(?P<name>bdi|[a-z0-9]+(?=\s[^>]*\bdir=\"auto\"))\b")
Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Switch:
    """The switch as a page shows it: where it stands, and where the other position is."""

    on: bool
    href: str  # "" for a page that no address leads to


def switch(request: HttpRequest) -> Switch:
    """Return the switch for this address."""
    on, query = asked(request), request.GET.copy()
    if request.method == "POST":
        return Switch(on, "")
    query.pop("reveal", None)
    if not on:
        query["reveal"] = "1"
    return Switch(on, joined(request, query))


def asked(request: HttpRequest) -> bool:
    """Tell whether the address asks for marks."""
    return request.GET.get("reveal") == "1"


class RevealMiddleware:
    """Draw marks in the foreign text of a page whose address asks for them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with marks where they were asked for."""
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if asked(request) and html and not response.streaming:
            response.content = revealed(response.content.decode(response.charset))
        return response


def revealed(html: str) -> str:
    """Return a page with its foreign text revealed, and the number of marks where it is told."""
    drawing = _Drawing()
    drawn = "".join(_pieces(html, drawing))
    return drawn.replace(COUNT_PLACE, drawing.told, 1)


@dataclass(slots=True)
class _Drawing:
    """The marks of one page, counted."""

    marks: int = 0
    left_out: bool = False

    @property
    def told(self) -> str:
        """Say how many marks were drawn."""
        if self.left_out:
            return f"Only the first {MOST_MARKS:,} marks are drawn."
        return f"{self.marks} mark{'' if self.marks == 1 else 's'} on this page."

    def text(self, markup: str, *, lines_show: bool) -> str:
        """Return escaped text with its marks; the end of a line is marked where it does not show."""
        text = unescape(markup)
        drawn, place = [], 0
        for piece in reveal(text):
            if not _is_odd(piece, lines_show=lines_show):
                drawn.append(escape(piece.text))
            elif self.marks < MOST_MARKS:
                self.marks += 1
                drawn.append(mark(piece))
            else:
                self.left_out = True
                drawn.append(escape(text[place:]))
                break
            place += len(piece.text)
        return "".join(drawn)


def _is_odd(piece: Piece, *, lines_show: bool) -> bool:
    if piece.kind is None or not piece.text.strip(_OWN):
        return False
    return not (lines_show and piece.text[0] == "\n")


def _pieces(html: str, drawing: _Drawing) -> Iterator[str]:
    """Yield the page: tags as they are, texts in foreign elements revealed."""
    within, depth, preformatted, place = "", 0, False, 0
    for tag in _TAG.finditer(html):
        text, place = html[place : tag.start()], tag.end()
        lines_show = preformatted or within != "bdi"
        yield drawing.text(text, lines_show=lines_show) if within and text else text
        yield tag[0]
        if tag[0].startswith(("<pre", "</pre")):
            preformatted = tag[0].startswith("<pre")
        if not within and (opened := _OPEN.match(tag[0])):
            within, depth = opened["name"], 1
        elif within and re.match(rf"</?{within}\b", tag[0]):
            depth += -1 if tag[0].startswith("</") else 1
            within = within if depth else ""
    yield html[place:]
