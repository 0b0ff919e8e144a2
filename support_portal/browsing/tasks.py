"""Background work on what is browsed: making exports, letting go of what is over."""

from celery import shared_task
from django.utils import timezone

from support_portal.browsing import views
from support_portal.browsing.exports import jobs

STRETCH = 1.0  # seconds; then the drain and others get their turn


@shared_task(name=jobs.TASK, ignore_result=True)
def make_exports() -> None:
    """Make a stretch of a file; ring again while there is more."""
    if jobs.make(STRETCH):
        jobs.bell.ring()


@shared_task(name="browsing.tidy_exports", ignore_result=True)
def tidy_exports() -> None:
    """Let go of files whose time is over."""
    jobs.tidy(timezone.now())


@shared_task(name="browsing.prune_views", ignore_result=True)
def prune_views() -> None:
    """Delete views that were removed long ago."""
    views.prune(timezone.now())
