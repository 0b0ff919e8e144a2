"""What may not stand in words for a customer: our suppliers, our settings, ids and numbers."""

import re
import unicodedata

_INTERNAL = re.compile(
    r"\d{3,}|\+\s?\d|(?:\d[\s().\-]*){6,}"  # codes, times to the second, phone numbers
    r"|8x8|\bmeta\b|wavecell|\bWABA\b|\bsmsc\b|\bsmpp\b"
    r"|sub[ -]?account|\w+_\w+"  # names of sub-accounts, states and fields have underscores
    r"|\brout(?:e|es|ed|ing)\b|umid|error[ -]?id|batch[ -]?id|message[ -]?id|api[ -]?key"
    r"|[0-9a-f]{8}-[0-9a-f]{4}|\b(?=[a-f]*\d)[0-9a-f]{16,}\b|other customer|https?://",
    re.IGNORECASE,
)


def internal_word(text: str) -> str:
    """Return the first part of ``text`` that is no business of a customer, or ""."""
    found = _INTERNAL.search(plain_spelling(text))
    return found[0].strip() if found else ""


def plain_spelling(text: str) -> str:
    """Return ``text`` so that full-width digits or a soft hyphen hide nothing when it is compared."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if unicodedata.category(char) != "Cf")
