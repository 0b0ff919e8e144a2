"""The drain, the reading of files and passes over the quarantine as background tasks."""

from celery import shared_task

from support_portal.ingest import runs, services
from support_portal.ingest.doorbell import READ_FILES, doorbell, file_bell, runs_bell
from support_portal.ingest.files import services as files

# Celery looks for tasks here.
from support_portal.ingest.listening.tasks import watch_senders, watch_sweep
from support_portal.ingest.quarantine_models import QuarantineRun

__all__ = ["drain", "push_runs", "read_files", "tidy_files", "watch_senders", "watch_sweep"]

ROUNDS = 50  # then another task gets its turn
RUN_SECONDS = 2.0


@shared_task(name="ingest.drain", ignore_result=True)
def drain() -> None:
    """Drain until little waits; after many rounds ring again and let others in.

    What comes meanwhile has rung for itself: under a steady stream many small batches would cost
    the machine more than the stream does.
    """
    for _ in range(ROUNDS):
        if not services.drain().again:
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


@shared_task(name="ingest.quarantine_runs", ignore_result=True)
def push_runs() -> None:
    """Push the oldest pass for a while, then let others in; the row knows where it was."""
    oldest = QuarantineRun.objects.under_way().values_list("id", flat=True).first()
    if oldest is None:
        return
    if runs.push(oldest, seconds=RUN_SECONDS) is not runs.Pace.WAITS:
        runs_bell.ring()
