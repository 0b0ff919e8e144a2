"""Background work on what is kept about browsing."""

from celery import shared_task
from django.utils import timezone

from support_portal.browsing import views


@shared_task(name="browsing.prune_views", ignore_result=True)
def prune_views() -> None:
    """Delete views that were removed long ago."""
    views.prune(timezone.now())
