"""The drain as a background task."""

from celery import shared_task

from support_portal.ingest import services
from support_portal.ingest.doorbell import doorbell

# Celery looks for tasks here.
from support_portal.ingest.listening.tasks import watch_senders, watch_sweep

__all__ = ["drain", "watch_senders", "watch_sweep"]

ROUNDS = 50  # then another task gets its turn


@shared_task(name="ingest.drain", ignore_result=True)
def drain() -> None:
    """Drain until nothing waits; after many rounds ring again and let others in."""
    for _ in range(ROUNDS):
        if not services.drain().more:
            return
    doorbell.ring()
