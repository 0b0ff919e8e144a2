"""Reading pages the way a person does: rows, chips, links and notes."""

import re
from html import unescape

from django.http import HttpResponseBase

TAG = re.compile(r"<[^>]+>")


def page(response: HttpResponseBase) -> str:
    """Return the HTML of a response."""
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def words(html: str) -> str:
    """Return the text of a piece of HTML, with single spaces."""
    return unescape(" ".join(TAG.sub(" ", html).split()))


def rows(response: HttpResponseBase) -> list[list[str]]:
    """Return the cells of the first table, row by row, without the boxes to tick."""
    body = re.search(r"<tbody>(.*?)</tbody>", page(response), re.DOTALL)
    found = re.findall(r"<tr.*?>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [
        [words(cell) for cell in re.findall(r'<td(?! class="check").*?>(.*?)</td>', row, re.DOTALL)]
        for row in found
    ]


def ids(response: HttpResponseBase) -> list[str]:
    """Return the ids of the first table in the order of its rows."""
    body = re.search(r"<tbody>(.*?)</tbody>", page(response), re.DOTALL)
    return re.findall(r'data-copy="([^"]+)"', body[1]) if body else []


def links(response: HttpResponseBase, word: str) -> list[str]:
    """Return the addresses of the links that say ``word``."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page(response), re.DOTALL)
    return [unescape(href) for href, inside in found if words(inside).startswith(word)]


def chips(response: HttpResponseBase) -> list[str]:
    """Return the chosen filters as they are shown."""
    return [
        words(chip)
        for chip in re.findall(r'<span class="chip">(.*?)</a></span>', page(response), re.DOTALL)
    ]


def errors(response: HttpResponseBase) -> list[str]:
    """Return what is said beside fields."""
    return [
        words(one)
        for one in re.findall(r'<span class="err".*?</svg>(.*?)</span>', page(response), re.DOTALL)
    ]


def notes(response: HttpResponseBase) -> list[str]:
    """Return the notes of a page."""
    return [
        words(one)
        for one in re.findall(
            r'<div class="note".*?</svg><div>(.*?)</div>', page(response), re.DOTALL
        )
    ]


def empty(response: HttpResponseBase) -> list[str]:
    """Return the headings of what is empty."""
    return [
        words(one)
        for one in re.findall(
            r'<div class="empty">.*?<(?:strong|h1)>(.*?)</', page(response), re.DOTALL
        )
    ]
