"""For how long facts are kept, and what goes with what.

The age of a fact counts from when it happened, or from when it came where that was later: an old
export that is imported today is not gone tomorrow.  A message goes when none of its receipts is left.
On PostgreSQL receipts go with the partition of their week; on SQLite with their message.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from support_portal.core import partitions
from support_portal.core.locks import hold_for_transaction
from support_portal.core.partitions import Content
from support_portal.core.pruning import Amount, Key, Kind, delete, steps
from support_portal.events import word_store
from support_portal.events.models import (
    AccountEvent,
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
)
from support_portal.events.services import LOCK
from support_portal.events.storage import KEPT_AS, RECEIPTS

log = logging.getLogger(__name__)
ERRORS, MESSAGES = "errors", KEPT_AS
HAPPENINGS, ACCOUNT_EVENTS = "happenings", "account_events"
RECEIPTS_AT_ONCE = 5_000  # those of no week of their own lie together, and have one index


def _before(oldest: datetime) -> Q:
    return Q(occurred_at__lt=oldest, received_at__lt=oldest)


# -- errors, happenings and events of the account ---------------------------------------------------


def _old_errors(oldest: datetime) -> QuerySet[ErrorEvent]:
    return ErrorEvent.objects.filter(_before(oldest))


def _forecast_errors(oldest: datetime) -> Amount:
    names = _old_errors(oldest).values("error_id")
    told = {
        "errors": _old_errors(oldest).count(),
        "variants of errors": ErrorVariant.objects.filter(error_id__in=names).count(),
    }
    return Amount(Counter(told))


def _remove_errors(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        names = [error_id for _, error_id in keys]
        word_store.forget(names)
        amount = delete(ErrorVariant.objects.filter(error_id__in=names), "variants of errors")
        amount.add(delete(ErrorEvent.objects.filter(error_id__in=names), "errors"))
        return amount

    yield from steps(_old_errors(oldest), ("occurred_at", "error_id"), remove, lock=LOCK)


def _forecast_happenings(oldest: datetime) -> Amount:
    return Amount(Counter({"happenings": Happening.objects.filter(_before(oldest)).count()}))


def _remove_happenings(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        mine = Q(umid__in=[umid for _, umid, _ in keys], digest__in=[digest for *_, digest in keys])
        return delete(Happening.objects.filter(mine & _before(oldest)), "happenings")

    old = Happening.objects.filter(_before(oldest))
    yield from steps(old, ("occurred_at", "umid", "digest"), remove, lock=LOCK)


def _forecast_account_events(oldest: datetime) -> Amount:
    old = AccountEvent.objects.filter(_before(oldest))
    return Amount(Counter({"events of the account": old.count()}))


def _remove_account_events(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        mine = AccountEvent.objects.filter(event_id__in=[event_id for _, event_id in keys])
        return delete(mine, "events of the account")

    old = AccountEvent.objects.filter(_before(oldest))
    yield from steps(old, ("occurred_at", "event_id"), remove, lock=LOCK)


# -- messages and their receipts --------------------------------------------------------------------


def _boundary(moment: datetime) -> datetime:
    """Return the moment before which whole partitions end."""
    return partitions.monday(moment) if connection.vendor == "postgresql" else moment


def _old_messages(oldest: datetime) -> QuerySet[Message]:
    """Return the messages all of whose receipts go."""
    kept = DeliveryReceipt.objects.filter(
        umid=OuterRef("umid"), occurred_at__lt=oldest, received_at__gte=oldest
    )
    old = Message.objects.filter(state_at__lt=oldest, last_at__lt=oldest, received_at__lt=oldest)
    return old.filter(~Exists(kept))


def _forecast_messages(oldest: datetime) -> Amount:
    old = _old_messages(oldest)
    amount = Amount(Counter({"messages": old.count()}))
    if not partitions.is_parted(RECEIPTS):
        mine = DeliveryReceipt.objects.filter(umid__in=old.values("umid"))
        amount.rows["receipts"] = mine.count()
        return amount
    for week in _old_weeks(oldest):
        amount.add(_gone(partitions.content(week.name, "received_at", oldest)))
    amount.rows["receipts"] += _count_rest(oldest)
    return amount


def _remove_messages(oldest: datetime) -> Iterator[Amount]:
    parted = partitions.is_parted(RECEIPTS)
    if parted:
        yield from _remove_partitions(oldest)
        yield from _remove_rest(oldest)

    def remove(keys: list[Key]) -> Amount:
        # Looked at once more with the lock held: a receipt may have come.
        still = _old_messages(oldest).filter(umid__in=[umid for _, umid in keys])
        umids = set(still.values_list("umid", flat=True))
        return _without_receipts(umids, oldest) if parted else _with_receipts(umids)

    yield from steps(_old_messages(oldest), ("state_at", "umid"), remove, lock=LOCK)


def _with_receipts(umids: set[UUID]) -> Amount:
    amount = delete(DeliveryReceipt.objects.filter(umid__in=umids), "receipts")
    amount.add(delete(Message.objects.filter(umid__in=umids), "messages"))
    return amount


def _without_receipts(umids: set[UUID], oldest: datetime) -> Amount:
    """Remove messages; one whose receipts could not go stays, for it says where they are."""
    held = DeliveryReceipt.objects.filter(umid__in=umids, occurred_at__lt=oldest)
    gone = umids.difference(held.values_list("umid", flat=True))
    return delete(Message.objects.filter(umid__in=gone), "messages")


def _old_weeks(oldest: datetime) -> list[partitions.Week]:
    return [week for week in partitions.weeks(RECEIPTS) if week.ends <= oldest]


def _remove_partitions(oldest: datetime) -> Iterator[Amount]:
    partitions.drop_gone(RECEIPTS)
    for week in _old_weeks(oldest):
        yield Amount()
        try:
            yield _gone(partitions.let_go(RECEIPTS, week, "received_at", oldest))
        except partitions.StillLocked as locked:
            log.warning("receipts of %s stay for now: %s", f"{week.begins:%Y-%m-%d}", locked)


def _gone(content: Content) -> Amount:
    return Amount(Counter({"receipts": content.rows - content.late}), 1, content.bytes)


def _count_rest(oldest: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {RECEIPTS.rest} WHERE occurred_at < %s AND received_at < %s",  # noqa: S608
            [oldest, oldest],
        )
        return int(cursor.fetchone()[0])


def _remove_rest(oldest: datetime) -> Iterator[Amount]:
    """Remove what lies in no week, some of it at a time."""
    removed = _count_rest(oldest)
    if removed:
        yield Amount()
    while removed:
        with transaction.atomic(), connection.cursor() as cursor:
            hold_for_transaction(LOCK)
            cursor.execute(
                f"DELETE FROM {RECEIPTS.rest} WHERE ctid = ANY(ARRAY(SELECT ctid"  # noqa: S608 - a name
                f" FROM {RECEIPTS.rest} WHERE occurred_at < %s AND received_at < %s LIMIT %s))",
                [oldest, oldest, RECEIPTS_AT_ONCE],
            )
            removed = cursor.rowcount
        if removed:
            yield Amount(Counter({"receipts": removed}))


KINDS = (
    Kind(MESSAGES, "messages and receipts", _forecast_messages, _remove_messages, _boundary),
    Kind(ERRORS, "errors", _forecast_errors, _remove_errors),
    Kind(HAPPENINGS, "what happened around messages", _forecast_happenings, _remove_happenings),
    Kind(ACCOUNT_EVENTS, "events of the account", _forecast_account_events, _remove_account_events),
)
