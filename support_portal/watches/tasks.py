"""Looking for what is watched in the background."""

from celery import shared_task
from django.utils import timezone

from support_portal.watches import looking, services


@shared_task(name="watches.look", ignore_result=True)
def look() -> None:
    """End the watches whose id has arrived or whose time is over."""
    looking.look(timezone.now())


@shared_task(name="watches.prune", ignore_result=True)
def prune() -> None:
    """Delete watches that ended long ago."""
    services.prune(timezone.now())
