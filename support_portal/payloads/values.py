"""Single values of a payload, made safe for a column: texts, codes, ids, times."""

import re
from datetime import datetime
from uuid import UUID

from support_portal.payloads.ids import parse_id
from support_portal.payloads.records import Unrecognised
from support_portal.payloads.times import parse_time

Scalar = str | int | float | bool | None

ID_LENGTH = 350
MESSAGE_LENGTH = 2000
PATH_LENGTH = 1000
STATE_LENGTH = 40
SHORT_LENGTH = 100

_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,10})\s*", re.ASCII)
_LOWEST, _HIGHEST = -(2**31), 2**31 - 1
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 599
_LAST_STEP = 1000


def text(value: Scalar, limit: int = SHORT_LENGTH) -> str:
    """Return a text a column takes: no NUL, no half characters, no more than ``limit`` long."""
    if value is None or isinstance(value, bool):
        return ""
    if not isinstance(value, str):
        value = str(value)
    if len(value) > limit:
        value = value[: limit - 1] + "…"
    if not value.isascii():
        value = _SURROGATE.sub(_REPLACEMENT, value)
    # PostgreSQL refuses the NUL character in any text.
    return value.replace("\0", _REPLACEMENT)


def number(value: Scalar) -> int | None:
    """Return the whole number ``value`` is, or None; booleans are no numbers."""
    if isinstance(value, str):
        found = _WHOLE.fullmatch(value)
        value = int(found[1]) if found else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if _LOWEST <= value <= _HIGHEST else None


def code(value: Scalar, field: str) -> int:
    """Return the code in ``value``, or raise Unrecognised."""
    found = number(value)
    if found is None:
        raise Unrecognised("bad_code", f"{field} is missing or is not a usable whole number.")
    return found


def http_status(value: Scalar) -> int | None:
    """Return an HTTP status, or None where there is no usable one."""
    found = number(value)
    if found is None or not _LOWEST_STATUS <= found <= _HIGHEST_STATUS:
        return None
    return found


def step(value: Scalar) -> int:
    """Return the step of a fallback chain, 0 where it is not told."""
    found = number(value) or 0
    return found if 0 < found < _LAST_STEP else 0


def optional_id(value: Scalar) -> UUID | None:
    """Return the UUID in ``value`` or None."""
    return parse_id(value) if isinstance(value, str) else None


def required_id(value: Scalar, field: str, slug: str) -> UUID:
    """Return the UUID in ``value``, or raise Unrecognised under no_… or bad_…."""
    if value is None or value == "":
        raise Unrecognised(f"no_{slug}", f"The payload has no {field}.")
    found = optional_id(value)
    if found is None:
        raise Unrecognised(f"bad_{slug}", f"{field} is not a UUID.")
    return found


def optional_time(value: Scalar) -> datetime | None:
    """Return the moment in ``value`` or None."""
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


def required_time(value: Scalar, field: str) -> datetime:
    """Return the moment in ``value``, or raise Unrecognised."""
    if not isinstance(value, str):
        raise Unrecognised("bad_time", f"{field} is missing or is not a text.")
    try:
        return parse_time(value)
    except ValueError as error:
        raise Unrecognised("bad_time", f"{field} cannot be read: {error}.") from error
