"""Background work on the counts."""

from celery import shared_task
from django.utils import timezone

from support_portal.insights import detecting, rebuilding


@shared_task(name="insights.catch_up", ignore_result=True)
def catch_up() -> None:
    """Count a day again while the counts are older than the rules of counting."""
    rebuilding.catch_up()


@shared_task(name="insights.forget_minutes", ignore_result=True)
def forget_minutes() -> None:
    """Forget the minutes that are not told apart any more."""
    rebuilding.forget_minutes()


@shared_task(name="insights.detect", ignore_result=True)
def detect() -> None:
    """Look whether failures have left their bands."""
    detecting.detect(timezone.now())
