"""Making the calls that alerts left behind, for people who may still have them made."""

from datetime import datetime

from support_portal.accounts.models import User
from support_portal.browsing.models import AlertCall
from support_portal.core import calls, webhooks


def call_all(now: datetime, seconds: float) -> None:
    """Make the calls that are due, for a while."""
    calls.call_all(AlertCall.objects.select_related("alert__owner"), _secret_for, now, seconds)


def may_call(person: User) -> bool:
    """Tell whether the alerts of a person may call addresses: those who work here and share views."""
    return person.may("share views")


def secret_of(alert_id: object) -> str:
    """Return what the calls of an alert are signed with."""
    return webhooks.secret_of("support_portal.browsing.alerts", alert_id)


def prune(now: datetime) -> None:
    """Forget calls that were made long ago."""
    calls.prune(AlertCall.objects.all(), now)


def _secret_for(call: AlertCall) -> str:
    if not may_call(call.alert.owner):  # any more
        raise webhooks.Refused("Its owner may call nothing any more.")
    return secret_of(call.alert_id)
