"""Reading the ids, numbers and headers of calls."""

import re
from uuid import UUID

from django.http import HttpRequest

from support_portal.ingest.callers import Refused
from support_portal.payloads.ids import parse_id

# Longer ones are no codes, and Python refuses to read very long numbers.
NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
SHOWN = 60
OWN_NAME = re.compile(r"[!-~]{1,255}")
USUAL_SIZE, LARGEST = 50, 100


def id_of(text: str, name: str) -> UUID:
    """Return the UUID that ``text`` is, in any case and dress; Refused when it is none."""
    found = parse_id(text)
    if found is None:
        raise Refused(404, f"{text[:SHOWN]!r} is no {name}: it is no UUID.")
    return found


def number_of(text: str) -> int:
    """Return the whole number that ``text`` is; Refused when it is none."""
    if not NUMBER.fullmatch(text):
        raise Refused(404, f"{text[:SHOWN]!r} is no code: it is no whole number.")
    return int(text)


def idempotency_key(request: HttpRequest) -> str:
    """Return the machine's own name for a call; Refused when it has none."""
    key = request.headers.get("Idempotency-Key", "")
    if not OWN_NAME.fullmatch(key):
        raise Refused(400, "Send an Idempotency-Key, 1 to 255 visible ASCII characters.")
    return key


def page_limit(request: HttpRequest) -> int:
    """Return how many rows a page shall have."""
    text = request.GET.get("limit", str(USUAL_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= len(text) < 4 and 0 < int(text) <= LARGEST):
        raise Refused(400, f"'limit' is a whole number from 1 to {LARGEST}.")
    return int(text)
