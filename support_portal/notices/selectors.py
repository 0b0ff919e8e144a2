"""What the bell shows."""

from support_portal.accounts.models import User
from support_portal.core.bounded import Counted, in_words
from support_portal.notices.models import Notice

MOST_COUNTED = 99


def unread_count(person: User) -> Counted:
    """Return how many notices ``person`` has not read, as a part of another query."""
    return Counted(Notice.objects.of(person).unread(), MOST_COUNTED + 1)


def unread(person: User) -> str:
    """Return how many notices ``person`` has not read: "" for none, 99+ for more than that."""
    count = Notice.objects.of(person).unread().order_by()[: MOST_COUNTED + 1].count()
    return in_words(count, MOST_COUNTED)
