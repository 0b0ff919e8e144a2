"""Every kind of record that goes by age, and when its removal has to wait."""

from datetime import datetime, timedelta

from support_portal.core.pruning import Pruner
from support_portal.events import retention as facts
from support_portal.ingest import retention as arrivals
from support_portal.ingest.models import Delivery
from support_portal.inquiries import retention as answers

KINDS = (*facts.KINDS, *arrivals.KINDS, *answers.KINDS)
BEHIND = timedelta(seconds=10)  # what waits for longer than that goes before

pruner = Pruner(KINDS)


def drain_is_behind(now: datetime) -> bool:
    """Tell whether something has waited for too long to be read."""
    oldest = Delivery.objects.pending().values_list("received_at", flat=True).first()
    return oldest is not None and oldest < now - BEHIND
