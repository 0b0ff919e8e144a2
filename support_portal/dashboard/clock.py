"""Times and durations as staff read them: in their zone, with UTC at hand."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86_400
_MONTH, _YEAR = 30.44 * _DAY, 365.25 * _DAY
# From the longest: below this many seconds, the larger unit, its word, the smaller unit, its word.
_SCALES = (
    (_HOUR, _MINUTE, "min", _SECOND, "s"),
    (_DAY, _HOUR, "h", _MINUTE, "min"),
    (60 * _DAY, _DAY, "d", _HOUR, "h"),
    (_YEAR, _MONTH, "mo", _DAY, "d"),
    (float("inf"), _YEAR, "y", _MONTH, "mo"),
)


def iso(moment: datetime) -> str:
    """Return the moment in UTC as machines write it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def utc(moment: datetime) -> str:
    """Return the moment in UTC as it is said on hover, without idle decimals."""
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return f"{written.rstrip('0') if '.' in written else written} UTC"


def clock(moment: datetime) -> str:
    """Return the time of day in the reader's zone, to the hundredth of a second."""
    return _of_day(timezone.localtime(moment))


def _of_day(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}:{local.second:02}.{local.microsecond // 10_000:02}"


def day(moment: datetime) -> str:
    """Return the date in the reader's zone."""
    local = timezone.localtime(moment)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def short_day(moment: datetime) -> str:
    """Return the date in the reader's zone, without the year while it is this one."""
    written = day(moment)
    return written.removesuffix(f" {timezone.localtime().year}")


def short_day_and_clock(moment: datetime) -> tuple[str, str]:
    """Return both at once, for tables: the zone is asked for once."""
    zone = timezone.get_current_timezone()
    local, this_year = moment.astimezone(zone), datetime.now(zone).year
    year = "" if local.year == this_year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1]}{year}", _of_day(local)


def day_and_clock(moment: datetime) -> str:
    """Return date and time in the reader's zone."""
    return f"{day(moment)}, {clock(moment)}"


def duration(length: timedelta | float) -> str:
    """Return a length of time in at most two units: 0.25 s, 6 min 22 s, 5 y 11 mo."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < _MINUTE:
        return _short(seconds)
    large, word, small, small_word = next(scale[1:] for scale in _SCALES if seconds < scale[0])
    whole = int(seconds // large)
    rest = int((seconds - whole * large) // small)
    return f"{whole} {word} {rest} {small_word}" if rest else f"{whole} {word}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how long before or after ``now`` the moment is."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    if -1 < seconds < 1:
        return "now"
    length = duration(_coarse(abs(seconds)))
    return f"{length} ago" if seconds > 0 else f"in {length}"


def _coarse(seconds: float) -> float:
    """Drop what nobody compares: decimals of seconds, and seconds beside minutes."""
    return int(seconds) if seconds < _MINUTE else seconds // _MINUTE * _MINUTE


def _short(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    decimals = 2 if seconds < 10 else 1
    return f"{seconds:.{decimals}f}".rstrip("0").rstrip(".") + " s"
