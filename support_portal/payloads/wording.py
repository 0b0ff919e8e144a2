"""What is left of a message when everything that changes from one to the next is taken out.

Whoever changes what ``form`` returns raises VERSION: entries of the inbox are told apart by both, so
old ones are not taken for new wordings.
"""

import re

VERSION = 1
LONGEST = 300
LONGEST_READ = 2_000
_ODD = (
    r"\x00-\x1f\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff"
)
_GAP = re.compile(rf"[ {_ODD}]{{2,}}|[{_ODD}]")
_VARYING = re.compile(r"[\d_'\"`“‘«@]|://")
_ADDRESS = re.compile(r"\bhttps?://\S++|(?<![\w.+-])[\w.+-]++@[\w.-]++", re.IGNORECASE)
# A quotation mark inside a word is an apostrophe.
_QUOTED = re.compile(r"(?<!\w)'[^']*+'(?!\w)|\"[^\"]*+\"|`[^`]*+`|“[^”]*+”|‘[^’]*+’(?!\w)|«[^»]*+»")
_UUID = re.compile(r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)")
_NUMBER = re.compile(r"(?<!\w)[+-]?\d++(?:[.,:/ -]?+\d++)*+(?!\w)")
# Any other word with a digit or an underscore in it: ids, sub-accounts, fields.
_NAME = re.compile(r"(?<!\w)(?=[^\W\d_]*+[\d_])\w++(?:[-.:](?=[^\W\d_]*+[\d_])\w++)*+")


def form(message: str) -> str:
    """Return the wording of ``message`` with placeholders for what varies; again is the same.

    A placeholder may stand between other quotation marks, so the rules are applied until nothing
    changes.  Each time there are fewer marks, digits and underscores, so that has an end.
    """
    text = _squeezed(message[:LONGEST_READ])
    while (shorter := _once(text)) != text:
        text = shorter
    return text


def likeness(text: str) -> str:
    """Return what two spellings of one wording share: letters and placeholders."""
    return "".join(char for char in form(text) if char.isalnum() or char in "{}").casefold()


def _once(text: str) -> str:
    replaced = _replaced(text) if _VARYING.search(text) else text
    return _squeezed(replaced)[:LONGEST].strip()


def _replaced(text: str) -> str:
    if "@" in text or "://" in text:
        text = _ADDRESS.sub("{address}", text)
    text = _QUOTED.sub("{quoted}", text)
    text = _UUID.sub("{id}", text)
    text = _NUMBER.sub("{number}", text)
    return _NAME.sub("{id}", text)


def _squeezed(text: str) -> str:
    return _GAP.sub(" ", text).strip()
