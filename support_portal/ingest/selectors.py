"""How the intake is doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from support_portal.core.bounded import counted
from support_portal.core.composed import Figure, Figures
from support_portal.core.ids import made_at
from support_portal.ingest.models import Delivery, QuarantineEntry

COUNT_LIMIT = 10_000
LATE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Intake:
    """Since when something waits, and when the last delivery came."""

    lag_seconds: float  # age of the oldest delivery that waits
    last_received_at: datetime | None
    quarantined: int  # at most COUNT_LIMIT + 1, which stands for "more"

    @property
    def late(self) -> bool:
        """Tell whether somebody should look at the worker."""
        return self.lag_seconds > LATE_SECONDS


@dataclass(frozen=True, slots=True)
class IntakeStatus(Intake):
    """How much waits as well."""

    pending: int  # deliveries; at most COUNT_LIMIT + 1, which stands for "more"


def figures() -> dict[str, Figure]:
    """Return what ``intake`` needs; none costs more with more facts."""
    return {
        "oldest": Figure(Delivery.objects.pending().values_list("id")),
        "newest": Figure(Delivery.objects.order_by("-id").values_list("id")),
        "quarantined": counted(QuarantineEntry.objects.waiting(), COUNT_LIMIT + 1),
    }


_status = Figures(
    lambda: {
        **figures(),
        "pending": counted(Delivery.objects.pending(), COUNT_LIMIT + 1),
    }
)


def intake(found: Mapping[str, Any], now: datetime) -> Intake:
    """Return the state of the intake from its figures."""
    return Intake(**_told(found, now))


def intake_status(now: datetime | None = None) -> IntakeStatus:
    """Return the state of the inbox, in one query."""
    found = _status()
    return IntakeStatus(**_told(found, now or timezone.now()), pending=found["pending"])


def _told(found: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    oldest, newest = found["oldest"], found["newest"]
    return {
        "lag_seconds": max(0.0, (now - made_at(oldest)).total_seconds()) if oldest else 0.0,
        "last_received_at": made_at(newest) if newest else None,
        "quarantined": found["quarantined"],
    }
