"""Background work on what is stored."""

from celery import shared_task
from django.utils import timezone

from support_portal.events import storage, usual_store


@shared_task(name="events.keep_partitions", ignore_result=True)
def keep_partitions() -> None:
    """Have a partition for the receipts of every week, on PostgreSQL, before the week begins."""
    storage.keep_partitions(timezone.now())


@shared_task(name="events.measure_delays", ignore_result=True)
def measure_delays() -> None:
    """Measure how long receipts usually take; two at once measure the same."""
    usual_store.measure(timezone.now())
