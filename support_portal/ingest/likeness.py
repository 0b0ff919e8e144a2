"""What makes quarantined items alike: the same outward shape, told in a few words.

The words are kept in clear and shown to everybody, so they hold names of fields and of events and
nothing of what was in them.  They are worked out once, when an item is set aside.
"""

import re
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Raw

LONGEST = 200
_LONGEST_LOOK = 1_000_000
_MOST_KEYS = 20
_KEYS = msgspec.json.Decoder(dict[str, Raw])
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_.$@-]{0,39}")
_EVENT_KEYS = ("namespace", "eventType")
_XML_NAME = re.compile(
    rb"\s*(?:<\?[^>]{0,200}\?>\s*|<![^>]{0,200}>\s*){0,5}<([A-Za-z_][\w.:-]{0,39})"
)
_HEAD = 1_000
# In a sentence: what is quoted, and every number, differs from item to item.
_VARIABLE = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|\d+")
_MANY_DIGITS = re.compile(r"\d{5,}")


def likeness(raw: bytes, detail: str) -> str:
    """Return a few words that are the same for items that are alike."""
    if words := _of_object(raw):
        return words
    if root := _XML_NAME.match(raw[:_HEAD]):
        return f"XML {root[1].decode()}"
    return _VARIABLE.sub("…", detail)[:LONGEST]


def group_key(reason: str, source: str, sender: str, words: str) -> UUID:
    """Return the key of the group for items with these four in common."""
    text = "\x1f".join((reason, source, sender, words))
    return UUID(bytes=blake2b(text.encode(errors="backslashreplace"), digest_size=16).digest())


def _of_object(raw: bytes) -> str:
    """Return the names of the fields and of the event; "" when it is no object."""
    if len(raw) > _LONGEST_LOOK:
        return ""
    try:
        fields = _KEYS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    events = [_event(fields[key]) for key in _EVENT_KEYS if key in fields]
    names = [_named(key) for key in sorted(fields)[:_MOST_KEYS]]
    return " ".join(["JSON", *filter(None, events), *dict.fromkeys(names)])[:LONGEST]


def _event(value: Raw) -> str:
    """Return the word that says what happened, when it is one."""
    text = bytes(value).decode(errors="replace").strip('"')
    return f"{_named(text)}:" if text != "null" else ""


def _named(text: str) -> str:
    """Return ``text`` when it is a name; what may be a number of somebody is none."""
    if _NAME.fullmatch(text) and not _MANY_DIGITS.search(text):
        return text
    return "…"
