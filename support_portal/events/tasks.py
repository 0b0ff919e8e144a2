"""Background work on what is stored."""

from celery import shared_task
from django.utils import timezone

from support_portal.events import usual_store


@shared_task(name="events.measure_delays", ignore_result=True)
def measure_delays() -> None:
    """Measure how long receipts usually take; two at once measure the same."""
    usual_store.measure(timezone.now())
