"""Which errors are alike: the same code, at the same endpoint, in the same words.

A likeness has a key of its own making (64 bits over what it consists of), so two drains, two
databases and a rebuild give the same one, and no sequence is shared.  Whoever changes what
``likeness`` returns raises VERSION: old groups then stay apart from new ones until errors are
grouped again (``insights.rebuilding``).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from support_portal.events.identity import digest
from support_portal.payloads import wording

VERSION = 1
LONGEST_ENDPOINT = 200
NOT_GROUPED = 0  # rows of before there were groups, and what is beyond the limits of group_store
# Segments that are part of 8x8's address; all others are names and ids.
_LITERAL = re.compile(r"[a-z][a-z-]*|v\d{1,2}")
_NAMED_AFTER = frozenset({"subaccounts", "accounts", "templates", "contacts", "users"})


class Likeness(NamedTuple):
    """What errors of one group share."""

    code: int
    endpoint: str  # method and path with placeholders, "" when not told
    wording: str  # the message without what varies

    @property
    def group_id(self) -> int:
        """Return the key of the group."""
        return digest(VERSION, *self)


def likeness(code: int, method: str, path: str, message: str) -> Likeness:
    """Return what an error shares with those that are like it."""
    return Likeness(code, _endpoint(method, path), _wording(message))


def group_id(code: int, method: str, path: str, message: str) -> int:
    """Return the key of the group that an error belongs to."""
    return likeness(code, method, path, message).group_id


@lru_cache(maxsize=4096)
def _wording(message: str) -> str:
    return wording.form(message)


@lru_cache(maxsize=4096)
def _endpoint(method: str, path: str) -> str:
    shape = _shape(path.partition("?")[0]) if path else ""
    return f"{method.upper()} {shape}".strip()[:LONGEST_ENDPOINT]


def _shape(path: str) -> str:
    segments = path.split("/")
    return "/".join(
        segment if not segment or _is_literal(before, segment) else "{}"
        for before, segment in zip(["", *segments], segments, strict=False)
    )


def _is_literal(before: str, segment: str) -> bool:
    return before not in _NAMED_AFTER and bool(_LITERAL.fullmatch(segment))
