"""How a recipient's number is stored: masked and by country, found by digest, in full only sealed."""

from collections.abc import Sequence
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
    return recipients([number])[0]


def recipients(numbers: Sequence[str]) -> list[Recipient]:
    """Return what is stored of each number; they are sealed together, which costs less."""
    sealed = iter(sealing.seal_each([number.encode() for number in numbers if number]))
    return [Recipient(*shown(number), next(sealed)) if number else NOBODY for number in numbers]


@lru_cache(maxsize=10_000)
def shown(number: str) -> tuple[str, str, bytes]:
    """Return what is stored of ``number`` beside the number itself: country, mask and digest."""
    return phones.country(number), phones.mask(number), sealing.search_digest(number)


def address(row: Addressed, whom: Recipient) -> None:
    """Set the columns of ``row`` that tell who it was for, all of them or none."""
    row.country = whom.country
    row.destination_masked = whom.masked
    row.destination_digest = whom.digest
    row.destination_sealed = whom.sealed
