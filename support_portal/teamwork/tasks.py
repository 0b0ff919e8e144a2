"""Looking after what was solved in the background."""

from celery import shared_task
from django.utils import timezone

from support_portal.teamwork import looking, presence


@shared_task(name="teamwork.look", ignore_result=True)
def look() -> None:
    """Open again what was solved and came back."""
    looking.look(timezone.now())


@shared_task(name="teamwork.forget", ignore_result=True)
def forget() -> None:
    """Delete who was at a record long ago."""
    presence.forget(timezone.now())
