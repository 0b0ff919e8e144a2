"""Incidents: what they are about in words, what belongs to them, and what people do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, zip_longest
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.composed import Composed
from support_portal.core.locks import hold_for_transaction
from support_portal.core.text import kept as clean
from support_portal.events.models import ErrorEvent, Message, Reader, allowed
from support_portal.events.states import FAILURES
from support_portal.insights.asking import Choice, Question
from support_portal.insights.bands import Group
from support_portal.insights.models import Act, Incident, IncidentStep, Kind, State
from support_portal.insights.usual import Kept
from support_portal.reason_codes import registries

TRAITS = ("sub_account", "channel", "country", "operator")
LONGEST_NAME, LONGEST_REASON = 200, 500
MOST_SHOWN = 20
MOST_KEPT = 1_000  # of which each reader is shown those of their own sub-accounts
MOST_TO_MERGE = 30
LOCK = "insights.incidents"  # of all who change incidents: they change several, in any order
API = "api_error"
STATES: Mapping[Act, State] = {
    Act.CONFIRMED: State.CONFIRMED,
    Act.MERGED: State.MERGED,
    Act.CLOSED: State.CLOSED,
}

kept: Kept[list[Incident]] = Kept()


class Refused(ValueError):
    """What was asked cannot be done; ``faults`` says why for each field."""

    def __init__(self, **faults: str) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


class Overtaken(Exception):
    """Somebody else did something with the incident meanwhile."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a person wants to do, and which version of the incident they saw."""

    act: Act
    base: int
    author: User
    reason: str = ""
    name: str = ""
    into: UUID | None = None


def group_of(incident: Incident) -> Group:
    """Return what the detector calls it."""
    places = {name: getattr(incident, name) for name in TRAITS}
    return Group(incident.kind, incident.code, incident.registry, **places)


def title(incident: Incident) -> str:
    """Return the name that somebody gave it, or what it is about."""
    return incident.name or subject(incident)


def subject(incident: Incident) -> str:
    """Say what it is about: API 1300 on northwind_ph_hq."""
    words = {"sub_account": "on", "channel": "on", "country": "to", "operator": "at"}
    told = [
        f"{word} {getattr(incident, name)}"
        for name, word in words.items()
        if getattr(incident, name)
    ]
    return " ".join([_what(incident), *told])


def _what(incident: Incident) -> str:
    if incident.code is None:
        return "Failed messages"
    table = registries().get(API if incident.kind == Kind.ERROR else incident.registry)
    return f"{table.label if table else incident.registry or 'Code'} {incident.code}".strip()


def question(incident: Incident, reader: Reader, now: datetime) -> Question:
    """Return the question about the records that belong to an incident."""
    end = incident.ended_at or now
    return Question(Kind(incident.kind), incident.began_at, end, reader, chosen(incident))


def chosen(incident: Incident) -> dict[str, tuple[Choice, ...]]:
    """Return the traits that its records share."""
    names = [name for name in TRAITS if getattr(incident, name)]
    if incident.code is not None:
        names += ["code"] if incident.kind == Kind.ERROR else ["code", "registry"]
    found: dict[str, tuple[Choice, ...]] = {
        name: (Choice(frozenset({getattr(incident, name)})),) for name in names
    }
    if incident.kind == Kind.MESSAGE and incident.code is None:
        found["state"] = (Choice(FAILURES),)
    return found


def going_on(reader: Reader) -> list[Incident]:
    """Return what is unusual at present, newest first; asked for once in ten seconds."""
    seen = allowed(reader)
    rows = kept.get(
        "going on", lambda: list(Incident.objects.going_on().newest_first()[:MOST_KEPT])
    )
    mine = (each for each in rows if seen is None or each.sub_account in seen)
    return list(islice(mine, MOST_SHOWN))


def of_error(error: ErrorEvent, reader: Reader) -> list[Incident]:
    """Return the incidents that an error is part of."""
    places = error.sub_account, error.channel, error.country
    return _whole(_of_errors(error.occurred_at, allowed(reader), error.code, *places), reader)


def of_message(message: Message, reader: Reader) -> list[Incident]:
    """Return the incidents that a failed message is part of."""
    if message.state not in FAILURES:
        return []
    places = [getattr(message, name) for name in TRAITS]
    told = message.error_code, message.error_registry
    return _whole(_of_messages(message.state_at, allowed(reader), *told, *places), reader)


