"""Showing bytes that came from outside: as text, bounded, without whole phone numbers."""

import re

LIMIT = 4096
_MARGIN = 64  # so that a number that the limit cuts is still seen as one
_SHOWN_DIGITS = 4
_DIGIT = re.compile(r"\d")
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_NUMBER = r"\+\d(?:[ ().\-\u00a0]{0,2}\d){6,}|\d{8,}"
_UUID_OR_NUMBER = re.compile(rf"(?P<id>{_UUID})|(?P<number>{_NUMBER})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def shown(body: bytes, limit: int = LIMIT) -> str:
    """Return the beginning of ``body`` as text; what is no text is shown as its number."""
    text = body[: limit + _MARGIN].decode(errors="backslashreplace")
    text = _CONTROL.sub(_escaped, mask_numbers(text))
    return text if len(body) <= limit else text[:limit] + "…"


def mask_numbers(text: str) -> str:
    """Hide all but the last four digits of what may be a phone number; ids stay whole."""
    return _UUID_OR_NUMBER.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    if match["number"] is None:
        return match[0]
    number = match["number"]
    hidden = len(_DIGIT.findall(number)) - _SHOWN_DIGITS
    return _DIGIT.sub("•", number, count=hidden)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
