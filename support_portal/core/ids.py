"""Ids made by us: ordered by time, so that new rows go to the end of an index."""

import random
import time
from datetime import UTC, datetime
from uuid import UUID


def uuid7(milliseconds: int | None = None) -> UUID:
    """Return a version 7 UUID: 48 bits of milliseconds, 12 bits of the rest of the time, random.

    With the finer time (RFC 9562, section 6.2, method 3) what one process makes in the same
    millisecond stays in order.  The fraction is random where only ``milliseconds`` are given.
    """
    if milliseconds is None:
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        fraction = (rest << 12) // 1_000_000
    else:
        fraction = random.getrandbits(12)
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62
    # Unique, not secret: the generator of the system takes ten times as long.
    return UUID(int=value | random.getrandbits(62))


def made_at(identifier: UUID) -> datetime:
    """Return when a version 7 UUID was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)


def earliest(moment: datetime) -> UUID:
    """Return the smallest version 7 UUID of a moment: what was made before it is smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
