"""What pages ask about inquiries."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from support_portal.core.bounded import counted
from support_portal.core.composed import Figure
from support_portal.events.models import Reader, allowed
from support_portal.inquiries.models import Evidence, Inquiry, Letter, State

MOST_COUNTED = 99
MOST_ALIKE = 5
MOST_REMEMBERED, SHOWN_REMEMBERED = 50, 3


def open_count(reader: Reader) -> Figure:
    """Return how many open inquiries ``reader`` sees, as a part of another query."""
    return counted(Inquiry.objects.open().visible_to(reader), MOST_COUNTED + 1)


def evidence_counts(numbers: Iterable[int]) -> dict[int, int]:
    """Return how many pieces of evidence each inquiry has."""
    rows = Evidence.objects.filter(inquiry__in=list(numbers)).values_list("inquiry_id")
    return dict(rows.annotate(total=Count("id")).order_by())


def drafts(reader: Reader) -> QuerySet[Inquiry]:
    """Return the drafts that evidence can be added to, newest first."""
    return (
        Inquiry.objects.visible_to(reader)
        .filter(state=State.DRAFT)
        .select_related("created_by")
        .newest_first()
    )


def alike(clusters: Collection[str], reader: Reader, *, beside: int = 0) -> list[Inquiry]:
    """Return open inquiries with evidence of the same clusters, the newest few."""
    clusters = set(filter(None, clusters))
    if not clusters:
        return []
    same = Evidence.objects.filter(cluster__in=clusters).values("inquiry_id")
    found = Inquiry.objects.open().visible_to(reader).filter(number__in=same)
    return list(
        found.exclude(number=beside).select_related("created_by").newest_first()[:MOST_ALIKE]
    )


def letters_of(inquiry: Inquiry, reader: Reader) -> list[Letter]:
    """Return the letters of which ``reader`` may see every sample, the last one first.

    One that was withdrawn may tell of evidence that was taken out of the inquiry since.
    """
    seen = allowed(reader)
    letters = inquiry.letters.order_by("-id")
    return [each for each in letters if seen is None or _sub_accounts(each) <= set(seen)]


def _sub_accounts(letter: Letter) -> set[str]:
    """Return the sub-accounts that a letter tells of; "" where none is known."""
    return {json.loads(line)["subAccountId"] or "" for line in letter.ndjson.splitlines()}


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier inquiries about a code came to."""

    total: int
    causes: Sequence[tuple[str, int]]  # the most frequent first
    newest: Sequence[Inquiry]


def memory(registry: str, code: int, reader: Reader) -> Memory | None:
    """Return what became of the last inquiries about a code; None when there are none."""
    same = Evidence.objects.filter(registry=registry, code=code).values("inquiry_id")
    over = Inquiry.objects.filter(state__in=(State.SOLVED, State.CLOSED), number__in=same)
    found = list(
        over.visible_to(reader).exclude(letters=None).newest_first().distinct()[:MOST_REMEMBERED]
    )
    if not found:
        return None
    causes = Counter(" ".join(each.cause.split()) for each in found if each.cause.strip())
    return Memory(len(found), causes.most_common(SHOWN_REMEMBERED), found[:SHOWN_REMEMBERED])
