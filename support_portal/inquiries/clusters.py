"""When evidence is about the same failure: one incident, one inquiry.

It is, when the code is one of the same table, and group, operator or country are shared.  Evidence
that knows none of these places is like other evidence of its code that knows none either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from support_portal.inquiries.models import Evidence
from support_portal.insights.combinations import Combined
from support_portal.insights.models import Kind

MOST = 5  # clusters of one inquiry that are looked at, the largest first


@dataclass(frozen=True, slots=True)
class Cluster:
    """What pieces of evidence have in common."""

    kind: Kind
    key: str  # "api_error:1300"; "state:sent" of messages without a code
    registry: str
    code: int | None
    groups: frozenset[int] = frozenset()  # of errors
    operators: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    size: int = 0

    @property
    def has_places(self) -> bool:
        """Tell whether anything is known of where it is."""
        return bool(self.groups or self.operators or self.countries)

    @property
    def on_evidence(self) -> Q:
        """Return the condition on evidence that is about the same."""
        named = Q(cluster=self.key) | Q(cluster__startswith=f"{self.key}:")
        same = Q(registry=self.registry, code=self.code) & named
        if not self.has_places:
            return same & Q(cluster=self.key, operator="", country="")
        grouped = [f"{self.key}:{group}" for group in self.groups]
        return same & (
            Q(cluster__in=grouped) | Q(operator__in=self.operators) | Q(country__in=self.countries)
        )

    @property
    def on_records(self) -> Q:
        """Return the condition on errors, or on messages, that are about the same."""
        if self.kind is Kind.ERROR:
            if not self.has_places:
                return Q(code=self.code, group_id=0, country="")
            near = Q(group_id__in=self.groups) | Q(country__in=self.countries)
            return Q(code=self.code) & near
        coded = Q(error_code=self.code, error_registry=self.registry)
        if not self.has_places:
            return coded & Q(operator="", country="")
        return coded & (Q(operator__in=self.operators) | Q(country__in=self.countries))

    def admits(self, traits: Combined) -> bool:
        """Tell whether what was counted under a combination is about the same."""
        if traits.kind != self.kind or traits.code != self.code:
            return False
        if self.kind is Kind.MESSAGE and traits.registry != self.registry:
            return False
        if not self.has_places:
            return not (traits.group_id or traits.operator or traits.country)
        return (
            traits.group_id in self.groups
            or traits.operator in self.operators
            or traits.country in self.countries
        )


def clusters(rows: Iterable[Evidence]) -> list[Cluster]:
    """Return the clusters of evidence, the largest first; what has no code and no state has none."""
    found: dict[str, list[Evidence]] = {}
    for row in rows:
        found.setdefault(_parted(row.cluster)[0], []).append(row)
    largest = sorted(found.items(), key=lambda each: -len(each[1]))
    return [_cluster(key, same) for key, same in largest if key][:MOST]


def _cluster(key: str, rows: Sequence[Evidence]) -> Cluster:
    first = rows[0]
    return Cluster(
        Kind.ERROR if first.error_id else Kind.MESSAGE,
        key,
        first.registry,
        first.code,
        groups=frozenset(_parted(name)[1] for name in {row.cluster for row in rows}) - {0},
        operators=frozenset(row.operator for row in rows) - {""},
        countries=frozenset(row.country for row in rows) - {""},
        size=len(rows),
    )


def on_evidence(found: Sequence[Cluster]) -> Q:
    """Return the condition on evidence that is about the same as any of these."""
    either = Q(pk__in=[])
    for each in found:
        either |= each.on_evidence
    return either


def _parted(cluster: str) -> tuple[str, int]:
    """Return what a cluster is about, and its group (0: none is known)."""
    place, _, rest = cluster.partition(":")
    about, _, group = rest.partition(":")
    known = group.removeprefix("-").isdecimal()
    return (f"{place}:{about}" if place else ""), int(group) if known else 0
