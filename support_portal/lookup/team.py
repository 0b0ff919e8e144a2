"""The team's word on what was found, in one query."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from support_portal.knowledge.opinions import Opinions, opinions
from support_portal.lookup.hits import Hit


def with_team(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits with what the team says about their codes."""
    team = opinions(hit.reading for hit in hits)
    return list(as_told(hits, team))


def as_told(hits: Iterable[Hit], team: Opinions) -> Iterator[Hit]:
    """Return the hits as ``team`` sees their codes."""
    return (
        replace(
            hit, reading=team.on(hit.reading, operator=hit.operator, country=hit.country).reading
        )
        if hit.reading
        else hit
        for hit in hits
    )
