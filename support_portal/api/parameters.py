"""Reading the ids and numbers of an address."""

import re
from uuid import UUID

from support_portal.ingest.callers import Refused
from support_portal.payloads.ids import parse_id

# Longer ones are no codes, and Python refuses to read very long numbers.
NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
SHOWN = 60


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
