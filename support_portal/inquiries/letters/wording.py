"""How values are said in letters; every time is UTC."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from support_portal.reason_codes import registries

if TYPE_CHECKING:
    from support_portal.inquiries.letters.sample import Sample

_MOST_NAMED = 10
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def moment(value: datetime | None) -> str:
    """Say a time, to the microsecond where there are any."""
    if value is None:
        return ""
    written = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return written.removesuffix(".000000") + " UTC"


def minute(value: datetime) -> str:
    """Say a time to the minute."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def code(sample: "Sample") -> str:
    """Say a code with its table and its meaning there."""
    if sample.code is None:
        return ""
    if sample.ambiguous:
        return f"{sample.code} (a number of several tables; which one is not known)"
    table = registries().get(sample.registry)
    if table is None:
        return f"{sample.code} (in none of the tables that we hold)"
    return f"{sample.code} ({table.title}: {sample.meaning})"


def short_code(sample: "Sample") -> str:
    """Say a code with the label of its table."""
    if sample.code is None:
        return ""
    table = registries().get(sample.registry)
    return f"{table.label} {sample.code}" if table else f"{sample.code}"


def http_status(number: int | None) -> str:
    """Say an HTTP status with its name."""
    if number is None:
        return ""
    try:
        return f"{number} {HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


def state(sample: "Sample") -> str:
    """Say a state as 8x8 writes it."""
    return f"{sample.state} / {sample.detail}" if sample.detail else sample.state


def recipient(sample: "Sample") -> str:
    """Say a masked number with its country."""
    place = f" ({sample.country})" if sample.country else ""
    return f"{sample.recipient}{place}" if sample.recipient else sample.country


def span(length: timedelta) -> str:
    """Say a length of time in at most two units."""
    rest = int(length.total_seconds())
    if rest < 1:
        return f"{length.total_seconds():.1f} s"
    parts: list[str] = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


def counted(values: Iterable[str]) -> str:
    """Say how often each value occurs, the most frequent first; "" for none."""
    counts = sorted(Counter(filter(None, values)).items(), key=lambda each: (-each[1], each[0]))
    if len(counts) == 1:
        return counts[0][0]
    named = [f"{value} ({count:,})" for value, count in counts[:_MOST_NAMED]]
    more = len(counts) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def listed(values: list[str]) -> str:
    """Say a few values as a list in a sentence."""
    named = values[:_MOST_NAMED]
    if len(values) > len(named):
        return ", ".join(named) + f" and {len(values) - len(named):,} more"
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def plural(count: int, one: str, many: str = "") -> str:
    """Say a number of things."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
