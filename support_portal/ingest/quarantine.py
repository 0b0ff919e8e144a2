"""What a person decides about an item that was not understood."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from support_portal.core import sealing
from support_portal.ingest import books
from support_portal.ingest.books import Step
from support_portal.ingest.models import Delivery, QuarantineEntry, Source
from support_portal.ingest.opening import told
from support_portal.ingest.quarantine_models import QuarantineState, StepKind
from support_portal.ingest.replaying import read
from support_portal.payloads import split

LONGEST_WHY = 2_000
# Where an item can be put -> where it was, and the word for it in the history.
MOVES = {
    QuarantineState.DISCARDED: (QuarantineState.WAITING, StepKind.DISCARDED),
    QuarantineState.WAITING: (QuarantineState.DISCARDED, StepKind.RESTORED),
}


class Settled(Exception):
    """Somebody has settled the item in the meantime; ``entry`` says who."""

    def __init__(self, entry: QuarantineEntry) -> None:
        super().__init__(entry.state)
        self.entry = entry


class NoReason(ValueError):
    """An item is not discarded or downloaded without saying why."""


class NotUnderstood(ValueError):
    """What was typed is not understood either."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def check(text: str) -> NotUnderstood | None:
    """Return why ``text`` would not be understood, or None when it would."""
    for item in split(_bytes(text)):
        bad, _ = read(item.raw)
        if bad:
            return NotUnderstood(*told(bad))
    return None


def edit(entry_id: UUID, text: str, *, by: str, why: str = "") -> Delivery:
    """Send a mended text through the intake; the item itself stays sealed as it came.

    Raises Settled when somebody was quicker, NotUnderstood when the text would come back.
    """
    if refusal := check(text):
        raise refusal
    body = _bytes(text)
    with transaction.atomic():
        entry = _claim(entry_id, QuarantineState.WAITING)
        delivery = Delivery.objects.create(
            source=Source.EDITED,
            sender=entry.sender,
            token_id=entry.token_id,
            size=len(body),
            body=sealing.seal(body),
            received_at=entry.received_at,
            entry_id=entry.id,
        )
        step = Step(entry.id, StepKind.EDITED, by, why, delivery.id)
        _settle(entry, QuarantineState.EDITED, step)
    return delivery


def discard(entry_id: UUID, *, by: str, why: str) -> None:
    """Put an item away with a reason; it is kept, and can be restored until it is pruned."""
    why = said(why)
    with transaction.atomic():
        entry = _claim(entry_id, QuarantineState.WAITING)
        step = Step(entry.id, StepKind.DISCARDED, by, why)
        _settle(entry, QuarantineState.DISCARDED, step)


def restore(entry_id: UUID, *, by: str) -> None:
    """Let a discarded item wait again."""
    with transaction.atomic():
        entry = _claim(entry_id, QuarantineState.DISCARDED)
        _settle(entry, QuarantineState.WAITING, Step(entry.id, StepKind.RESTORED, by))


def download(entry: QuarantineEntry, *, by: str, why: str) -> bytes:
    """Return an item as it came, and write down who took it and why."""
    why = said(why)
    raw = sealing.unseal(entry.body)
    books.write([Step(entry.id, StepKind.DOWNLOADED, by, why)])
    return raw


def move(
    entries: Sequence[QuarantineEntry], to: QuarantineState, *, by: str, why: str, run_id: UUID
) -> int:
    """Discard or restore many items; call in a transaction, with the lock held."""
    before, kind = MOVES[to]
    there = books.still_in(before, [entry.id for entry in entries])
    mine = [entry for entry in entries if entry.id in there]
    now = timezone.now()
    books.mark(there, to, by, now)
    books.write((Step(entry.id, kind, by, why, run_id=run_id) for entry in mine), now)
    books.count(books.moved(mine, before, to))
    return len(mine)


def said(why: str) -> str:
    """Return a reason fit to be kept; NoReason when there is none."""
    why = why.replace("\r\n", "\n").replace("\x00", "\ufffd").strip()[:LONGEST_WHY]
    if not why:
        raise NoReason("Say why.")
    return why


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _claim(entry_id: UUID, state: QuarantineState) -> QuarantineEntry:
    """Return the item if it still is in ``state``, with the lock held; else Settled."""
    books.hold()
    entry = QuarantineEntry.objects.defer("body").get(id=entry_id)
    if entry.state != state:
        raise Settled(entry)
    return entry


def _settle(entry: QuarantineEntry, to: QuarantineState, step: Step) -> None:
    now = timezone.now()
    books.mark([entry.id], to, step.by, now)
    books.write([step], now)
    books.count(books.moved([entry], QuarantineState(entry.state), to))