def _coded(code: Any, registry: Any) -> Q:
    """Return the condition that incidents are of all failed messages, or of this code too."""
    everything = Q(code=None)
    return everything if code is None else everything | Q(code=code, registry=registry)


def _touching(about: Q, at: Any, seen: Any, *places: Any) -> QuerySet[Incident]:
    """Return those at the time whose traits are these, in the order of TRAITS."""
    rows = Incident.objects.filter(sub_account__in=seen) if seen else Incident.objects.all()
    within = Q(over_at__gt=at) | Q(ended_at=None)
    rows = rows.exclude(state=State.CLOSED).filter(about, within, began_at__lte=at)
    for name, place in zip_longest(TRAITS, places, fillvalue=""):
        rows = rows.filter(**{f"{name}__in": ["", place]})
    return rows.select_related("merged_into").newest_first()[:MOST_SHOWN]


_of_errors = Composed(
    lambda at, seen, code, *places: _touching(Q(kind=Kind.ERROR, code=code), at, seen, *places)
)
_of_messages = Composed(
    lambda at, seen, code, registry, *places: _touching(
        Q(kind=Kind.MESSAGE) & _coded(code, registry), at, seen, *places
    )
)


def _whole(rows: Sequence[Incident], reader: Reader) -> list[Incident]:
    """Return each through what it was merged into, once."""
    found = [whole(each, reader) or each for each in rows]
    return list({each.id: each for each in found}.values())


def whole(incident: Incident, reader: Reader) -> Incident | None:
    """Return what an incident was merged into; None where the reader may not know of that."""
    found, seen = incident.merged_into, allowed(reader)
    return found if found and (seen is None or found.sub_account in seen) else None


def history(incident: Incident) -> Sequence[IncidentStep]:
    """Return what was done with it, newest first."""
    return list(incident.steps.select_related("author").order_by("-id"))


def targets(incident: Incident, reader: Reader) -> QuerySet[Incident]:
    """Return what an incident may be merged into."""
    others = Incident.objects.visible_to(reader).unsettled().exclude(pk=incident.pk)
    return others.newest_first()[:MOST_TO_MERGE]


def do(incident_id: UUID, doing: Doing) -> None:
    """Confirm, name, merge or close an incident; nobody does it over somebody else's."""
    name, reason = clean(doing.name), clean(doing.reason)
    _check(doing, name, reason)
    changes: dict[str, object] = {"version": F("version") + 1}
    if doing.act in STATES:
        changes["state"] = STATES[doing.act]
    if doing.act is Act.NAMED or (doing.act is Act.CONFIRMED and name):
        changes["name"] = name
    with transaction.atomic():
        hold_for_transaction(LOCK)
        if doing.act is Act.MERGED:
            changes["merged_into"] = _target(incident_id, doing)
        mine = Incident.objects.unsettled().filter(pk=incident_id, version=doing.base)
        if not mine.update(**changes):
            raise Overtaken
        if doing.act is Act.MERGED:
            Incident.objects.filter(merged_into=incident_id).update(
                merged_into=changes["merged_into"]
            )
        IncidentStep.objects.create(
            incident_id=incident_id,
            act=doing.act,
            author=doing.author,
            reason=reason or (name if doing.act is Act.NAMED else ""),
            made_at=timezone.now(),
        )
    kept.forget()


def _check(doing: Doing, name: str, reason: str) -> None:
    if doing.act is Act.CLOSED and not reason:
        raise Refused(reason="Say why.")
    if len(reason) > LONGEST_REASON:
        raise Refused(reason=f"Up to {LONGEST_REASON} characters.")
    if doing.act is Act.NAMED and not name:
        raise Refused(name="Say what it is called.")
    if len(name) > LONGEST_NAME:
        raise Refused(name=f"Up to {LONGEST_NAME} characters.")
    if doing.act is Act.MERGED and doing.into is None:
        raise Refused(into="Choose the incident that it is part of.")


def _target(incident_id: UUID, doing: Doing) -> UUID:
    open_ones = Incident.objects.visible_to(doing.author).unsettled().exclude(pk=incident_id)
    target = open_ones.filter(pk__in=[doing.into]).first()
    if target is None:
        raise Refused(into="That incident is closed or merged meanwhile. Choose another.")
    return target.id
