"""For how long mails are kept that a person took off the list, since they answer nothing.

They are kept whole and may hold anybody's text.  Mails of an inquiry are part of it, and mails that
wait for a person stay, however old they are.  A mailbox that is made anew is read again (``polling.BACK``):
with fewer days than that a mail may come back to the list.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length

from support_portal.core.pruning import Amount, Key, Kind, steps
from support_portal.inquiries.models import Mail
from support_portal.inquiries.replies.receiving import LOCK

MAILS = "mails"


def _discarded(oldest: datetime) -> QuerySet[Mail]:
    return Mail.objects.filter(inquiry=None, discarded_at__lt=oldest)


def _amount(mails: QuerySet[Mail]) -> Amount:
    size = mails.aggregate(bytes=Sum(Length("body")))["bytes"] or 0
    return Amount(Counter({"discarded mails": mails.count()}), bytes=size)


def _remove(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        # Somebody may say meanwhile what one answers, so they are held.
        old = _discarded(oldest).filter(pk__in=[pk for _, pk in keys]).select_for_update()
        gone = Mail.objects.filter(pk__in=list(old.values_list("pk", flat=True)))
        amount = _amount(gone)
        # Django reads rows before it deletes them, and a mail may hold files of many megabytes.
        gone.only("pk").delete()
        return amount

    yield from steps(_discarded(oldest), ("discarded_at", "id"), remove, lock=LOCK)


KINDS = (Kind(MAILS, "discarded mails", lambda oldest: _amount(_discarded(oldest)), _remove),)
