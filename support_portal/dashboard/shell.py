"""What every page shows around its contents."""

from collections.abc import Collection
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from support_portal.accounts.models import User
from support_portal.core.bounded import in_words
from support_portal.core.composed import Figure, Figures
from support_portal.dashboard import deaf, incident_words, reveal
from support_portal.events.models import Seeing
from support_portal.ingest import selectors
from support_portal.ingest.limits import gate
from support_portal.inquiries import selectors as inquiries
from support_portal.knowledge import drift
from support_portal.notices import selectors as notices


def _asked(person: Any, sub_accounts: Collection[Any] | None) -> dict[str, Figure]:
    reader = Seeing(sub_accounts)
    return {
        **selectors.figures(),
        **deaf.figures(reader),
        "unread": notices.unread_count(person),
        "inquiries": inquiries.open_count(reader),
        "never_seen": drift.open_count(),
    }


_figures = Figures(_asked)  # of all that stands around a page, in one query


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the switch for characters and, once drawn, the intake and the bell."""
    found: Any = SimpleLazyObject(lambda: _found(cast(User, request.user)))
    return {
        "intake": SimpleLazyObject(lambda: selectors.intake(found, timezone.now())),
        "not_heard": SimpleLazyObject(lambda: deaf.now(found)),
        "bell_count": SimpleLazyObject(lambda: _in_words(found["unread"])),
        "open_inquiries": SimpleLazyObject(lambda: _in_words(found["inquiries"])),
        "limits": SimpleLazyObject(gate.standing),
        "never_seen": SimpleLazyObject(lambda: found["never_seen"]),
        "unusual": SimpleLazyObject(lambda: incident_words.going_on(cast(User, request.user))),
        "reveal": reveal.switch(request),
    }


def _found(person: User) -> dict[str, Any]:
    found = _figures(person.pk, person.sub_accounts)
    return found if person.may("correct codes") else {**found, "never_seen": 0}


def _in_words(count: int) -> str:
    return in_words(count, notices.MOST_COUNTED)
