"""Sealing: what identifies a person is stored compressed, encrypted and authenticated.

A sealed value is ``version (1 byte) | length of key id (1 byte) | key id | nonce (12 bytes) |
AES-256-GCM ciphertext with tag``.  In version 1 what is encrypted is compressed, in version 2 not.
The key id names the key in ``PORTAL_SEAL_KEYS``, so keys can be rotated: the first key seals, every
key in the ring unseals.  Searching needs equality, so a search digest (HMAC-SHA-256, 16 bytes) is
kept beside the sealed value.
"""

import base64
import binascii
import hashlib
import hmac
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

COMPRESSED = b"\x01"
PLAIN = b"\x02"
NONCE_LENGTH = 12
DIGEST_LENGTH = 16
INNER, OUTER = 0x36, 0x5C  # of HMAC (RFC 2104)
COMPRESSION = 1  # a webhook waits for this: speed before size
# A webhook shrinks from 500 bytes to 300, which is not worth holding up its answer.
WORTH_COMPRESSING = 1024  # bytes


class Unsealable(Exception):
    """The sealed bytes are damaged, or their key is not in the ring."""


@dataclass(frozen=True)
class Key:
    """One key of the ring: its public ``id`` and 32 secret bytes."""

    id: str
    secret: bytes

    @cached_property
    def cipher(self) -> AESGCM:
        """Return the cipher of this key."""
        return AESGCM(self.secret)

    @cached_property
    def label(self) -> bytes:
        """Return the id as it stands in a sealed value, its length first."""
        name = self.id.encode()
        return bytes([len(name)]) + name

    @cached_property
    def search_key(self) -> bytes:
        """Return a key for digests, derived so that it never equals the sealing key."""
        return hmac.digest(self.secret, b"search digest", "sha256")

    @cached_property
    def _search_hashes(self) -> tuple["hashlib._Hash", "hashlib._Hash"]:
        """Return the inner and the outer hash of the HMAC, both with the key in them."""
        block = self.search_key.ljust(hashlib.sha256().block_size, b"\0")
        inner = hashlib.sha256(bytes(byte ^ INNER for byte in block))
        return inner, hashlib.sha256(bytes(byte ^ OUTER for byte in block))

    def search_digest(self, text: str) -> bytes:
        """Return HMAC-SHA-256 over ``text``; to start from a hash with the key in it takes a third."""
        begun = self._search_hashes
        inner, outer = begun[0].copy(), begun[1].copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.digest()[:DIGEST_LENGTH]


def read_keys(text: str) -> tuple[Key, ...]:
    """Return the keys in ``id:base64[,id:base64…]``, newest first; ImproperlyConfigured when malformed."""
    keys = tuple(_read_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise ImproperlyConfigured("PORTAL_SEAL_KEYS holds no key; expected id:base64 of 32 bytes")
    if len({key.id for key in keys}) < len(keys):
        raise ImproperlyConfigured("PORTAL_SEAL_KEYS names one key id twice")
    return keys


def new_key(key_id: str) -> str:
    """Return a fresh random key in the form that ``PORTAL_SEAL_KEYS`` takes."""
    return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"


def seal(data: bytes) -> bytes:
    """Return ``data`` encrypted with the newest key, compressed where that is worth it."""
    return _sealed(_ring()[0], os.urandom(NONCE_LENGTH), data)


def seal_each(many: Sequence[bytes]) -> list[bytes]:
    """Seal each by itself; to ask for all nonces at once saves half the time where they are short."""
    key, random = _ring()[0], os.urandom(NONCE_LENGTH * len(many))
    starts = range(0, len(random), NONCE_LENGTH)
    nonces = (random[start : start + NONCE_LENGTH] for start in starts)
    return [_sealed(key, nonce, data) for nonce, data in zip(nonces, many, strict=True)]


def _sealed(key: Key, nonce: bytes, data: bytes) -> bytes:
    version = PLAIN
    if len(data) >= WORTH_COMPRESSING:
        version, data = COMPRESSED, zlib.compress(data, COMPRESSION)
    header = version + key.label
    return header + nonce + key.cipher.encrypt(nonce, data, header)


def unseal(sealed: bytes | memoryview) -> bytes:
    """Return the data in ``sealed``; Unsealable when it is damaged or its key is missing."""
    sealed = bytes(sealed)
    header_length = 2 + sealed[1] if len(sealed) > 1 else 0
    header, nonce = sealed[:header_length], sealed[header_length : header_length + NONCE_LENGTH]
    version = sealed[:1]
    if version not in (COMPRESSED, PLAIN) or len(nonce) < NONCE_LENGTH:
        raise Unsealable("not a sealed value")
    key = _key(header[2:].decode(errors="replace"))
    try:
        data = key.cipher.decrypt(nonce, sealed[header_length + NONCE_LENGTH :], header)
        return zlib.decompress(data) if version == COMPRESSED else data
    except (InvalidTag, zlib.error):
        raise Unsealable("the sealed value was changed or cut") from None


def search_digest(text: str) -> bytes:
    """Return the digest under which ``text`` is found, made with the newest key."""
    return _ring()[0].search_digest(text)


def search_digests(text: str) -> list[bytes]:
    """Return the digests of ``text`` under every key: rows may have been written before a rotation."""
    return [key.search_digest(text) for key in _ring()]


@cache
def _ring() -> tuple[Key, ...]:
    """Return the keys; asking the settings each time took longer than encrypting a number."""
    return read_keys(settings.SEAL_KEYS)


def _forget_ring(*, setting: str, **_: object) -> None:
    if setting == "SEAL_KEYS":
        _ring.cache_clear()


setting_changed.connect(_forget_ring)  # sent where tests change a setting


def _key(key_id: str) -> Key:
    for key in _ring():
        if key.id == key_id:
            return key
    raise Unsealable(f"the key {key_id!r} is not in PORTAL_SEAL_KEYS")


def _read_key(part: str) -> Key:
    key_id, _, encoded = part.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not key_id or len(key_id) > 40 or len(secret) != 32:
        raise ImproperlyConfigured(
            f"PORTAL_SEAL_KEYS: the key {key_id!r} is malformed; expected id:base64 of 32 bytes"
        )
    return Key(key_id, secret)
