"""Times as spreadsheets write them: 28/11/2026 05:00, 11/28/2026 5:00 PM, 2026-11-28 05:00.

Which of the first two numbers is the day cannot be told from 03/04/2026, so a person says it.
"""

import re
from collections.abc import Iterable

ISO, DAY_FIRST, MONTH_FIRST = "", "day", "month"
ORDERS = (ISO, DAY_FIRST, MONTH_FIRST)
_DATE = r"(?P<a>[0-9]{1,2})(?P<mark>[/.-])(?P<b>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})"
_ISO_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLOCK = (
    r"(?:,? +|T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:[.][0-9]{1,9})?))?"
    r"(?: ?(?P<half>[AaPp][Mm]))?(?: ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
)
_SHORT = re.compile(_ISO_DATE + _CLOCK)
_NUMBERS = re.compile(_DATE + _CLOCK)


def in_iso(text: str, order: str) -> str:
    """Return a time as ISO 8601 has it; what is no such time stays as it is and is refused later."""
    if found := _SHORT.fullmatch(text):
        return _with_clock(found["date"], found) or text
    found = _NUMBERS.fullmatch(text) if order else None
    if found is None:
        return text
    day, month = (found["a"], found["b"]) if order == DAY_FIRST else (found["b"], found["a"])
    return _with_clock(f"{found['year']}-{int(month):02}-{int(day):02}", found) or text


def is_written(text: str) -> bool:
    """Tell whether a text is a time in one of these forms."""
    return bool(_SHORT.fullmatch(text) or _NUMBERS.fullmatch(text))


def order_of(texts: Iterable[str]) -> str:
    """Return which number is the day where one is too large for a month.

    ISO where none is, or where they contradict each other: then ask.
    """
    dates = [found for text in texts if (found := _NUMBERS.fullmatch(text.strip()))]
    day_first = any(int(date["a"]) > 12 for date in dates)
    month_first = any(int(date["b"]) > 12 for date in dates)
    if day_first == month_first:
        return ISO
    return DAY_FIRST if day_first else MONTH_FIRST


def _with_clock(date: str, found: re.Match[str]) -> str:
    """Return date and clock; "" where the hour is none of a clock with two halves."""
    hour = int(found["hour"])
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + 12 * (half.lower() == "pm")
    zone = (found["zone"] or "Z").replace("UTC", "Z")
    return f"{date}T{hour:02}:{found['minute']}:{found['second'] or '00'}{zone}"
