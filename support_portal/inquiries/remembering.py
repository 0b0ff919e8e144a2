"""What earlier inquiries came to: remembered on the pages of codes and of errors that are alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db.models import Q

from support_portal.events import readings
from support_portal.events.models import ErrorEvent, Reader
from support_portal.inquiries import desk, freezing
from support_portal.inquiries.hours import between
from support_portal.inquiries.leaks import cleaned
from support_portal.inquiries.models import OVER, Cause, Evidence, Inquiry

MOST, SHOWN = 50, 3
MOST_CODES = 3


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier inquiries on the same came to."""

    total: int
    more: bool  # than are looked at
    causes: Sequence[tuple[str, int]]  # the most frequent first
    answer: timedelta | None  # the median time to a first answer, in business hours
    newest: Sequence[Inquiry]


def of_code(registry: str, code: int, reader: Reader) -> Memory | None:
    """Return what inquiries about a code came to; None when none is over."""
    return _memory(Q(registry=registry, code=code), reader)


def of_group(error: ErrorEvent, reader: Reader) -> Memory | None:
    """Return what inquiries about errors that are like one came to; None when none is over."""
    cluster = freezing.cluster_of(readings.of_error(error), error.group_id)
    return _memory(Q(cluster=cluster), reader)


def _memory(same: Q, reader: Reader) -> Memory | None:
    numbers = Evidence.objects.filter(same).values("inquiry_id")
    over = Inquiry.objects.filter(state__in=OVER, number__in=numbers).exclude(sent_at=None)
    found = list(over.visible_to(reader).newest_first()[: MOST + 1])
    if not found:
        return None
    last = found[:MOST]
    causes = Counter(filter(None, map(cause, last)))
    return Memory(
        len(last), len(found) > MOST, causes.most_common(SHOWN), _answer(last), last[:SHOWN]
    )


def cause(inquiry: Inquiry) -> str:
    """Return what it came from: a word of the list, or what was typed before there was one."""
    if inquiry.cause_kind:
        return Cause(inquiry.cause_kind).label
    return " ".join(inquiry.cause.split())


def _answer(found: Sequence[Inquiry]) -> timedelta | None:
    times = [(each.sent_at, each.answered_at) for each in found]
    hours = desk.current().hours
    took = [between(hours, sent, done).total_seconds() for sent, done in times if sent and done]
    return timedelta(seconds=median(took)) if took else None


def codes_of(inquiry: Inquiry) -> list[tuple[str, int]]:
    """Return the tables and codes that an inquiry is about, the most frequent first."""
    told = inquiry.evidence.exclude(registry="").exclude(code=None)
    counts = Counter(told.values_list("registry", "code"))
    return [
        (registry, code)
        for (registry, code), _ in counts.most_common(MOST_CODES)
        if code is not None
    ]


def outcome(inquiry: Inquiry) -> str:
    """Return what an inquiry came to as the beginning of a note; "" while it is not over or not known.

    Everybody reads notes: nothing of the evidence is in it, and what must not leave is taken out.
    """
    known = any((inquiry.cause_kind, inquiry.cause.strip(), inquiry.fix.strip()))
    if inquiry.state not in OVER or not known:
        return ""
    ticket = f", 8x8's ticket {inquiry.ticket}" if inquiry.ticket else ""
    day = inquiry.solved_at or inquiry.saved_at
    lines = [
        f"{inquiry.reference}{ticket}, {day:%Y-%m-%d}: {inquiry.get_cause_kind_display() or 'outcome'}",
        cleaned(inquiry.cause.strip()),
        f"Fix: {cleaned(inquiry.fix.strip())}" if inquiry.fix.strip() else "",
    ]
    return "\n".join(filter(None, lines))
