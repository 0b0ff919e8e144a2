"""Keeping foreign text from becoming a formula where a table is opened.

A spreadsheet computes a cell that begins with ``= + - @``, or with white space before one of them.
An apostrophe in front makes it text again.  What is nothing but a sign and digits, whole or masked,
is a number in every spreadsheet and stays as it is: ``+6391712345678``, ``+63•••••4567``, ``-5``.
"""

import re

_STARTS = frozenset("=+-@＝＋－＠")
_BEFORE = frozenset("\t\r\n\v\f \u00a0\u3000\ufeff\u200b")
_NUMBER = re.compile(r"[+-][0-9•]+(?:\.[0-9]+)?", re.ASCII)


def guarded(text: str) -> str:
    """Return ``text``, with an apostrophe before it if it could be computed."""
    if not text or (text[0] not in _STARTS and text[0] not in _BEFORE):
        return text
    start = text.lstrip("".join(_BEFORE))[:1]
    if start not in _STARTS or _NUMBER.fullmatch(text):
        return text
    return "'" + text
