"""Text that people type, fit to be kept."""

import re

_KEPT_BY_NO_DATABASE = re.compile(r"[\x00\ud800-\udfff]")  # NUL and halves of characters


def kept(text: str) -> str:
    """Return ``text`` with plain line ends; what no database can hold becomes U+FFFD."""
    return _KEPT_BY_NO_DATABASE.sub("\ufffd", text.replace("\r\n", "\n")).strip()
