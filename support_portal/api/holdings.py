"""Which of many pasted ids the store holds, at a number of queries that does not grow with them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from support_portal.core.sealing import search_digests
from support_portal.events.models import (
    ErrorEvent,
    ErrorEventQuerySet,
    Happening,
    HappeningQuerySet,
    Message,
    MessageQuerySet,
    Reader,
    telling,
)

CANDIDATES = 2  # enough to tell one from several
ID_LENGTH = 32

Rows = QuerySet[ErrorEvent] | QuerySet[Message]


@dataclass(slots=True)
class Wanted:
    """What a text asks for."""

    ids: set[UUID] = field(default_factory=set)
    client_message_ids: set[str] = field(default_factory=set)
    client_batch_ids: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    partial: str = ""


@dataclass(slots=True)
class Held:
    """What of it is there."""

    errors: dict[UUID, ErrorEvent] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    umids: set[UUID] = field(
        default_factory=set
    )  # known only because an error or an answer names them
    batch_ids: set[UUID] = field(default_factory=set)
    client_message_ids: set[str] = field(default_factory=set)
    client_batch_ids: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    partial_errors: list[UUID] = field(default_factory=list)
    partial_messages: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Store:
    """The rows that a reader may see."""

    errors: ErrorEventQuerySet
    messages: MessageQuerySet
    happenings: HappeningQuerySet

    @classmethod
    def of(cls, reader: Reader) -> "Store":
        """Return what ``reader`` may see."""
        return cls(
            ErrorEvent.objects.visible_to(reader),
            Message.objects.visible_to(reader),
            Happening.objects.visible_to(reader),
        )


def hold(wanted: Wanted, reader: Reader) -> Held:
    """Return what the store holds of ``wanted``, as far as ``reader`` may see it."""
    store, held = Store.of(reader), Held()
    if wanted.ids:
        _find_ids(store, wanted.ids, held)
    held.client_message_ids = _told(store, "client_message_id", wanted.client_message_ids)
    held.client_batch_ids = _told(store, "client_batch_id", wanted.client_batch_ids)
    held.phones = _phones(store, wanted.phones)
    if wanted.partial:
        held.partial_errors = _beginning(store.errors, "error_id", wanted.partial)
        held.partial_messages = _beginning(store.messages, "umid", wanted.partial)
    return held


def _find_ids(store: Store, ids: Collection[UUID], held: Held) -> None:
    """Try every kind of id: neither a label nor the shape of an id is certain."""
    errors = store.errors.filter(error_id__in=ids).only("error_id", "code", "channel")
    held.errors = {error.error_id: error for error in errors}
    messages = store.messages.filter(umid__in=ids).only(
        "umid", "state", "channel", "error_code", "error_context"
    )
    held.messages = {message.umid: message for message in messages}
    held.umids = _distinct(store.errors.filter(umid__in=ids), "umid")
    around = store.happenings.around(ids).order_by().values_list("umid", "about")
    held.umids |= {one for pair in around for one in pair if one and one in ids}
    held.batch_ids = _distinct(store.errors.filter(batch_id__in=ids), "batch_id")
    held.batch_ids |= _distinct(store.messages.filter(batch_id__in=ids), "batch_id")


def _told(store: Store, name: str, values: Collection[str]) -> set[str]:
    if not values:
        return set()
    told = telling(name, values)
    errors = _distinct(store.errors.filter(told), name)
    return errors | _distinct(store.messages.filter(told), name)


def _phones(store: Store, numbers: Iterable[str]) -> set[str]:
    by_digest = {digest: number for number in numbers for digest in search_digests(number)}
    if not by_digest:
        return set()
    told = Q(destination_digest__in=list(by_digest))
    digests = _distinct(store.errors.filter(told), "destination_digest")
    digests |= _distinct(store.messages.filter(told), "destination_digest")
    return {by_digest[bytes(digest)] for digest in digests}


def _distinct(rows: Rows, name: str) -> set[Any]:
    return set(rows.order_by().values_list(name, flat=True).distinct())


def _beginning(rows: Rows, name: str, digits: str) -> list[UUID]:
    """Return a few ids that begin with hexadecimal ``digits``, by a range of the index."""
    first, last = UUID(digits.ljust(ID_LENGTH, "0")), UUID(digits.ljust(ID_LENGTH, "f"))
    found = rows.filter((f"{name}__gte", first), (f"{name}__lte", last)).order_by(name)
    return list(found.values_list(name, flat=True)[:CANDIDATES])
