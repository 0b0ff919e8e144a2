"""Looking whether views show more than somebody wanted to know of.

Counts answer, never the records.  What an alert says and that it said so is one transaction, in
which the row of the alert is taken from the state it was in: it fires once, whoever dies or looks
at the same time, and then keeps still.
"""

import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from support_portal.browsing.alerts.calling import may_call
from support_portal.browsing.filtering import Filter
from support_portal.browsing.models import Alert, AlertCall, Measure, SavedView
from support_portal.insights import asking
from support_portal.insights.asking import Choice, Question
from support_portal.insights.models import Kind
from support_portal.notices.models import Kind as About
from support_portal.notices.services import News, tell
from support_portal.teamwork.services import muted_keys

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=50)  # beat comes every minute, and a little early
AT_ONCE = 500  # alerts
ENOUGH = 20  # records without which a share says nothing
PLACES = frozenset({"sub_account", "channel", "country", "operator"})  # a share is one of these
NOT_YOURS = "You have this view no more."
LISTS = {Kind.ERROR: "/errors/", Kind.MESSAGE: "/messages/"}
WORDS = {Kind.ERROR: "errors", Kind.MESSAGE: "messages"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in the window of an alert: how many, of how many."""

    number: int
    among: int

    def value(self, measure: str) -> float:
        """Return the number, or the share in per cent; no share of too few."""
        if measure == Measure.COUNT:
            return float(self.number)
        return 100 * self.number / self.among if self.among >= ENOUGH else 0.0


def look(now: datetime, seconds: float) -> bool:
    """Look at the alerts whose turn it is, for a while; tell whether some are left."""
    until = time.monotonic() + seconds
    due = _due(now)
    for alert in due[:AT_ONCE]:
        if time.monotonic() >= until:
            break
        _look_at(alert, now)
    return due.exists()


def _due(now: datetime) -> QuerySet[Alert]:
    """Return the alerts whose turn it is: first those that were never looked at."""
    turn = Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    present = Alert.objects.filter(turn, muted=False, view__removed_at=None, owner__is_active=True)
    order = F("checked_at").asc(nulls_first=True)
    return present.select_related("view", "owner__team").order_by(order, "id")


def _look_at(alert: Alert, now: datetime) -> None:
    mine = Alert.objects.filter(pk=alert.pk, checked_at=alert.checked_at)
    if not mine.update(checked_at=now):  # first, so that one that fails is not the next again
        return
    seen, problem = see(alert, now)
    value = seen.value(alert.measure) if seen else None
    Alert.objects.filter(pk=alert.pk).update(value=value, problem=problem)
    still = alert.fired_at is not None and now < alert.fired_at + timedelta(minutes=alert.pause)
    if seen and value is not None and value > alert.threshold and not still:
        fire(alert, seen, now)


def see(alert: Alert, now: datetime) -> tuple[Seen | None, str]:
    """Count what the view shows in the window of an alert, as its owner may see it; or say why not."""
    if not SavedView.objects.of(alert.owner).filter(pk=alert.view_id).exists():
        return None, NOT_YOURS
    kind = Kind(alert.view.kind)
    query = QueryDict(alert.view.query)
    asked = Filter.read(kind, query, now).timeless()
    asked = replace(asked, begin=now - timedelta(minutes=alert.window), end=now)
    question = asked.question(alert.owner, now)
    if question is None:
        return None, asked.why_uncounted
    question = _heard(question, now)
    cells = asking.cells(question)
    return Seen(asking.total(question, cells), asking.total(_places(question), cells)), ""


def _heard(question: Question, now: datetime) -> Question:
    """Return the question without groups of errors that are muted."""
    muted = muted_keys("group", now) if question.kind == Kind.ERROR else None
    if not muted:
        return question
    groups = [*question.chosen.get("group_id", ()), Choice(frozenset(map(int, muted)), True)]
    return replace(question, chosen={**question.chosen, "group_id": groups})


def _places(question: Question) -> Question:
    """Return the question after everything in the same places."""
    chosen = {name: each for name, each in question.chosen.items() if name in PLACES}
    return replace(question, chosen=chosen, readings=())


def fire(alert: Alert, seen: Seen, now: datetime, *, test: bool = False) -> bool:
    """Tell what an alert has to tell, once; False when somebody did meanwhile."""
    with transaction.atomic():
        if not test:
            same = Alert.objects.filter(pk=alert.pk, fired_at=alert.fired_at, muted=False)
            if not same.update(fired_at=now):
                return False
        title, text = _words(alert, seen, test=test)
        link = f"{LISTS[Kind(alert.view.kind)]}?view={alert.view.slug}"
        if alert.bell:
            once = f"alert {alert.pk} {now.isoformat()}"
            tell([News(alert.owner, About.ALERT, title, link, once, text)], now)
        if alert.webhook and may_call(alert.owner):
            body = _body(alert, seen, now, title, link, test=test)
            AlertCall.objects.create(
                alert=alert, address=alert.webhook, body=body, made_at=now, due_at=now
            )
    log.info("alert %s fired: %s", alert.pk, title)
    return True


def _words(alert: Alert, seen: Seen, *, test: bool) -> tuple[str, str]:
    words = WORDS[Kind(alert.view.kind)]
    told = f"{seen.number:,} {words} in {length(alert.window)}"
    if alert.measure == Measure.SHARE:
        told = f"{seen.value(alert.measure):.1f} % of the {words} ({seen.number:,} of {seen.among:,}) in {length(alert.window)}"
    title = f"“{alert.view.name}”: {told}"
    if test:
        return f"Test of an alert. {title}", "You asked for this; nothing was over its limit."
    return title, f"More than {limit(alert)}. It keeps still for {length(alert.pause)} now."


def limit(alert: Alert) -> str:
    """Return the threshold in words."""
    return f"{alert.threshold:,.10g}{' %' if alert.measure == Measure.SHARE else ''}"


def length(minutes: int) -> str:
    """Return a number of minutes in words."""
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d" if minutes > 1440 else "24 h"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _body(
    alert: Alert, seen: Seen, now: datetime, title: str, link: str, *, test: bool
) -> dict[str, Any]:
    return {
        "alert": str(alert.pk),
        "text": title,  # what chat programs show
        "view": alert.view.name,
        "url": f"{settings.ADDRESS}{link}",
        "measure": alert.measure,
        "value": round(seen.value(alert.measure), 3),
        "threshold": alert.threshold,
        "number": seen.number,
        "among": seen.among,
        "window_minutes": alert.window,
        "fired_at": now.isoformat(),
        "test": test,
    }


def muted(alert: Alert, *, wanted: bool) -> None:
    """Let an alert keep still until somebody wants it again."""
    Alert.objects.filter(pk=alert.pk).update(muted=wanted)


def try_out(alert: Alert, now: datetime) -> str:
    """Tell what an alert would tell now; return why it cannot be looked, "" when it was told."""
    seen, problem = see(alert, now)
    if seen:
        fire(alert, seen, now, test=True)
    return problem
