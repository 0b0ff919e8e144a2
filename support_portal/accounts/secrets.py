"""Secrets of machines: long random words, kept as digests."""

import hashlib
import secrets

LENGTH = 32  # bytes of randomness
HINT = 8


def new_secret() -> str:
    """Return a fresh secret that is safe in a URL."""
    return secrets.token_urlsafe(LENGTH)


def digest(secret: str) -> bytes:
    """Return the SHA-256 of ``secret``: enough for random words, which nobody can guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def hint(secret: str) -> str:
    """Return the part of ``secret`` that may be shown; none of a short one."""
    return secret[:HINT] if len(secret) >= 3 * HINT else ""
