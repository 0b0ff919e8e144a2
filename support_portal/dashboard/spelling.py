"""What the characters of a message make of it: how many segments, in which alphabet, and why.

8x8's codes 1003, 1004 and 1005 of the API are about characters; this says which ones are meant.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from support_portal.dashboard.pasted import cleaned
from support_portal.payloads import segments
from support_portal.payloads.phones import masked_text
from support_portal.payloads.revealing import code_point
from support_portal.payloads.segments import Alphabet, Cut, Place
from support_portal.reason_codes import Reading

CODES = frozenset({1003, 1004, 1005})
MOST_TEXTS = 20
MOST_CHARACTERS = 5  # that are named in a sentence
LONGEST_SENDER = 11
_DEEPEST = 60
_TEXT_KEYS = frozenset({"text", "body", "messagetext", "message_text", "caption"})
_SENDER_KEYS = frozenset({"source", "sender", "senderid", "sender_id", "from"})


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text that a phone would show: where it stood, the text with numbers masked, and the words."""

    place: str
    shown: str
    words: str


def concerns(reading: Reading | None) -> bool:
    """Tell whether a code is about the characters of a message."""
    return reading is not None and reading.registry == "api_error" and reading.code in CODES


def texts_in(raw: bytes) -> list[Spelled]:
    """Return the texts and sender names of a JSON payload; nothing of what is no JSON."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return list(islice(_texts(value, (), 0), MOST_TEXTS))


def _texts(value: Any, place: tuple[str, ...], depth: int) -> Iterator[Spelled]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, place, depth + 1)
    elif isinstance(value, str) and place and (words := _words(place[-1].lower(), value)):
        yield Spelled(_shown(".".join(place)), _shown(value), words)


def _shown(text: str) -> str:
    return cleaned(masked_text(text))


def _words(key: str, text: str) -> str:
    if key in _TEXT_KEYS:
        return of_text(text)
    named = any(character.isalpha() for character in text)  # a number has rules of its own
    return of_sender(text) if key in _SENDER_KEYS and named else ""


def of_text(text: str) -> str:
    """Say how many segments a text takes, and which characters cost it the cheaper alphabet."""
    if not text.strip():
        return "Empty: there is nothing to send."
    if len(text) > segments.LONGEST:
        return "Longer than 255 segments, which is the most that one message can have."
    cut = segments.cut(text)
    if cut.alphabet is Alphabet.GSM_7:
        return f"{_counted(cut)}."
    plain = segments.cut("".join(filter(segments.in_gsm_7, text)))
    without = f" It would fit {_counted(plain)} without." if plain.units and _few(cut) else ""
    return f"{_counted(cut)}. Not in GSM-7: {_named(cut.forcing)}.{without}"


def of_sender(sender: str) -> str:
    """Say what keeps a sender name from being one."""
    faults = []
    if len(sender) > LONGEST_SENDER:
        faults.append(f"it has {len(sender)} characters")
    if odd := [each for each in segments.places(sender) if not _in_a_sender(each.character)]:
        faults.append(f"{_named(odd)} may not be in it")
    rule = f"A sender name has at most {LONGEST_SENDER} letters, digits and spaces"
    return f"{rule}; {' and '.join(faults)}." if faults else f"{rule}: this one has."


def _in_a_sender(character: str) -> bool:
    return character == " " or (character.isascii() and character.isalnum())


def _few(cut: Cut) -> bool:
    """Tell whether so few characters force UCS-2 that somebody could do without them."""
    return len(cut.forcing) <= MOST_CHARACTERS


def _counted(cut: Cut) -> str:
    count = len(cut.sizes)
    fits = cut.alphabet.alone if count == 1 else count * cut.alphabet.joined
    return f"{count} segment{'' if count == 1 else 's'} in {cut.alphabet} ({cut.units} of {fits})"


def _named(found: Sequence[Place]) -> str:
    named = [f"{code_point(each.character)} at {each.position}" for each in found]
    more = len(named) - MOST_CHARACTERS
    return ", ".join(named[:MOST_CHARACTERS]) + (f" and {more} more" if more > 0 else "")
