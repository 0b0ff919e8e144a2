"""Upkeep in the background."""

from celery import shared_task
from django.utils import timezone

from support_portal.ingest.doorbell import Doorbell
from support_portal.operations.retention import drain_is_behind, pruner

PRUNE = "operations.prune"
SECONDS = 0.5  # then others get their turn

prune_bell = Doorbell(task=PRUNE)


@shared_task(name=PRUNE, ignore_result=True)
def prune() -> None:
    """Remove what is too old for a while; ring again while there is more and nobody waits."""
    now = timezone.now()
    if not drain_is_behind(now) and pruner.push(now, seconds=SECONDS):
        prune_bell.ring()
