"""Seeing that what was solved has come back.

A group comes back when one of its errors happened after it was solved, an incident when the detector
sees that it goes on.  Both are one look at an index for each that is solved.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.urls import get_script_prefix

from support_portal.accounts.models import User
from support_portal.events.models import ErrorEvent
from support_portal.insights.models import Act, Incident, IncidentStep
from support_portal.notices.models import Kind as Notices
from support_portal.notices.services import News, tell_once
from support_portal.teamwork.models import Kind, Standing, StandingStep, State

AT_ONCE = 200
LOOKED_AFTER = timedelta(days=365)  # that it was solved
WHERE = {Kind.GROUP: "errors/groups", Kind.INCIDENT: "incidents"}
CALLED = {Kind.GROUP: "Errors alike", Kind.INCIDENT: "An incident"}


def look(now: datetime) -> int:
    """Open again what came back, and tell whose it is; return how much that was."""
    return sum(_came_back(each, now) for each in [*_groups(now), *_incidents(now)])


def _solved(kind: Kind, now: datetime) -> QuerySet[Standing]:
    solved = Standing.objects.filter(kind=kind, state=State.SOLVED, since__gt=now - LOOKED_AFTER)
    return solved.select_related("assignee__team").order_by("id")


def _groups(now: datetime) -> Sequence[Standing]:
    later = ErrorEvent.objects.filter(
        group_id=OuterRef("group_id"), occurred_at__gt=OuterRef("since"), occurred_at__lte=now
    )
    solved = _solved(Kind.GROUP, now).alias(group_id=Cast("key", BigIntegerField()))
    return list(solved.filter(Exists(later))[:AT_ONCE])


def _incidents(now: datetime) -> Sequence[Standing]:
    solved = {UUID(each.key): each for each in _solved(Kind.INCIDENT, now)}
    resumed = IncidentStep.objects.filter(incident__in=list(solved), act=Act.RESUMED)
    moments = dict(resumed.order_by("made_at").values_list("incident_id", "made_at"))
    return [solved[id] for id, at in moments.items() if at > solved[id].since]


def _came_back(solved: Standing, now: datetime) -> bool:
    with transaction.atomic():
        same = Standing.objects.filter(pk=solved.pk, state=State.SOLVED, version=solved.version)
        back = {"state": State.OPEN, "since": now, "came_back_at": now, "version": F("version") + 1}
        if not same.update(**back):
            return False
        StandingStep.objects.create(
            kind=solved.kind, key=solved.key, made_at=now, state=State.OPEN, reason="It came back."
        )
        tell_once(_news(solved), now)
    return True


def _news(solved: Standing) -> list[News]:
    """Tell whose it is, and else who said that it is solved."""
    person = solved.assignee
    if person is None:
        steps = StandingStep.objects.filter(kind=solved.kind, key=solved.key, state=State.SOLVED)
        last = steps.select_related("author__team").order_by("-id").first()
        person = last.author if last else None
    kind = Kind(solved.kind)
    if person is None or not person.is_active or not _sees(person, kind, solved.key):
        return []
    link = f"{get_script_prefix()}{WHERE[kind]}/{solved.key}/"
    once = f"came back {solved.pk} {solved.version}"
    text = "It was solved and is open again."
    return [News(person, Notices.ALERT, f"{CALLED[kind]} came back", link, once, text)]


def _sees(person: User, kind: Kind, key: str) -> bool:
    if kind is Kind.GROUP:
        return ErrorEvent.objects.visible_to(person).filter(group_id=int(key)).exists()
    return Incident.objects.visible_to(person).filter(pk=UUID(key)).exists()
