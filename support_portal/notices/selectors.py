"""What the bell shows."""

from typing import Any

from support_portal.accounts.models import User
from support_portal.core.bounded import counted, in_words
from support_portal.core.composed import Figure
from support_portal.notices.models import Notice

MOST_COUNTED = 99


def unread_count(person: Any) -> Figure:
    """Return how many notices a person (or the key of one) has not read, as a part of another query."""
    return counted(Notice.objects.of(person).unread(), MOST_COUNTED + 1)


def unread(person: User) -> str:
    """Return how many notices ``person`` has not read: "" for none, 99+ for more than that."""
    return in_words(unread_count(person).queryset.count(), MOST_COUNTED)
