"""The items of a delivery read once more, a page of them, and what became of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.dashboard.refusals import title_of
from support_portal.events import models as events
from support_portal.ingest import reports
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.payloads import (
    AccountEvent,
    ApiError,
    BadPart,
    Happening,
    Ignored,
    Item,
    Receipt,
    Record,
    SendAnswer,
    Unrecognised,
    parse,
    split,
)
from support_portal.payloads.ignoring import RULES

PAGE = 50
MOST_RECORDS = 20  # of one item: an answer to a batch tells of thousands
# Where a fact says in which delivery it came first -> the column that finds it.
STORES = (
    (events.ErrorEvent, "error_id"),
    (events.ErrorVariant, "error_id"),
    (events.DeliveryReceipt, "umid"),
    (events.Happening, "umid"),
    (events.AccountEvent, "event_id"),
)


@dataclass(frozen=True, slots=True)
class Became:
    """One record of an item, and what became of it."""

    position: int
    kind: str  # error, message, account_event, ignored, quarantine or more
    key: UUID | None  # None: it belongs to a sub-account that the reader does not look after
    words: str
    fate: str  # new, repeat, ignored, quarantine, pending, hidden or gone
    entry: QuarantineEntry | None = None
    readable: bool = False  # the reader may see the payload


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a delivery holds; only the items of one page are parsed."""

    items: Sequence[Item] = ()
    sealed: bool = False  # it cannot be opened

    def page(self, start: int) -> Sequence[Item]:
        """Return the items of the page that begins at ``start``."""
        return self.items[start : start + PAGE]


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the records of a page."""

    visible: set[UUID] = field(default_factory=set)
    new: set[int] = field(default_factory=set)  # positions with a fact that came first here
    aside: dict[int, QuarantineEntry] = field(default_factory=dict)


def pieces_of(found: Delivery) -> Pieces:
    """Open a delivery and part it."""
    try:
        return Pieces(split(sealing.unseal(found.body)))
    except sealing.Unsealable:
        return Pieces(sealed=True)


def became(person: User, found: Delivery, items: Iterable[Item]) -> list[Became]:
    """Say what became of each item, as far as ``person`` may see it."""
    read = [(item.position, _records(item)) for item in items]
    known = _known(person, found, read)
    shown = [
        _one(person, found, position, record, known)
        for position, records in read
        for record in records[:MOST_RECORDS]
    ]
    more = [
        Became(position, "more", None, f"and {len(records) - MOST_RECORDS:,} records more", "")
        for position, records in read
        if len(records) > MOST_RECORDS
    ]
    return sorted([*shown, *more], key=lambda one: one.position)


def _records(item: Item) -> tuple[Record, ...]:
    try:
        return parse(item.raw)
    except Unrecognised as why:
        return (BadPart(why.reason, why.detail),)


def _known(person: User, found: Delivery, read: Sequence[tuple[int, tuple[Record, ...]]]) -> Known:
    """Ask the database once about all records of the page."""
    keys = [key for _, records in read for one in records[:MOST_RECORDS] if (key := _key(one))]
    known = Known(aside=reports.set_aside_at(found, [position for position, _ in read]))
    for model, column in STORES:
        rows = model._default_manager.filter(**{f"{column}__in": keys, "delivery_id": found.id})
        known.new.update(rows.values_list("position", flat=True))
    errors = events.ErrorEvent.objects.visible_to(person).filter(error_id__in=keys)
    messages = events.Message.objects.visible_to(person).filter(umid__in=keys)
    around = events.Happening.objects.visible_to(person).filter(umid__in=keys)
    known.visible.update(errors.values_list("error_id", flat=True))
    known.visible.update(messages.values_list("umid", flat=True))
    known.visible.update(around.values_list("umid", flat=True))
    return known


def _key(record: Record) -> UUID | None:
    """Return the id that a record is found by."""
    if isinstance(record, ApiError):
        return record.error_id
    if isinstance(record, AccountEvent):
        return record.event_id
    return record.umid if isinstance(record, Receipt | SendAnswer | Happening) else None


def _one(person: User, found: Delivery, position: int, record: Record, known: Known) -> Became:
    everything = person.sub_accounts is None
    entry = known.aside.get(position)
    if isinstance(record, BadPart):
        fate = "pending" if _unread(found, position) else "quarantine"
        words = title_of(entry.reason if entry else record.reason)
        return Became(position, "quarantine", None, words, fate, entry, everything)
    if isinstance(record, Ignored):
        fate = "pending" if _unread(found, position) else "ignored"
        return Became(position, "ignored", None, RULES[record.rule], fate, None, everything)
    kind, words = _kind(record)
    key = _key(record)
    shown = key if key in known.visible else None
    fate = _fate(found, position, known, hidden=shown is None and kind != "account_event")
    return Became(position, kind, shown, words, fate, entry, everything or shown is not None)


def _fate(found: Delivery, position: int, known: Known, *, hidden: bool) -> str:
    if _unread(found, position):
        return "pending"
    if position in known.new:
        return "hidden" if hidden else "new"
    if position in known.aside:
        return "quarantine"
    return "gone" if hidden else "repeat"


def _unread(found: Delivery, position: int) -> bool:
    return found.drained_at is None and position >= found.next_position


def _kind(record: ApiError | Receipt | SendAnswer | Happening | AccountEvent) -> tuple[str, str]:
    """Return what a record is, and words for it."""
    if isinstance(record, ApiError):
        return "error", f"API error {record.code}"
    if isinstance(record, AccountEvent):
        return "account_event", _words(f"{record.kind} {record.status}")
    if isinstance(record, Happening):
        return "message", _words(f"{record.kind} {record.state}")
    detail = record.detail if isinstance(record, Receipt) else ""
    return "message", f"receipt: {record.state} {detail}".rstrip()


def _words(told: str) -> str:
    return told.replace("_", " ").strip()
