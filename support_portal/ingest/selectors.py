"""How the intake is doing."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from support_portal.core.ids import made_at
from support_portal.ingest.models import Delivery, QuarantineEntry

COUNT_LIMIT = 10_000
LATE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class IntakeStatus:
    """What waits, since when, and when the last delivery came."""

    pending: int  # deliveries; at most COUNT_LIMIT + 1, which stands for "more"
    lag_seconds: float  # age of the oldest one that waits
    last_received_at: datetime | None
    quarantined: int

    @property
    def more_than_counted(self) -> bool:
        """Tell whether ``pending`` is only a lower bound."""
        return self.pending > COUNT_LIMIT

    @property
    def late(self) -> bool:
        """Tell whether somebody should look at the worker."""
        return self.lag_seconds > LATE_SECONDS


def intake_status(now: datetime | None = None) -> IntakeStatus:
    """Return the state of the inbox, by queries whose cost does not grow with the facts."""
    now = now or timezone.now()
    oldest = Delivery.objects.pending().values_list("id", flat=True).first()
    newest = Delivery.objects.order_by("-id").values_list("id", flat=True).first()
    return IntakeStatus(
        pending=Delivery.objects.pending()[: COUNT_LIMIT + 1].count() if oldest else 0,
        lag_seconds=max(0.0, (now - made_at(oldest)).total_seconds()) if oldest else 0.0,
        last_received_at=made_at(newest) if newest else None,
        quarantined=QuarantineEntry.objects.waiting()[: COUNT_LIMIT + 1].count(),
    )
