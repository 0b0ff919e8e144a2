"""What the drain hands over to be recorded, and what it is told afterwards."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from support_portal.payloads import ApiError, Fact, Happening, Receipt

R = TypeVar("R", bound=Fact, covariant=True)


class Arrived(Struct, Generic[R], frozen=True):
    """A fact that was read, with when and in which delivery it came."""

    record: R
    received_at: datetime
    delivery_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of a batch that tell something: errors and receipts that are new, all happenings."""

    errors: Sequence[Arrived[ApiError]]
    receipts: Collection[Arrived[Receipt]]
    happenings: Sequence[Arrived[Happening]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Per delivery: how many facts were new, and how many had been told before."""

    new: Counter[UUID] = field(default_factory=Counter)
    repeated: Counter[UUID] = field(default_factory=Counter)
