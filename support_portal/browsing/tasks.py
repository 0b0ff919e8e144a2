"""Background work on what is browsed: making exports, letting go of what is over."""

from celery import shared_task
from django.utils import timezone

from support_portal.browsing import views
from support_portal.browsing.alerts import calling, looking
from support_portal.browsing.exports import jobs
from support_portal.ingest.doorbell import Doorbell

STRETCH = 1.0  # seconds; then the drain and others get their turn
LOOK_AT_ALERTS = "browsing.look_at_alerts"
alert_bell = Doorbell(task=LOOK_AT_ALERTS)


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
    """Delete views that were removed long ago, and calls that were made long ago."""
    now = timezone.now()
    views.prune(now)
    calling.prune(now)


@shared_task(name=LOOK_AT_ALERTS, ignore_result=True)
def look_at_alerts() -> None:
    """Look at the alerts whose turn it is; ring again while some are left."""
    if looking.look(timezone.now(), STRETCH):
        alert_bell.ring()


@shared_task(name="browsing.call_webhooks", ignore_result=True)
def call_webhooks() -> None:
    """Make the calls that are due."""
    calling.call_all(timezone.now(), STRETCH)
