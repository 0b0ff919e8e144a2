r"""Escapes of JSON, URLs, HTML and terminals, undone however often they were put on.

``\u002d``, ``\\\"``, ``%2D``, ``%252D``, ``&quot;``, ``&amp;#45;``, and the colours of terminals.
"""

import re
from html import unescape

from support_portal.payloads.recognise.folding import fold
from support_portal.payloads.recognise.readings import Reading

# Deeper nesting than this has not been seen outside of tests.
_MOST_ROUNDS = 6
# "LIKE '%1cc1eda1-f5dd-…'" has a percent sign and an id; inside an id it is an escape.
_AN_ID = r"(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}(?![0-9a-fA-F]))"
_PERCENT = rf"%(?!(?<![0-9A-Za-z_.~-]%){_AN_ID})"
# "%25" is the percent sign of another level as long as two more digits follow it.
_LEVELS = rf"(?:25(?=[0-9a-fA-F]{{2}})(?!(?<![0-9A-Za-z_.~-]%25){_AN_ID}))*+"
_ESCAPE = re.compile(
    # A backslash that no backslash stands before: a run of them is read once.
    r"\\(?<!\\\\)\\*+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"'/_*nrt-]))"
    rf"|((?:{_PERCENT}{_LEVELS}[0-9a-fA-F]{{2}})++)"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
    r"|\x1b\[[0-9;]{0,30}[A-Za-z]",
    re.ASCII,
)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
_LAST_BYTE = re.compile(r"([0-9a-fA-F]{2})(?:%|\Z)", re.ASCII)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\ud800-\udfff]")


def unescaped(reading: Reading) -> Reading:
    """Return the reading without escapes, in plain characters."""
    plain = fold(reading)
    for _ in range(_MOST_ROUNDS):
        less = fold(plain.rewritten(_ESCAPE, _sign))
        if less is plain:
            break
        plain = less
    return plain


def _sign(found: re.Match[str]) -> str | None:
    """Return what an escape stands for, or None when that would be no text."""
    four, two, one, percent = found.groups()
    if percent:
        plain = _of_bytes(percent)
    elif four or two:
        plain = chr(int(four or two, 16))
    elif one:
        plain = _SIGNS.get(one, one)
    elif found[0][0] == "&":
        plain = unescape(found[0])
    else:
        return ""  # a colour
    return None if plain == found[0] or _NO_TEXT.search(plain) else plain


def _of_bytes(percent: str) -> str:
    octets = bytes.fromhex("".join(_LAST_BYTE.findall(percent)))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")
