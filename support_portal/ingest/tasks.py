"""The drain and the reading of files as background tasks."""

from celery import shared_task

from support_portal.ingest import services
from support_portal.ingest.doorbell import READ_FILES, doorbell, file_bell
from support_portal.ingest.files import services as files

# Celery looks for tasks here.
from support_portal.ingest.listening.tasks import watch_senders, watch_sweep

__all__ = ["drain", "read_files", "tidy_files", "watch_senders", "watch_sweep"]

ROUNDS = 50  # then another task gets its turn


@shared_task(name="ingest.drain", ignore_result=True)
def drain() -> None:
    """Drain until nothing waits; after many rounds ring again and let others in."""
    for _ in range(ROUNDS):
        if not services.drain().more:
            return
    doorbell.ring()


@shared_task(name=READ_FILES, ignore_result=True)
def read_files() -> None:
    """Read a stretch of a file; ring again while there is more, so that others get their turn."""
    if files.read_on():
        file_bell.ring()


@shared_task(name="ingest.tidy_files", ignore_result=True)
def tidy_files() -> None:
    """End uploads that broke off, and let go of what nobody came back for."""
    files.tidy()
