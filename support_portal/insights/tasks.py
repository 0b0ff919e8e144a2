"""Background work on the counts."""

from celery import shared_task

from support_portal.insights import rebuilding


@shared_task(name="insights.catch_up", ignore_result=True)
def catch_up() -> None:
    """Count a day again while the counts are older than the rules of counting."""
    rebuilding.catch_up()


@shared_task(name="insights.forget_minutes", ignore_result=True)
def forget_minutes() -> None:
    """Forget the minutes that are not told apart any more."""
    rebuilding.forget_minutes()
