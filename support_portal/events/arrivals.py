"""What the drain hands over to be recorded, and what it is told afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from support_portal.payloads import Fact

R = TypeVar("R", bound=Fact, covariant=True)


class Arrived(Struct, Generic[R], frozen=True):
    """A fact that was read, with when and in which delivery it came."""

    record: R
    received_at: datetime
    delivery_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Per delivery: how many facts were new, and how many had been told before."""

    new: Counter[UUID] = field(default_factory=Counter)
    repeated: Counter[UUID] = field(default_factory=Counter)
