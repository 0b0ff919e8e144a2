"""What every page shows around its contents."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from support_portal.accounts.models import User
from support_portal.dashboard import deaf, reveal
from support_portal.ingest.limits import gate
from support_portal.ingest.selectors import intake_status
from support_portal.knowledge.drift import open_entries
from support_portal.notices.selectors import unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the switch for characters and, once drawn, the intake and the bell."""
    return {
        "intake": SimpleLazyObject(intake_status),
        "not_heard": SimpleLazyObject(lambda: deaf.now(cast(User, request.user))),
        "bell_count": SimpleLazyObject(lambda: unread(cast(User, request.user))),
        "limits": SimpleLazyObject(gate.standing),
        "never_seen": SimpleLazyObject(lambda: _never_seen(cast(User, request.user))),
        "reveal": reveal.switch(request),
    }


def _never_seen(person: User) -> int:
    """Return how many codes and wordings wait for a lead to look at them."""
    return open_entries() if person.may("correct codes") else 0
