"""What an inquiry says of how much there is: asked of the counts, kept with it, shown to who may know."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from support_portal.events.models import Reader, allowed
from support_portal.inquiries.clusters import Cluster, clusters
from support_portal.inquiries.leaks import cleaned
from support_portal.inquiries.letters.counts import Counts, Part, excluded
from support_portal.inquiries.models import Evidence, Inquiry, Kind
from support_portal.inquiries.selectors import incidents_of
from support_portal.insights.asking import Choice, Question
from support_portal.insights.impact import Impact, impact
from support_portal.insights.models import Kind as Records

ALL = "*"
MOST_NAMED = 30
COUNTED = (Kind.API_ERROR, Kind.FAILED_DELIVERY)  # what else is asked about is no failure to count


def count(kind: str, rows: Sequence[Evidence], reader: Reader, now: datetime) -> dict[str, Any]:
    """Return what ``reader`` may know of the failure that most of the evidence is about; {} for nothing."""
    found = [each for each in clusters(rows) if each.code is not None]
    times = [row.state_at or row.at for row in rows if row.held]
    if kind not in COUNTED or not found or not any(times):
        return {}
    main = found[0]
    question = Question(main.kind, now, now, reader, _chosen(main))
    newest = max(at for at in times if at)
    began = [each.began_at for each in incidents_of(rows, reader)]
    measured = impact(question, min(newest, now), now, min(began, default=None))
    if not measured.number:
        return {}
    counts = _counts(main, measured, now, allowed(reader))
    built: dict[str, Any] = msgspec.to_builtins(counts)
    return built


def counts_of(inquiry: Inquiry) -> Counts | None:
    """Return what was counted for an inquiry, where its kind is one that is counted."""
    wanted = inquiry.counts and inquiry.kind in COUNTED
    return msgspec.convert(inquiry.counts, Counts) if wanted else None


def words(inquiry: Inquiry) -> dict[str, str]:
    """Return what the counts put into the fields that a person may change."""
    counts = counts_of(inquiry)
    return {"ruled_out": "\n".join(excluded(counts)) if counts else ""}


def known_to(inquiry: Inquiry, rows: Sequence[Evidence], reader: Reader, now: datetime) -> bool:
    """Count again for a reader who may not know what was counted; tell whether that was done."""
    if not inquiry.counts or may_know(inquiry.counts["scope"], reader):
        return False
    inquiry.counts = count(inquiry.kind, rows, reader, now)
    return True


def may_know(scope: Sequence[str], reader: Reader) -> bool:
    """Tell whether a reader may know what was counted over these sub-accounts."""
    seen = allowed(reader)
    return seen is None or set(scope) <= set(seen)


def hide(inquiry: Inquiry, reader: Reader) -> Inquiry:
    """Take out of an inquiry that is only shown what its reader may not know; it is not saved."""
    if inquiry.counts and not may_know(inquiry.counts["scope"], reader):
        inquiry.counts = {}
    return inquiry


def _chosen(cluster: Cluster) -> dict[str, tuple[Choice, ...]]:
    code = Choice(frozenset({cluster.code}))
    chosen: dict[str, tuple[Choice, ...]] = {"code": (code,)}
    if cluster.kind is Records.MESSAGE:
        chosen["registry"] = (Choice(frozenset({cluster.registry})),)
    return chosen


def _counts(
    cluster: Cluster, measured: Impact, now: datetime, seen: Sequence[str] | None
) -> Counts:
    parts = {
        name: Part(
            _named(spread.touched), tuple(map(cleaned, spread.spared[:MOST_NAMED])), spread.active
        )
        for name, spread in measured.spreads.items()
    }
    return Counts(
        thing="request" if cluster.kind is Records.ERROR else "message",
        codes=f"code {cluster.code}",
        begin=measured.begin,
        end=measured.end,
        counted_at=now,
        number=measured.number,
        exact=measured.exact,
        cut=measured.cut,
        goes_on=measured.goes_on,
        usual=measured.usual,
        weeks=measured.weeks,
        messages=measured.messages,
        traffic=measured.traffic,
        parts=parts,
        scope=(ALL,) if seen is None else tuple(seen),
    )


def _named(touched: Any) -> tuple[tuple[str, int], ...]:
    numbers = Counter({cleaned(name): place.failures for name, place in touched.items()})
    return tuple(numbers.most_common(MOST_NAMED))
