"""Starting inquiries, adding evidence, and saving what a person typed without losing anybody's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import User
from support_portal.events.models import Reader
from support_portal.inquiries import counting, following, freezing, templating
from support_portal.inquiries.freezing import Wanted, freeze
from support_portal.inquiries.letters import proposed
from support_portal.inquiries.models import (
    NOT_LEFT,
    OPEN,
    Evidence,
    Gathering,
    History,
    Inquiry,
    Kind,
    Letter,
    State,
)

MOST_EVIDENCE = 5_000
AT_ONCE = 1_000  # pieces that are added while a person waits; what is over that is gathered
PROPOSED = ("subject", "question", "expectation", "ruled_out")
MOST_REMEMBERED = 20  # texts of a template that a form may still be showing
FAILURES = frozenset({"undelivered", "rejected", "failed"})
TYPED = (
    "to", "kind", "subject", "severity", "request_type", "question", "body", "ruled_out",
    "expectation",
)  # fmt: skip
LONGEST = {
    "subject": 200,
    "question": 4_000,
    "body": 20_000,
    "ruled_out": 4_000,
    "expectation": 4_000,
}


class NotADraft(Exception):
    """The letter has gone; what it says stays as it was."""


class NotOpen(Exception):
    """The inquiry is solved or closed; nothing is added to it any more."""


class Overtaken(Exception):
    """Somebody saved another version meanwhile; ``now`` is how it stands."""

    def __init__(self, now: Inquiry) -> None:
        super().__init__(str(now))
        self.now = now


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding: how many are new, were there already, were too many."""

    new: int
    already: int
    over: int
    at: datetime | None = field(default=None, compare=False)  # what ``undo`` takes


def address(inquiry: Inquiry) -> str:
    """Return the page of an inquiry, as notices lead there."""
    return f"/inquiries/{inquiry.pk}/"


def person_name(person: User) -> str:
    """Return what a person is called in histories and letters."""
    return person.get_full_name() or person.get_username()


def start(
    author: User, wanted: Sequence[Wanted], *, kind: str = "", through: Admitted | None = None
) -> Inquiry:
    """Start a draft with evidence; the kind is told from it.

    ``through`` is the token that asks for it: what that may not read counts as not held.
    """
    rows = freeze(wanted[:AT_ONCE], through or author)
    with transaction.atomic():
        inquiry = begin(author, rows, kind, through)
        _keep(inquiry, rows, author, inquiry.created_at)
    return inquiry


def pieces(count: int) -> str:
    """Say how many pieces of evidence there are."""
    return f"{count:,} {'piece' if count == 1 else 'pieces'}"


def begin(
    author: User, rows: Sequence[Evidence], kind: str, through: Admitted | None = None
) -> Inquiry:
    """Start a draft that is about ``rows``, which are put into it by the caller."""
    chosen = Kind(kind) if kind else _kind_of(rows)
    version = templating.current(chosen.value)
    words = proposed(chosen.value, [row.sample for row in rows], version.template)
    inquiry = Inquiry(
        kind=chosen,
        template=version.number,
        to=settings.INQUIRY_RECIPIENTS[0],
        created_by=author,
        owner=author,
        counts=counting.count(chosen, rows, through or author, timezone.now()),
    )
    for name, text in (words | counting.words(inquiry)).items():
        setattr(inquiry, name, text)
        inquiry.generated[name] = [text]
    inquiry.save()
    following.follow(inquiry, author)
    told = f"{chosen.label}, {pieces(len(rows))} of evidence"
    note(inquiry, _doer(author, through), "started", told)
    return inquiry


def add(
    inquiry: Inquiry, wanted: Sequence[Wanted], author: User, *, through: Admitted | None = None
) -> Added:
    """Add evidence to a draft; what is there already stays as it was frozen."""
    with transaction.atomic():
        return _add(locked(inquiry), wanted, author, through)


def add_open(inquiry: Inquiry, wanted: Sequence[Wanted], author: User) -> Added:
    """Add evidence to an inquiry that may have been sent, and let its author follow it.

    A letter that has gone stays as it is: what is added then is beside it, for the next one.
    """
    with transaction.atomic():
        held = locked_open(inquiry)
        following.follow(held, author)
        return _add(held, wanted, author, None)


def _add(held: Inquiry, wanted: Sequence[Wanted], author: User, through: Admitted | None) -> Added:
    added = put(held, wanted, author, through or author, timezone.now())
    if added.new:
        note(held, _doer(author, through), "added evidence", f"{added.new:,}")
        follow(held, through or author)
    return added


