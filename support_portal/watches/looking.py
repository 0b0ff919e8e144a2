"""Looking for what is watched, and telling whoever waited for it.

Asked by id, away from the recording of facts: watches are few and every column is indexed.  A watch
ends and its notice is made in one transaction, so a bell rings once, whoever dies or looks twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from support_portal.accounts.models import User
from support_portal.events.models import (
    EVERYTHING,
    AccountEvent,
    ErrorEvent,
    Happening,
    Message,
    Reader,
    telling,
)
from support_portal.notices.models import Kind as Notices
from support_portal.notices.services import News, tell
from support_portal.payloads.ids import parse_id
from support_portal.watches.models import Kind, State, Watch

T = TypeVar("T")
AT_ONCE = 1_000
CLIENT_KINDS = (Kind.CLIENT_MESSAGE, Kind.CLIENT_BATCH)
CLIENT_COLUMNS = ("client_message_id", "client_batch_id")
ID_COLUMNS = (
    (ErrorEvent, ("error_id", "umid", "batch_id")),
    (Message, ("umid", "batch_id")),
    (Happening, ("umid", "about")),
    (AccountEvent, ("event_id",)),
)
LABELS: dict[str, str] = {
    Kind.CLIENT_MESSAGE: "clientMessageId: ",
    Kind.CLIENT_BATCH: "clientBatchId: ",
}


def look(now: datetime) -> None:
    """End the watches whose id has arrived, and those whose time is over."""
    _end(_arrived(), State.ARRIVED, now)
    late = Watch.objects.open().filter(expires_at__lte=now)
    _end(list(late.values_list("id", flat=True)), State.EXPIRED, now)


def _arrived() -> list[UUID]:
    """Return the open watches of ids that we hold, as far as the watcher may see them."""
    open_ones = list(Watch.objects.open().select_related("user__team").order_by("id"))
    found: list[UUID] = []
    for some in _in_parts(open_ones):
        known = held(some, EVERYTHING)
        for person, watches in _by_person(watch for watch in some if watch.value in known):
            visible = held(watches, person)
            found += [watch.id for watch in watches if watch.value in visible]
    return found


def held(watches: Sequence[Watch], reader: Reader) -> set[str]:
    """Return the watched values that lead to a record which ``reader`` may see.

    Labels are often wrong, so each is tried as every kind of id, as a lookup does.
    """
    names = {watch.value for watch in watches}
    ids = {id for id in map(parse_id, names) if id}
    found = {str(id) for id in _among(ids, reader)}
    as_ids = {name for name in names if str(parse_id(name)) in found}
    return as_ids | set(_named(names, reader))


def _among(ids: Collection[UUID], reader: Reader) -> Iterator[UUID]:
    if not ids:
        return
    for model, columns in ID_COLUMNS:
        rows: QuerySet[Any] = model.objects.visible_to(reader)
        for column in columns:
            some = rows.filter(**{f"{column}__in": ids}).order_by()
            yield from some.values_list(column, flat=True).distinct()


def _named(names: Collection[str], reader: Reader) -> Iterator[str]:
    if not names:
        return
    for model in (ErrorEvent, Message):
        rows: QuerySet[Any] = model.objects.visible_to(reader)
        for column in CLIENT_COLUMNS:
            some = rows.filter(telling(column, names)).order_by()
            yield from some.values_list(column, flat=True).distinct()


def _in_parts(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]


def _by_person(watches: Iterator[Watch]) -> list[tuple[User, list[Watch]]]:
    grouped: dict[User, list[Watch]] = defaultdict(list)
    for watch in watches:
        grouped[watch.user].append(watch)
    return list(grouped.items())


def _end(ids: Sequence[UUID], state: State, now: datetime) -> None:
    """Tell people that these watches are over, unless somebody else did so meanwhile."""
    for some in _in_parts(ids):
        with transaction.atomic():
            still = Watch.objects.open().filter(id__in=some).order_by("id").select_related("user")
            ending = list(still.select_for_update(of=("self",)))
            ended = Watch.objects.filter(id__in=[watch.id for watch in ending])
            ended.update(state=state, ended_at=now)
            tell([NEWS[state](watch) for watch in ending], now)


def _has_arrived(watch: Watch) -> News:
    return News(
        user=watch.user,
        kind=Notices.ARRIVED,
        title=f"{watch} has arrived",
        text=watch.remark,
        link=address(watch),
        once=f"watch {watch.id}",
    )


def _has_expired(watch: Watch) -> News:
    time = "1 day" if watch.days == 1 else f"{watch.days} days"
    return News(
        user=watch.user,
        kind=Notices.EXPIRED,
        title=f"{watch} did not arrive",
        text=f"Neither 8x8 nor a service of ours reported it in {time}; the watch has ended. "
        + watch.remark,
        link=address(watch),
        once=f"watch {watch.id}",
    )


NEWS = {State.ARRIVED: _has_arrived, State.EXPIRED: _has_expired}


def address(watch: Watch) -> str:
    """Return where what is watched is shown, whatever kind of record it turns out to be."""
    return address_of(watch.kind, watch.value)


def address_of(kind: str, value: str) -> str:
    """Return where an id is shown; names that clients give are told by their label."""
    return f"/e/{quote(LABELS.get(kind, '') + value, safe='')}"
