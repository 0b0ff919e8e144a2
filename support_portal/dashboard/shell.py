"""What every page shows around its contents."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from support_portal.accounts.models import User
from support_portal.dashboard import deaf, reveal
from support_portal.ingest.limits import gate
from support_portal.ingest.selectors import intake_status
from support_portal.notices.selectors import unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the switch for characters and, once drawn, the intake and the bell."""
    return {
        "intake": SimpleLazyObject(intake_status),
        "not_heard": SimpleLazyObject(lambda: deaf.now(cast(User, request.user))),
        "unread": SimpleLazyObject(lambda: unread(cast(User, request.user))),
        "limits": SimpleLazyObject(gate.standing),
        "reveal": reveal.switch(request),
    }
