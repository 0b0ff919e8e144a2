"""What helps with an id that is not held: what it says itself, what lies near it, how we listened."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.utils import timezone

from support_portal.core.ids import earliest
from support_portal.core.pruning import gone_before
from support_portal.events import retention
from support_portal.events.models import ErrorEvent, Message, Reader, Scoped
from support_portal.ingest.listening.models import DeafInterval
from support_portal.ingest.listening.selectors import deaf_between
from support_portal.ingest.models import Delivery
from support_portal.lookup.hits import Hit, error_hit, message_hit
from support_portal.lookup.resolving import Answer, Item
from support_portal.lookup.team import with_team
from support_portal.lookup.ways import UUID_KINDS
from support_portal.payloads.forensics import IdFamily, examine
from support_portal.payloads.recognise import Thing
from support_portal.payloads.times import parse_time

NEAR = timedelta(seconds=5)
MOST_NEAR = 10
BESIDE = timedelta(hours=1)
MOST_BESIDE = 5  # before and after
LAG_WINDOW = timedelta(minutes=1)
LAG_SAMPLE = 20  # deliveries
_STORES: tuple[tuple[Any, Any, str], ...] = (
    (ErrorEvent, error_hit, "occurred_at"),
    (Message, message_hit, "state_at"),
)
# {"subAccountId": "northwind"}, sub-account=northwind, /subaccounts/northwind/messages
_SUB_ACCOUNT = re.compile(
    r"""sub[ _-]?account(?:[ _-]?id)?s?["'\\]{0,3}\s{0,3}[:=/]\s{0,3}["'\\]{0,3}([A-Za-z0-9_.-]{1,100})""",
    re.IGNORECASE | re.ASCII,
)
_ZONE = re.compile(r"(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Near:
    """A record close to the moment in question."""

    hit: Hit
    offset: float  # seconds after the moment; negative before it


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the intake was behind what came at that moment."""

    seconds: float
    waiting: bool  # some of it has not been read yet


@dataclass(frozen=True, slots=True)
class NotHeld:
    """What may help with a thing that leads nowhere."""

    item: Item
    family: IdFamily | None  # a hint
    moment: datetime | None  # told beside it, or carried inside it
    moment_told: bool
    near: tuple[Near, ...] = ()  # within NEAR
    sub_account: str = ""  # that the text names
    beside: tuple[Near, ...] = ()  # the nearest in that sub-account, within BESIDE
    deaf: tuple[DeafInterval, ...] = ()  # when we did not listen at that moment
    lag: Lag | None = None  # None: nothing came then, or it was removed since
    gone_before: datetime | None = None  # the moment lies before it: records may have been removed


def not_held(item: Item, answer: Answer, reader: Reader) -> NotHeld:
    """Collect what helps with ``item``; the rest of the text tells its time and sub-account."""
    time = _nearest_time(item.thing, answer)
    told = parse_time(time.value) if time else None
    family = _family(item.thing, time, told, answer.text)
    moment = told or (family.embedded_at if family else None)
    if moment is None:
        return NotHeld(item, family, None, moment_told=False)
    sub_account = named_sub_account(answer.text)
    gone = gone_before(retention.ERRORS, retention.MESSAGES)
    return NotHeld(
        item=item,
        family=family,
        moment=moment,
        moment_told=told is not None,
        near=_near(moment, reader),
        sub_account=sub_account,
        beside=_beside(moment, sub_account, reader) if sub_account else (),
        deaf=deaf_between(reader, sub_account, moment - NEAR, moment + NEAR),
        lag=lag_at(moment),
        gone_before=gone if gone and moment < gone else None,
    )


def named_sub_account(text: str) -> str:
    """Return the sub-account that a text names first, "" when it names none."""
    found = _SUB_ACCOUNT.search(text)
    return found[1] if found else ""


def lag_at(moment: datetime) -> Lag | None:
    """Return how long the slowest of what came then waited to be read."""
    first, last = earliest(moment), earliest(moment + LAG_WINDOW)
    came = Delivery.objects.filter(id__range=(first, last)).order_by("id")
    times = list(came.values_list("received_at", "drained_at")[:LAG_SAMPLE])
    if not times:
        return None
    now = timezone.now()
    waited = max((drained or now) - received for received, drained in times)
    return Lag(waited.total_seconds(), waiting=any(drained is None for _, drained in times))


def _nearest_time(thing: Thing, answer: Answer) -> Thing | None:
    """Return the time that stands closest to the thing in the text, on its own line if there is one."""
    times = [each.thing for each in answer.items if each.thing.kind == "time"]
    return min(times, key=lambda time: _distance(time, thing, answer.text), default=None)


def _distance(one: Thing, other: Thing, text: str) -> tuple[int, int]:
    """Return how many lines and characters lie between two things."""
    first, second = sorted((one, other), key=lambda thing: thing.start)
    return text.count("\n", first.end, second.start), second.start - first.end


def _family(thing: Thing, time: Thing | None, told: datetime | None, text: str) -> IdFamily | None:
    if thing.kind not in UUID_KINDS:
        return None
    zoned = time is not None and bool(_ZONE.search(text[time.start : time.end]))
    return examine(UUID(thing.value), told, zoned=zoned)


def _near(moment: datetime, reader: Reader) -> tuple[Near, ...]:
    """Return the newest few records within NEAR of ``moment``, by time."""
    around = (moment - NEAR, moment + NEAR)
    hits = chain.from_iterable(
        map(hit, _newest(model, reader, **{f"{time}__range": around})[:MOST_NEAR])
        for model, hit, time in _STORES
    )
    return _placed(hits, moment)


def _beside(moment: datetime, sub_account: str, reader: Reader) -> tuple[Near, ...]:
    """Return the nearest records of the sub-account on either side of ``moment``."""
    hits = chain.from_iterable(
        _nearest(model, hit, time, moment, sub_account, reader) for model, hit, time in _STORES
    )
    near = _placed(hits, moment)
    middle = bisect_left([each.offset for each in near], 0)
    return near[max(0, middle - MOST_BESIDE) : middle + MOST_BESIDE]


def _nearest(
    model: Any, hit: Any, time: str, moment: datetime, sub_account: str, reader: Reader
) -> Iterator[Hit]:
    own = {"sub_account": sub_account}
    before = {f"{time}__lt": moment, f"{time}__gte": moment - BESIDE}
    after = {f"{time}__gte": moment, f"{time}__lte": moment + BESIDE}
    yield from map(hit, _newest(model, reader, **own, **before)[:MOST_BESIDE])
    yield from map(hit, _newest(model, reader, **own, **after).reverse()[:MOST_BESIDE])


def _newest(model: Any, reader: Reader, **conditions: Any) -> Scoped[Any]:
    rows: Scoped[Any] = model.objects.visible_to(reader).filter(**conditions).newest_first()
    return rows


def _placed(hits: Iterable[Hit], moment: datetime) -> tuple[Near, ...]:
    near = [Near(hit, (hit.at - moment).total_seconds()) for hit in with_team(list(hits))]
    return tuple(sorted(near, key=lambda each: (each.offset, each.hit.id)))
