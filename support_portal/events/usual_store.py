"""Measuring usual delays from a bounded recent sample, and reading what was measured."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from support_portal.core.composed import Composed
from support_portal.core.locks import hold_for_transaction
from support_portal.events import receipt_store, states
from support_portal.events.models import Message, UsualDelay
from support_portal.events.usual import Delay, Leg, Route, Usual, Usuals, delays, measured

LOCK = "events.usual_delays"
# The newest messages of each channel, found by the index that lists them; never all of them.
MESSAGES_A_CHANNEL = 3_000
MOST_CHANNELS = 20
AT_ONCE = 500
OLDEST = timedelta(days=90)  # what was usual before that says nothing about today
Sampled = tuple[UUID, str, str, datetime, datetime]  # umid, country, operator, span of receipts


_usuals = Composed(
    lambda country, operator: UsualDelay.objects.filter(
        country__in=["", country], operator__in=["", operator]
    )
)


def usuals(country: str, operator: str) -> Usuals:
    """Return the usual delays to a country and operator, in one query."""
    rows = _usuals(country, operator)
    return Usuals(map(_usual, rows), country=country, operator=operator)


def measure(now: datetime) -> int:
    """Measure the newest messages and return how many routes are known now.

    A route of which the sample holds too few keeps what was measured before, until that is old.
    """
    found = _measured(now)
    with transaction.atomic():
        hold_for_transaction(LOCK)
        kept = {usual.route: usual for usual in map(_usual, UsualDelay.objects.all())}
        known = [*(kept | found).values()]
        recent = [usual for usual in known if usual.ended_at > now - OLDEST]
        UsualDelay.objects.all().delete()
        UsualDelay.objects.bulk_create(map(_row, recent), batch_size=AT_ONCE)
    return len(recent)


def _measured(now: datetime) -> dict[Route, Usual]:
    samples: dict[Route, list[Delay]] = defaultdict(list)
    for channel in _channels():
        newest = _newest(channel, now)
        for start in range(0, len(newest), AT_ONCE):
            for route, delay in _samples(newest[start : start + AT_ONCE]):
                samples[route].append(delay)
    found = (measured(route, told) for route, told in samples.items())
    return {usual.route: usual for usual in found if usual}


def _channels() -> Iterator[str]:
    """Yield the channels there are, each found by one step in the index."""
    channel = ""
    for _ in range(MOST_CHANNELS):
        later = Message.objects.filter(channel__gt=channel).order_by("channel", "state_at", "umid")
        found = later.values_list("channel", flat=True).first()
        if found is None:
            return
        channel = found
        yield channel


def _newest(channel: str, now: datetime) -> list[Sampled]:
    told = Message.objects.filter(
        channel=channel, state_at__lte=now, state_at__gt=now - OLDEST
    ).newest_first()
    fields = ("umid", "country", "operator", "first_at", "last_at")
    return list(told.values_list(*fields)[:MESSAGES_A_CHANNEL])


def _samples(messages: Sequence[Sampled]) -> Iterator[tuple[Route, Delay]]:
    receipts = receipt_store.find({umid: (first, last) for umid, _, _, first, last in messages})
    for umid, country, operator, *_ in messages:
        for lane in states.lanes(receipts[umid]):
            for delay in delays(lane):
                route = Route(delay.leg, delay.channel, country, operator if country else "")
                yield from ((wider, delay) for wider in route.wider())


def _usual(row: UsualDelay) -> Usual:
    route = Route(Leg(row.leg), row.channel, row.country, row.operator)
    return Usual(route, row.samples, row.half, row.most, row.began_at, row.ended_at)


def _row(usual: Usual) -> UsualDelay:
    leg, channel, country, operator = usual.route
    return UsualDelay(
        leg=leg,
        channel=channel,
        country=country,
        operator=operator,
        samples=usual.samples,
        half=usual.half,
        most=usual.most,
        began_at=usual.began_at,
        ended_at=usual.ended_at,
    )
