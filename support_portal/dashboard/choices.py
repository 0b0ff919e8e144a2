"""What filters offer: the words that 8x8 uses, and the sub-accounts a person may see."""

from django.core.cache import cache
from django.db.models import Min

from support_portal.accounts.models import User
from support_portal.events.models import ErrorEvent, Message

CHANNELS = (
    "sms",
    "whatsapp",
    "viber",
    "rcs",
    "line",
    "linenotification",
    "zalonotification",
)
STATES = ("queued", "sent", "delivered", "read", "undelivered", "rejected", "failed")
MOST_SUB_ACCOUNTS = 30
KEPT_FOR = 300  # seconds; a new sub-account can be typed into the address meanwhile


def sub_accounts(user: User) -> list[str]:
    """Return the sub-accounts to offer to ``user``, at most MOST_SUB_ACCOUNTS."""
    if user.sub_accounts is not None:
        return sorted(user.sub_accounts)[:MOST_SUB_ACCOUNTS]
    return cache.get_or_set("dashboard.sub_accounts", _all_sub_accounts, KEPT_FOR) or []


def _all_sub_accounts() -> list[str]:
    """Hop along the index from name to name: DISTINCT would read all of it."""
    found: list[str] = []
    name = ""
    while len(found) < MOST_SUB_ACCOUNTS:
        following = [
            model._default_manager.filter(sub_account__gt=name).aggregate(next=Min("sub_account"))[
                "next"
            ]
            for model in (ErrorEvent, Message)
        ]
        if not any(following):
            break
        name = min(word for word in following if word)
        found.append(name)
    return found
