"""How a recipient's number is stored: masked and by country, found by digest, in full only sealed."""

from functools import lru_cache
from typing import NamedTuple

from support_portal.core import sealing
from support_portal.events.models import Addressed
from support_portal.payloads import phones


class Recipient(NamedTuple):
    """The columns of an Addressed row that tell who it was for, in the order of its fields."""

    country: str
    masked: str
    digest: bytes | None
    sealed: bytes | None


NOBODY = Recipient("", "", None, None)


def recipient(number: str) -> Recipient:
    """Return what is stored of ``number`` (E.164); nobody when it is empty."""
    if not number:
        return NOBODY
    country, masked, digest = _shown(number)
    return Recipient(country, masked, digest, sealing.seal(number.encode()))


def address(row: Addressed, whom: Recipient) -> None:
    """Set the columns of ``row`` that tell who it was for, all of them or none."""
    row.country = whom.country
    row.destination_masked = whom.masked
    row.destination_digest = whom.digest
    row.destination_sealed = whom.sealed


@lru_cache(maxsize=10_000)
def _shown(number: str) -> tuple[str, str, bytes]:
    return phones.country(number), phones.mask(number), sealing.search_digest(number)
