"""Two inquiries on one failure become one, and what goes on while one is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.events.models import ErrorEvent, Message, Reader
from support_portal.inquiries import clocks, following, services
from support_portal.inquiries.clusters import Cluster, clusters
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.gathering import Busy
from support_portal.inquiries.models import OPEN, Evidence, Follower, Gathering, Inquiry, State
from support_portal.insights import asking
from support_portal.insights.asking import Choice, Question
from support_portal.insights.models import Kind

AHEAD = timedelta(days=1)  # clocks differ: what happens "now" may be dated later
TIMES = {Kind.ERROR: "occurred_at", Kind.MESSAGE: "state_at"}
NAMES = {Kind.ERROR: Named.ERROR, Kind.MESSAGE: Named.MESSAGE}


def join(draft: Inquiry, other: Inquiry, person: User) -> int:
    """Move the evidence of a draft into another open inquiry; return how many pieces that were.

    Whoever followed the draft follows the other one.  The draft is closed: what was typed into it,
    and what the other has no room for or has already, stays there.  What is still being added to it
    would be lost: gathering.Busy.
    """
    if draft.pk == other.pk:
        raise services.NotOpen(other.reference)
    with transaction.atomic():
        held = {
            each.pk: each
            for each in Inquiry.objects.select_for_update()
            .filter(pk__in=[draft.pk, other.pk])
            .order_by("pk")
        }
        left, joined = held[draft.pk], held[other.pk]
        if left.state != State.DRAFT:
            raise services.NotADraft(left.reference)
        if joined.state not in OPEN:
            raise services.NotOpen(joined.reference)
        if Gathering.objects.filter(inquiry=left).exists():
            raise Busy
        moved = _move(left, joined)
        people = User.objects.filter(followed__inquiry=left)
        for each in {person.pk: person, **{one.pk: one for one in people}}.values():
            following.follow(joined, each)
        Follower.objects.filter(inquiry=left).delete()
        left.state, left.version, left.saved_at = State.CLOSED, left.version + 1, timezone.now()
        left.save(update_fields=["state", "version", "saved_at"])
        clocks.reckon(left.pk)
        services.note(left, person, "joined", f"{joined.reference}, {services.pieces(moved)}")
        services.note(
            joined, person, "was joined by", f"{left.reference}, {services.pieces(moved)}"
        )
        services.follow(joined, person)
    return moved


def _move(left: Inquiry, joined: Inquiry) -> int:
    present = set(joined.evidence.values_list("record_id", flat=True))
    rows = [row for row in left.evidence.order_by("id") if row.record_id not in present]
    ids = [row.pk for row in rows[: max(0, services.MOST_EVIDENCE - len(present))]]
    return Evidence.objects.filter(pk__in=ids).update(inquiry=joined, added_at=timezone.now())


@dataclass(frozen=True, slots=True)
class Further:
    """Records of the same failure that came after the newest evidence."""

    number: int
    exact: bool  # False: there may be more
    since: datetime
    room: int  # how many the inquiry still takes


def further(inquiry: Inquiry, reader: Reader, now: datetime) -> Further | None:
    """Count what came since the newest evidence, from the counts; None where there is nothing to go by."""
    rows = list(inquiry.evidence.order_by("id"))
    found, since = _coded(rows), _newest(rows)
    if inquiry.state not in OPEN or not found or since is None:
        return None
    number, exact = 0, True
    for kind in {each.kind for each in found}:
        about = [each for each in found if each.kind is kind]
        codes = Choice(frozenset(each.code for each in about))
        begin = since + timedelta(microseconds=1)
        question = Question(kind, begin, now + AHEAD, reader, {"code": (codes,)})
        cells = asking.cells(question)
        exact &= asking.is_exact(cells)
        number += sum(
            cell.number for cell in cells if any(each.admits(cell.traits) for each in about)
        )
    return Further(number, exact, since, max(0, services.MOST_EVIDENCE - len(rows)))


def freshest(inquiry: Inquiry, reader: Reader, most: int) -> list[Wanted]:
    """Return the newest records of the same failure that came since, at most ``most`` of them."""
    rows = list(inquiry.evidence.order_by("id"))
    since = _newest(rows)
    if since is None:
        return []
    present = {row.record_id for row in rows}
    found: list[tuple[datetime, Wanted]] = []
    for each in _coded(rows):
        model: Any = ErrorEvent if each.kind is Kind.ERROR else Message
        time = TIMES[each.kind]
        newer = model.objects.visible_to(reader).filter(each.on_records, **{f"{time}__gt": since})
        for key, at in newer.newest_first().values_list("pk", time)[: most + len(present)]:
            if key not in present:
                found.append((at, Wanted(NAMES[each.kind], key)))
    newest = sorted(found, key=lambda one: one[0], reverse=True)
    return [wanted for _, wanted in newest[:most]]


def _coded(rows: Sequence[Evidence]) -> list[Cluster]:
    return [each for each in clusters(rows) if each.code is not None]


def _newest(rows: Sequence[Evidence]) -> datetime | None:
    """Return the time of the newest evidence; of a message, since when it is in its state."""
    times = [row.state_at or row.at for row in rows if row.held]
    return max((at for at in times if at), default=None)
