"""Phone numbers: E.164 in, country and mask out. A mask is all a page shows."""

import re
from functools import lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumber,
    is_possible_number,
    region_code_for_number,
)

from support_portal.payloads import values
from support_portal.payloads.ids import parse_id
from support_portal.payloads.records import Party

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_SPACING = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]")
_GAP = re.compile(r"[ .-]")
_IN_TEXT = re.compile(r"\+[1-9][0-9 ().-]{5,22}[0-9]", re.ASCII)
# Digits that stand alone; those of ids and of fractions of a second hang on a dash, dot or letter.
_BARE = re.compile(r"(?<![0-9A-Za-z_.+•-])[1-9][0-9]{9,14}(?![0-9A-Za-z_:-])", re.ASCII)
_LONGEST_WRITTEN = 40
_LONGEST_CALLING_CODE = 3
_SHOWN_DIGITS = 4
_BLOCK_DIGITS = 3
_DOT = "•"
# Shared by countries of equal weight: without a known area no country can be named.
_WITHOUT_A_MAIN_COUNTRY = (1, 7)
_NO_COUNTRY = "001"


def normalise(text: str) -> str:
    """Return the number as +digits, or "" when it is not a whole international number."""
    if not text or len(text) > _LONGEST_WRITTEN:
        return ""
    if _E164.fullmatch(text):
        return text
    bare = _SPACING.sub("", text)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    if _DIGITS.fullmatch(bare):
        bare = "+" + bare
    return bare if _E164.fullmatch(bare) else ""


def own_end(value: values.Scalar) -> str:
    """Return our own end: a number in one form, or the sender name or channel id as it is."""
    told = values.text(value)
    # An id of digits alone would read as a number.
    return told.lower() if parse_id(told) else normalise(told) or told


@lru_cache(maxsize=8192)
def leading_number(written: str) -> tuple[str, int]:
    """Return the longest number ``written`` starts with, and how many characters it takes.

    People put dates and other numbers behind a phone number; a number ends where it has a
    length that its country uses.
    """
    ends = [len(written), *(gap.start() for gap in reversed(list(_GAP.finditer(written))))]
    for end in ends:
        number = normalise(written[:end])
        if number and _is_possible(number):
            return number, end
    return "", 0


def country(e164: str) -> str:
    """Return the two-letter country of a number, or "" when it cannot be told.

    Countries that share a calling code hold blocks of a thousand numbers or more, so one answer
    serves a block: asking for every number would cost more than storing its receipt.
    """
    return _country_of_block(e164[:-_BLOCK_DIGITS] + "0" * _BLOCK_DIGITS)


@lru_cache(maxsize=65_536)
def _country_of_block(e164: str) -> str:
    code, national = _parts(e164)
    if not code:
        return ""
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    if len(regions) == 1:
        return "" if regions[0] == _NO_COUNTRY else regions[0]
    found = region_code_for_number(_number(code, national))
    if found:
        return found
    return "" if code in _WITHOUT_A_MAIN_COUNTRY else regions[0]


def mask(e164: str) -> str:
    """Return the calling code, dots, and the last four digits."""
    if not e164:
        return ""
    code, national = _parts(e164)
    prefix = f"+{code}" if code else "+"
    shown = min(_SHOWN_DIGITS, len(national) // 2)
    hidden = len(national) - shown
    return prefix + _DOT * hidden + national[hidden:]


def masked(text: str) -> str:
    """Return ``text``, masked when it is a number."""
    return mask(text) if _E164.fullmatch(text) else text


def masked_text(text: str) -> str:
    """Return ``text`` with everything in it masked that could be a phone number."""
    return _BARE.sub(_masked_match, _IN_TEXT.sub(_masked_match, text))


def _masked_match(found: re.Match[str]) -> str:
    number = normalise(found[0])
    return mask(number) if number else found[0]


def party(e164: str) -> Party:
    """Return the three forms of one number."""
    return Party(masked=mask(e164), country=country(e164), number=e164)


def _is_possible(e164: str) -> bool:
    code, national = _parts(e164)
    return code > 0 and is_possible_number(_number(code, national))


def _parts(e164: str) -> tuple[int, str]:
    """Split into calling code and national number; no calling code starts another one."""
    digits = e164.removeprefix("+")
    code, length = _calling_code(digits[:_LONGEST_CALLING_CODE])
    return code, digits[length:]


@lru_cache(maxsize=2048)
def _calling_code(start: str) -> tuple[int, int]:
    """Return the calling code that ``start`` begins with and its length; zeros without one."""
    for length in range(1, len(start) + 1):
        head = start[:length]
        if head.isascii() and head.isdigit() and int(head) in COUNTRY_CODE_TO_REGION_CODE:
            return int(head), length
    return 0, 0


def _number(code: int, national: str) -> PhoneNumber:
    return PhoneNumber(
        country_code=code,
        national_number=int(national or "0"),
        italian_leading_zero=national.startswith("0") or None,
    )
