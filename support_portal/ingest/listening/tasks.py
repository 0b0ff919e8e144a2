"""Watching in the background, and the signs of the worker and of beat."""

from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready

from support_portal.ingest.listening import heartbeat, silence
from support_portal.ingest.listening.models import Role
from support_portal.ingest.listening.services import database_now

_sweep = heartbeat.Heartbeat(heartbeat.this_process(Role.SWEEP))


@shared_task(name="ingest.watch_sweep", ignore_result=True)
def watch_sweep() -> None:
    """Give a sign that what beat asks for is done."""
    _sweep.beat()


@shared_task(name="ingest.watch_senders", ignore_result=True)
def watch_senders() -> None:
    """Record which sub-accounts have fallen silent and which speak again."""
    silence.watch(database_now())


@worker_ready.connect
def _worker_lives(**_: Any) -> None:
    heartbeat.start(Role.WORKER)


@beat_init.connect
def _beat_lives(**_: Any) -> None:
    heartbeat.start(Role.BEAT)