def put(
    held: Inquiry, wanted: Sequence[Wanted], author: User, reader: Reader, at: datetime
) -> Added:
    """Put into a locked inquiry what is not there yet, as far as it has room."""
    fresh, rest = lacking(held, wanted)
    rows = freeze(fresh, reader)
    _keep(held, rows, author, at)
    return replace(rest, new=len(rows), at=at)


def lacking(held: Inquiry, wanted: Sequence[Wanted]) -> tuple[list[Wanted], Added]:
    """Return what is not there yet, each once and as far as there is room, and what comes of the rest."""
    present = set(held.evidence.values_list("record_id", flat=True))
    fresh = list({each.value: each for each in wanted if each.value not in present}.values())
    room = max(0, MOST_EVIDENCE - len(present))
    already = sum(each.value in present for each in wanted)
    return fresh[:room], Added(0, already, len(fresh[room:]))


def undo(inquiry: Inquiry, author: User, at: datetime) -> int:
    """Take out again what ``author`` added at that moment; return how many pieces that were.

    A draft that began with it, and to which nobody added a word or a piece, goes with it.
    """
    with transaction.atomic():
        held = locked_open(inquiry)
        if (letter := last_letter(held)) and at <= letter.frozen_at:
            raise NotADraft(held.reference)
        Gathering.objects.filter(inquiry=held, person=author, at=at).delete()
        gone = held.evidence.filter(added_by=author, added_at=at).delete()[0]
        if not gone:
            return 0
        if _is_untouched(held, at):
            held.delete()
        else:
            note(held, author, "took back what was added", f"{gone:,}")
            follow(held, author)
    return gone


def _is_untouched(inquiry: Inquiry, begun: datetime) -> bool:
    return (
        inquiry.created_at == begun
        and inquiry.version == 1
        and not inquiry.evidence.exists()
        and not inquiry.letters.exists()
        and not inquiry.replies.exists()
    )


def remove(inquiry: Inquiry, ids: Iterable[UUID], author: User) -> int:
    """Take evidence out that no letter has told of; return how many pieces that were."""
    with transaction.atomic():
        held = locked_open(inquiry)
        gone = untold(held).filter(record_id__in=list(ids)).delete()[0]
        if not gone and not held.is_draft:
            raise NotADraft(held.reference)
        if gone:
            note(held, author, "removed evidence", f"{gone:,}")
            follow(held, author)
    return gone


def refresh(inquiry: Inquiry, author: User) -> int:
    """Freeze the evidence of a draft anew; return how many pieces read otherwise now.

    What the person may not see any more, or is gone, stays as it was.
    """
    with transaction.atomic():
        held = locked(inquiry)
        before = {row.record_id: row for row in held.evidence.all()}
        changed = []
        for row in freeze(freezing.ids(before.values()), author):
            old = before[row.record_id]
            if row.held and row.sample != old.sample:
                row.pk, row.inquiry, row.added_by, row.added_at = (
                    old.pk, held, old.added_by, timezone.now(),
                )  # fmt: skip
                changed.append(row)
        columns = [field.name for field in Evidence._meta.concrete_fields if not field.primary_key]
        Evidence.objects.bulk_update(changed, columns, batch_size=100)
        if changed:
            note(held, author, "refreshed evidence", f"{len(changed):,}")
            follow(held, author)
    return len(changed)


def tell(
    inquiry: Inquiry, record_id: UUID, author: User, *, at: datetime | None, code: int | None
) -> bool:
    """Note what a person knows about an id that we do not hold."""
    with transaction.atomic():
        held = locked_open(inquiry)
        row = untold(held).filter(record_id=record_id, held=False).first()
        if row is None and not held.is_draft:
            raise NotADraft(held.reference)
        if row is None:
            return False
        known = freezing.told_by_hand(at, code, is_error=row.error_id is not None)
        held.evidence.filter(pk=row.pk).update(**known)
        note(held, author, "told of evidence", str(record_id))
        follow(held, author)
    return True


def save(inquiry: Inquiry, said: Mapping[str, str], author: User, *, base: int) -> Inquiry:
    """Save what was typed over version ``base``, the one its author saw, or raise Overtaken.

    A field that still reads as the template wrote it follows a change of the kind.
    """
    with transaction.atomic():
        held = locked(inquiry)
        if held.version != base:
            raise Overtaken(held)
        before = held.kind
        for name in TYPED:
            # Browsers send other line ends than templates have: the same words are the same.
            setattr(held, name, said.get(name, getattr(held, name)).replace("\r\n", "\n"))
        if held.kind != before:
            held.template = templating.current(held.kind).number
        _propose(held)
        held.version = base + 1
        held.saved_at = timezone.now()
        held.save(update_fields=[*TYPED, "template", "generated", "version", "saved_at"])
        note(held, author, "saved")
    return held


