"""What was looked at lately, as the home page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from support_portal.accounts.models import User
from support_portal.browsing import looks
from support_portal.browsing.models import Look
from support_portal.events.models import ErrorEvent, Message
from support_portal.insights.models import Kind
from support_portal.lookup.hits import Hit, error_hit, message_hit
from support_portal.lookup.team import with_team

SHOWN = 8
MINE, TEAM = "mine", "team"


@dataclass(frozen=True, slots=True)
class Looked:
    """A record that somebody looked at."""

    look: Look
    hit: Hit
    who: str  # "" for oneself


def recent(person: User, whose: str = MINE) -> list[Looked]:
    """Return the records that a person or their team looked at last, as far as they may be seen."""
    found = looks.of_team(person, SHOWN) if whose == TEAM else looks.recent(person, SHOWN)
    hits = _hits(found, person)
    shown = [look for look in found if (look.kind, look.key) in hits][:SHOWN]
    told = with_team([hits[look.kind, look.key] for look in shown])
    return [
        Looked(look, hit, _name(look.user) if whose == TEAM else "")
        for look, hit in zip(shown, told, strict=True)
    ]


def _hits(found: Sequence[Look], person: User) -> dict[tuple[str, UUID], Hit]:
    errors, messages = looks.keys(found, Kind.ERROR), looks.keys(found, Kind.MESSAGE)
    hits: dict[tuple[str, UUID], Hit] = {}
    if errors:
        for error in ErrorEvent.objects.visible_to(person).filter(pk__in=errors):
            hits[Kind.ERROR.value, error.pk] = error_hit(error)
    if messages:
        for message in Message.objects.visible_to(person).filter(pk__in=messages):
            hits[Kind.MESSAGE.value, message.pk] = message_hit(message)
    return hits


def _name(person: User) -> str:
    return person.get_full_name() or person.get_username()
