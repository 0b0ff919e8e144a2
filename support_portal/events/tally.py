"""What a batch changes in the counts: so many more or fewer records of a kind in a minute.

Errors and messages are counted by the traits that lists are filtered by.  When a record changes,
what it was is taken off and what it is now is added, so the counts are those of the rows.
"""

from collections import Counter
from datetime import datetime
from typing import NamedTuple, TypeAlias

SECONDS = 60


class ErrorTraits(NamedTuple):
    """What errors are counted by."""

    code: int
    group_id: int
    sub_account: str
    channel: str
    country: str
    http_status: int | None


class MessageTraits(NamedTuple):
    """What messages are counted by."""

    state: str
    registry: str
    code: int | None
    sub_account: str
    channel: str
    country: str
    operator: str


Traits: TypeAlias = ErrorTraits | MessageTraits
Tally: TypeAlias = Counter[tuple[Traits, int]]  # by traits and minute


def minute(moment: datetime) -> int:
    """Return the whole minutes from 1970 to ``moment``."""
    return int(moment.timestamp() // SECONDS)
