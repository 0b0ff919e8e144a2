"""What every page shows around its contents."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from support_portal.accounts.models import User
from support_portal.core.bounded import in_words
from support_portal.dashboard import deaf, incident_words, reveal
from support_portal.ingest.limits import gate
from support_portal.ingest.selectors import intake_status
from support_portal.inquiries.selectors import open_count
from support_portal.knowledge.drift import open_entries
from support_portal.notices.selectors import MOST_COUNTED, unread_count


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template the switch for characters and, once drawn, the intake and the bell."""
    return {
        "intake": SimpleLazyObject(intake_status),
        "not_heard": SimpleLazyObject(lambda: deaf.now(cast(User, request.user))),
        "counts": SimpleLazyObject(lambda: _counts(cast(User, request.user))),
        "limits": SimpleLazyObject(gate.standing),
        "never_seen": SimpleLazyObject(lambda: _never_seen(cast(User, request.user))),
        "unusual": SimpleLazyObject(lambda: incident_words.going_on(cast(User, request.user))),
        "reveal": reveal.switch(request),
    }


def _never_seen(person: User) -> int:
    """Return how many codes and wordings wait for a lead to look at them."""
    return open_entries() if person.may("correct codes") else 0


def _counts(person: User) -> dict[str, str]:
    """Return what waits for a person, in one query: unread notices, open inquiries."""
    parts = {"bell": unread_count(person), "inquiries": open_count(person)}
    row = User.objects.filter(pk=person.pk).values_list(*parts.values()).get()
    return {name: in_words(count, MOST_COUNTED) for name, count in zip(parts, row, strict=True)}
