"""What makes two reports the same report."""

import hashlib
from datetime import datetime
from functools import lru_cache

from support_portal.payloads import ApiError, Happening, Receipt


def receipt_digest(receipt: Receipt) -> int:
    """Return 64 bits over what tells receipts of one message at one time apart."""
    return _status_digest(
        receipt.channel, receipt.step, receipt.state, receipt.detail, receipt.error_code
    )


def happening_digest(happening: Happening) -> int:
    """Return 64 bits over what tells happenings around one message apart."""
    return digest(happening.kind, happening.mark)


def error_digest(code: int, occurred_at: datetime) -> int:
    """Return 64 bits over what an errorId stands for: another code or time is a contradiction."""
    return digest(code, occurred_at.isoformat())


def contradicts(error: ApiError, code: int, occurred_at: datetime) -> bool:
    """Tell whether ``error`` says something else than was stored under its errorId."""
    return (error.code, error.occurred_at) != (code, occurred_at)


@lru_cache(maxsize=4096)  # few kinds of status make up nearly all receipts
def _status_digest(channel: str, step: int, state: str, detail: str, code: int | None) -> int:
    return digest(channel, step, state, detail, code)


def digest(*parts: object) -> int:
    """Return 64 bits over ``parts``, as a number that a BIGINT holds."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)
