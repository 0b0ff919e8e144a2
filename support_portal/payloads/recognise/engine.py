"""Everything in a pasted text that can be looked up: ids, numbers, codes, times."""

import re
from collections.abc import Iterator

from support_portal.payloads.phones import leading_number
from support_portal.payloads.recognise import cut_ids, mail
from support_portal.payloads.recognise.client_ids import client_ids
from support_portal.payloads.recognise.escapes import unescaped
from support_portal.payloads.recognise.numbers import codes, phones
from support_portal.payloads.recognise.packed import unpacked
from support_portal.payloads.recognise.readings import Reading
from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import Thing, distinct
from support_portal.payloads.recognise.times import times
from support_portal.payloads.recognise.uuids import uuids

LONGEST_TEXT = 5_000_000
# A mail in base64, in it a body in base64; nobody packs more often.
_MOST_LAYERS = 3
# In the order in which they claim a place.
_SEARCHES = (client_ids, uuids, times, phones, codes, cut_ids.cut_ids)
_LONGEST_WORD = 100
_CUT = " \t\r\n\"'`{}()[]<>.?*-"
_INTEGER = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_DIGITS = re.compile(r"[1-9][0-9]{9,14}", re.ASCII)


def recognise(text: str) -> list[Thing]:
    """Return each distinct thing in ``text`` once, in order of appearance.

    Characters behind LONGEST_TEXT are not read; ``unread`` tells how many.
    """
    reading = unescaped(mail.as_written(Reading(text[:LONGEST_TEXT])))
    return distinct(_things(reading, _MOST_LAYERS)) or _alone(reading)


def unread(text: str) -> int:
    """Return how many characters of ``text`` were left out for its length."""
    return max(0, len(text) - LONGEST_TEXT)


def _things(reading: Reading, layers: int) -> Iterator[Thing]:
    scan = Scan(reading)
    if layers:
        places, inner = unpacked(reading)
        for place in places:
            scan.take(*place)
        if places:
            yield from _things(unescaped(inner), layers - 1)
    for search in _SEARCHES:
        for thing in search(scan):
            if scan.take(thing.start, thing.end):
                yield _placed(thing, reading)


def _placed(thing: Thing, reading: Reading) -> Thing:
    start, end = reading.origin(thing.start, thing.end)
    return thing if (start, end) == thing[2:4] else thing._replace(start=start, end=end)


def _alone(reading: Reading) -> list[Thing]:
    """Read a text that holds nothing else: a bare number, or an id that was cut short."""
    text = reading.text
    bare = text.strip(_CUT) if len(text) <= _LONGEST_WORD else ""
    if not bare:
        return []
    start = text.index(bare)
    if text[start - 1 : start] == "-" and _INTEGER.fullmatch("-" + bare):
        bare, start = "-" + bare, start - 1
    span = (*reading.origin(start, start + len(bare)), "")
    things = []
    if _INTEGER.fullmatch(bare):
        things.append(Thing("code", str(int(bare)), *span))
    if _DIGITS.fullmatch(bare):
        number, length = leading_number(bare)
        if length == len(bare):
            things.append(Thing("phone", number, *span))
    if cut := cut_ids.alone(bare.lower()):
        things.append(Thing("partial_id", cut, *span))
    return things
