"""The page for what we do not hold, in words: how it was read, what the id says, how we listened."""

from typing import Any

from support_portal.accounts.models import User
from support_portal.dashboard import deaf
from support_portal.dashboard.pasted import NAMES, shown_value
from support_portal.lookup import Answer, Item
from support_portal.lookup.helping import not_held
from support_portal.lookup.ways import UUID_KINDS
from support_portal.payloads.recognise import Thing

FAMILIES = {
    "seq-v1": "Sequential, as SQL Server makes them",
    "v1": "Version 1, made from a clock",
    "v7": "Version 7, made from a clock",
    "comb": "COMB, a random id with a time at its end",
    "random": "Random",
    "none": "None that we know",
}


def missing_context(item: Item, answer: Answer, user: User) -> dict[str, Any]:
    """Return what ``lookup/missing.html`` shows."""
    found = not_held(item, answer, user)
    return {
        "missing": found,
        "shown": shown_value(item.thing),
        "kind": NAMES[item.thing.kind],
        "how": how_it_was_read(item.thing),
        "family_name": FAMILIES[found.family.family] if found.family else "",
        "deaf": [deaf.in_words(interval) for interval in found.deaf],
    }


def how_it_was_read(thing: Thing) -> str:
    """Say by which sign the kind of a thing was told."""
    if thing.kind == "uuid":
        return "tried as an errorId, a umid and a batchId, for no label says which it is"
    if thing.kind == "partial_id":
        return "read as the beginning of an errorId or a umid"
    name = NAMES[thing.kind]
    if thing.label and thing.kind in UUID_KINDS:
        return f"read as {name}, from the label beside it, and tried as every other kind of id"
    return f"read as {name}, from the label beside it" if thing.label else f"read as {name}"