def note(inquiry: Inquiry, author: User | str, what: str, detail: str = "") -> None:
    """Add to the history; the same act of the same person in a row is one line."""
    name = (author if isinstance(author, str) else person_name(author))[:150]
    if what == "saved":
        last = inquiry.history.order_by("-id").first()
        if last and (last.what, last.who) == (what, name):
            History.objects.filter(pk=last.pk).update(at=timezone.now())
            return
    History.objects.create(inquiry=inquiry, who=name, what=what, detail=detail)


def locked(inquiry: Inquiry) -> Inquiry:
    """Return the draft as it stands, for this transaction alone; NotADraft when it has gone."""
    held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
    if held.state != State.DRAFT:
        raise NotADraft(held.reference)
    return held


def _doer(author: User, through: Admitted | None) -> User | str:
    """Return who is said to have done it."""
    return f"{through.name} (a token), for {person_name(author)}" if through else author


def locked_open(inquiry: Inquiry) -> Inquiry:
    """Return an open inquiry as it stands, for this transaction alone; NotOpen when it is over."""
    held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
    if held.state not in OPEN:
        raise NotOpen(held.reference)
    return held


def last_letter(inquiry: Inquiry) -> Letter | None:
    """Return the letter that an inquiry left as, None for a draft."""
    if inquiry.state == State.DRAFT:
        return None
    return inquiry.letters.exclude(state__in=NOT_LEFT).order_by("-id").first()


def untold(inquiry: Inquiry) -> QuerySet[Evidence]:
    """Return the evidence that no letter has told 8x8 of."""
    rows = inquiry.evidence.all()
    if inquiry.is_draft:
        return rows
    letter = last_letter(inquiry)
    return rows.filter(added_at__gt=letter.frozen_at) if letter else rows.none()


def _keep(inquiry: Inquiry, rows: Sequence[Evidence], author: User, now: datetime) -> None:
    for row in rows:
        row.inquiry, row.added_by, row.added_at = inquiry, author, now
    Evidence.objects.bulk_create(rows)


def follow(inquiry: Inquiry, reader: Reader) -> None:
    """Count anew, and let the fields of a draft that nobody touched say what the evidence says now.

    That is no new version: nobody's words change, and a form that is open may still be saved.
    """
    if not inquiry.is_draft:
        return
    now = timezone.now()
    inquiry.counts = counting.count(inquiry.kind, list(inquiry.evidence.all()), reader, now)
    _propose(inquiry)
    inquiry.saved_at = now
    inquiry.save(update_fields=[*PROPOSED, "generated", "counts", "saved_at"])


def templated(inquiry: Inquiry) -> dict[str, str]:
    """Return what the template that made an inquiry says of its evidence now."""
    template = templating.version(inquiry.kind, inquiry.template).template
    return proposed(inquiry.kind, [row.sample for row in inquiry.evidence.all()], template)


def adopt(inquiry: Inquiry, author: User) -> Inquiry:
    """Let the newest version of the template make what nobody typed."""
    with transaction.atomic():
        held = locked(inquiry)
        held.template = templating.current(held.kind).number
        held.save(update_fields=["template"])
        follow(held, author)
        note(held, author, "took the newest template", f"version {held.template}")
    return held


def _propose(inquiry: Inquiry) -> None:
    for name, text in (templated(inquiry) | counting.words(inquiry)).items():
        former = inquiry.generated.get(name, [""])
        if getattr(inquiry, name) in former:
            setattr(inquiry, name, text)
        kept = [each for each in former if each != text]
        inquiry.generated[name] = [text, *kept][:MOST_REMEMBERED]


def _kind_of(rows: Sequence[Evidence]) -> Kind:
    """Tell the kind from the evidence."""
    messages = [row for row in rows if row.held and row.error_id is None]
    if not messages:
        return Kind.API_ERROR
    if any(row.state in FAILURES for row in messages):
        return Kind.FAILED_DELIVERY
    arrived = all(row.state in ("delivered", "read") for row in messages)
    return Kind.LATENCY if arrived else Kind.MISSING_RECEIPTS
