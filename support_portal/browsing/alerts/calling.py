"""Making the calls that alerts left behind.

A call is claimed by putting off its next attempt, so two workers do not make the same and a worker
that dies leaves it to the next attempt.  Whoever dies between the answer and the note of it calls
twice; what is called can tell by the time in the body.
"""

import json
import logging
import time
from datetime import datetime, timedelta

from django.db.models import F

from support_portal.accounts.models import User
from support_portal.browsing.models import AlertCall, CallState
from support_portal.core import webhooks

log = logging.getLogger(__name__)
ATTEMPTS = 5  # with doubled pauses the last comes a quarter of an hour after the first
PAUSE = timedelta(minutes=1)
KEPT = timedelta(days=30)


def call_all(now: datetime, seconds: float) -> None:
    """Make the calls that are due, for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and _call_next(now):
        pass


def _call_next(now: datetime) -> bool:
    waiting = AlertCall.objects.filter(state=CallState.WAITING, due_at__lte=now)
    call = waiting.select_related("alert__owner").order_by("due_at", "id").first()
    if call is None:
        return False
    mine = AlertCall.objects.filter(pk=call.pk, attempts=call.attempts, state=CallState.WAITING)
    due = now + PAUSE * 2**call.attempts
    if mine.update(attempts=F("attempts") + 1, due_at=due):
        call.attempts += 1
        _call(call)
    return True


def _call(call: AlertCall) -> None:
    body = json.dumps(call.body, ensure_ascii=False).encode()
    state, answer = CallState.WAITING, ""
    try:
        if not may_call(call.alert.owner):  # any more
            raise webhooks.Refused("Its owner may call nothing any more.")
        status = webhooks.post(call.address, body, secret_of(call.alert_id))
        state, answer = CallState.DONE, f"{status}"
    except webhooks.Refused as why:
        state, answer = CallState.FAILED, str(why)
    except webhooks.Unanswered as why:
        state = CallState.FAILED if call.attempts >= ATTEMPTS else CallState.WAITING
        answer = str(why)
    AlertCall.objects.filter(pk=call.pk).update(state=state, answer=answer[:200])
    log.info("webhook %s: %s %s", call.pk, state, answer)


def may_call(person: User) -> bool:
    """Tell whether the alerts of a person may call addresses: those who work here and share views."""
    return person.may("share views")


def secret_of(alert_id: object) -> str:
    """Return what the calls of an alert are signed with."""
    return webhooks.secret_of("support_portal.browsing.alerts", alert_id)


def prune(now: datetime) -> None:
    """Forget calls that were made long ago."""
    AlertCall.objects.filter(made_at__lt=now - KEPT).exclude(state=CallState.WAITING).delete()
