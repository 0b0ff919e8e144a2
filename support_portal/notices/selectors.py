"""What the bell shows."""

from support_portal.accounts.models import User
from support_portal.notices.models import Notice

MOST_COUNTED = 99


def unread(person: User) -> str:
    """Return how many notices ``person`` has not read: "" for none, 99+ for more than that."""
    count = Notice.objects.of(person).unread().order_by()[: MOST_COUNTED + 1].count()
    if count > MOST_COUNTED:
        return f"{MOST_COUNTED}+"
    return str(count) if count else ""
