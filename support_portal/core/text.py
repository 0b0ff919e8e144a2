"""Text that people type, fit to be kept."""


def kept(text: str) -> str:
    """Return ``text`` with plain line ends; what no database can hold (NUL) becomes U+FFFD."""
    return text.replace("\r\n", "\n").replace("\x00", "\ufffd").strip()
