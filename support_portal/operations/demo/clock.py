"""When things happen: the rhythm of day and week, and how 8x8 prints its clock.

Moments are seconds since 1970 (float): at the sizes of the demo that is several times faster than
datetime arithmetic.
"""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

from support_portal.operations.demo.chance import Weighted
from support_portal.operations.demo.world import Incident, SubAccount, World

HOUR = 3600.0
DAY = 24 * HOUR
SPAN = 16 * DAY  # two weeks before the last two days: so it is known what is usual in these
SINGAPORE = timezone(timedelta(hours=8))
THURSDAY = 3  # 1 January 1970


def first_moment(now: float) -> float:
    """Return the start of the two weeks; the second keeps truncated clock readings inside."""
    return now - SPAN + 1


def moments(dice: Random, world: World, sub: SubAccount, now: float, count: int) -> list[float]:
    """Return ``count`` moments of the two weeks, spread by the local hour and weekday."""
    first = first_moment(now)
    hours = (now - passed * HOUR for passed in range(1, int(SPAN // HOUR) + 1))
    rhythm = Weighted((hour, _busy(world, sub, hour)) for hour in hours)
    return [max(first, hour + dice.random() * HOUR) for hour in rhythm.draw_many(dice, count)]


def _busy(world: World, sub: SubAccount, moment: float) -> float:
    days, seconds = divmod(moment + sub.utc_offset * HOUR, DAY)
    weekday = (int(days) + THURSDAY) % 7
    return world.hours[int(seconds // HOUR)] * world.weekdays[weekday]


def incident_start(incident: Incident, now: float) -> float:
    """Return when the operator failed: the latest such hour after which the campaign has ended."""
    zone = timezone(timedelta(hours=incident.utc_offset))
    hour, minute = (int(part) for part in incident.starts_at.split(":"))
    local = datetime.fromtimestamp(now, zone)
    start = local.replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp()
    over = start + (incident.campaign_minutes + incident.minutes) * 30
    return start if over < now else start - DAY


def plain(moment: float) -> str:
    """Return ``moment`` with microseconds, as our own services print it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")[:26] + "Z"


def stamp(moment: float, style: str) -> str:
    """Return ``moment`` in one of the forms in which 8x8 prints its clock, cut, never rounded."""
    whole, ticks = divmod(int(moment * 1_000_000), 1_000_000)
    zone = SINGAPORE if style == "hundredths_singapore" else UTC
    text = datetime.fromtimestamp(whole, zone).isoformat()[:19]
    fraction = f"{ticks:06d}"
    match style:
        case "hundredths":
            return f"{text}.{fraction[:2]}Z"
        case "seconds":
            return f"{text}Z"
        case "milliseconds":
            return f"{text}.{fraction[:3]}Z"
        case "ticks":
            return f"{text}.{fraction}7Z"
        case "ticks_offset":
            return f"{text}.{fraction}3+00:00"
    return f"{text}.{fraction[:2]}+08:00"
