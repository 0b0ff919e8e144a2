"""Calls of webhooks as rows: the row is the outbox, and celery only rings.

A call is claimed by putting off its next attempt, so two workers do not make the same and a worker
that dies leaves it to the next attempt.  Whoever dies between the answer and the note of it calls
twice; what is called can tell by the time in the body.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from support_portal.core import webhooks
from support_portal.core.ids import uuid7

log = logging.getLogger(__name__)
ATTEMPTS = 5  # with doubled pauses the last comes a quarter of an hour after the first
PAUSE = timedelta(minutes=1)
KEPT = timedelta(days=30)


class CallState(models.TextChoices):
    """How far a call of a webhook is."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Call(models.Model):
    """One call of a webhook."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    address = models.CharField(max_length=500)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=CallState, default=CallState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.IntegerField(default=0)
    answer = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.address} {self.state}"


C = TypeVar("C", bound=Call)


def call_all(
    calls: "QuerySet[C]", secret_of: Callable[[C], str], now: datetime, seconds: float
) -> None:
    """Make the calls that are due, for a while; ``secret_of`` may refuse one."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and _call_next(calls, secret_of, now):
        pass


def prune(calls: "QuerySet[C]", now: datetime) -> None:
    """Forget calls that were made long ago."""
    calls.filter(made_at__lt=now - KEPT).exclude(state=CallState.WAITING).delete()


def _call_next(calls: "QuerySet[C]", secret_of: Callable[[C], str], now: datetime) -> bool:
    waiting = calls.filter(state=CallState.WAITING, due_at__lte=now)
    call = waiting.order_by("due_at", "id").first()
    if call is None:
        return False
    mine = calls.filter(pk=call.pk, attempts=call.attempts, state=CallState.WAITING)
    due = now + PAUSE * 2**call.attempts
    if mine.update(attempts=F("attempts") + 1, due_at=due):
        call.attempts += 1
        state, answer = _outcome(call, secret_of)
        calls.filter(pk=call.pk).update(state=state, answer=answer[:200])
        log.info("webhook %s: %s %s", call.pk, state, answer)
    return True


def _outcome(call: C, secret_of: Callable[[C], str]) -> tuple[CallState, str]:
    body = json.dumps(call.body, ensure_ascii=False).encode()
    try:
        return CallState.DONE, f"{webhooks.post(call.address, body, secret_of(call))}"
    except webhooks.Refused as why:
        return CallState.FAILED, str(why)
    except webhooks.Unanswered as why:
        over = call.attempts >= ATTEMPTS
        return CallState.FAILED if over else CallState.WAITING, str(why)
