"""Looking after what was solved in the background."""

from celery import shared_task
from django.utils import timezone

from support_portal.teamwork import looking


@shared_task(name="teamwork.look", ignore_result=True)
def look() -> None:
    """Open again what was solved and came back."""
    looking.look(timezone.now())
