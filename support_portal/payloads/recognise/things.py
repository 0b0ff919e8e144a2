"""What is found in a text, and how equal things become one."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

ID_KINDS = frozenset(("error_id", "umid", "batch_id"))
CLIENT_KINDS = frozenset(("client_message_id", "client_batch_id"))
CUT = "…"


class Thing(NamedTuple):
    """Something that can be looked up, with its place in the original text.

    A cut id has CUT where digits are missing: in front, inside, or nowhere when only its end is
    missing.  The context and channel of a code are what the words beside it tell, "" for nothing.
    """

    kind: str
    value: str
    start: int
    end: int
    label: str
    context: str = ""
    channel: str = ""
    note: str = ""  # what was mended to read it


def distinct(things: Iterable[Thing]) -> list[Thing]:
    """Keep the first of equals, in order; what is told better elsewhere takes that over."""
    kept: dict[tuple[str, str], Thing] = {}
    unlabelled: dict[str, Thing] = {}
    for thing in _in_order(_first(things)):
        if thing.kind in ID_KINDS and thing.value in unlabelled:
            first = unlabelled.pop(thing.value)
            del kept[first.kind, first.value]
            kept[thing.kind, thing.value] = first._replace(kind=thing.kind, label=thing.label)
        elif thing.kind == "uuid":
            if not any((kind, thing.value) in kept for kind in (*ID_KINDS, "uuid")):
                kept["uuid", thing.value] = unlabelled[thing.value] = thing
        else:
            _keep(thing, kept)
    whole = _Whole(thing.value for thing in kept.values() if thing.kind in (*ID_KINDS, "uuid"))
    return _in_order(
        t for t in kept.values() if t.kind != "partial_id" or not whole.completes(t.value)
    )


def _first(things: Iterable[Thing]) -> Iterable[Thing]:
    """Return the first of those that are told in the same words: a table repeats few codes often."""
    first: dict[tuple[str, ...], Thing] = {}
    for thing in things:
        kind, value, start, end, *told = thing
        known = first.setdefault((kind, value, *told), thing)
        if (start, end) < (known.start, known.end):
            first[kind, value, *told] = thing
    return first.values()


def _in_order(things: Iterable[Thing]) -> list[Thing]:
    return sorted(things, key=lambda thing: (thing.start, thing.end))


def _keep(thing: Thing, kept: dict[tuple[str, str], Thing]) -> None:
    first = kept.setdefault((thing.kind, thing.value), thing)
    if thing.context and not first.context:
        told = first._replace(context=thing.context, channel=thing.channel)
        kept[thing.kind, thing.value] = told


class _Whole:
    """The whole ids of a text, to ask whether one of them completes a cut id."""

    def __init__(self, values: Iterable[str]) -> None:
        digits = [UUID(value).hex for value in values]
        self._forward = sorted(digits)
        self._backward = sorted(each[::-1] for each in digits)

    def completes(self, cut: str) -> bool:
        """Tell whether a whole id begins and ends as ``cut`` does."""
        front, _, back = cut.replace("-", "").partition(CUT)
        if not front:
            return _begins(self._backward, back[::-1]) != ""
        found = _begins(self._forward, front)
        return found != "" and found.endswith(back)


def _begins(ordered: list[str], start: str) -> str:
    place = bisect_left(ordered, start)
    found = ordered[place] if place < len(ordered) else ""
    return found if found.startswith(start) else ""
