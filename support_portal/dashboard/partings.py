"""What histograms are stacked by and facets are about: whose problem, code, state.

Verdicts are those of the tables, as the filter by them has it; names are those that the team gave.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from support_portal.dashboard import pieces
from support_portal.insights.models import Kind
from support_portal.knowledge.opinions import opinions
from support_portal.reason_codes import Context, Reading, Whose, decode, look_up, registries

MOST_CODES = 6  # that are told apart in a drawing
OTHER, NO_CODE = "other", "none"
_BEYOND = 10**9  # a code that no table lists
# From the bottom of a bar: first what we can mend ourselves.
WHOSE_TINTS: Mapping[str, str] = {
    Whose.OUR_REQUEST: "1",
    Whose.OUR_ACCOUNT: "2",
    Whose.PLATFORM: "3",
    Whose.OPERATOR: "4",
    Whose.CHANNEL: "5",
    Whose.RECIPIENT: "6",
    Whose.UNKNOWN: "unknown",
    Whose.NOBODY: "none",
    NO_CODE: "none",
}
STATE_TINTS: Mapping[str, str] = {
    "read": "ok2",
    "delivered": "ok",
    "sent": "1",
    "queued": "none",
    "undelivered": "bad",
    "rejected": "bad2",
    "failed": "bad3",
}


@dataclass(frozen=True, slots=True)
class Parting:
    """A way to part records: by these traits, of whose values ``key`` makes one word."""

    name: str
    title: str
    traits: tuple[str, ...]
    key: Callable[..., str]
    tints: Mapping[str, str]


@lru_cache(maxsize=5_000)
def reading(kind: Kind, registry: str, code: int) -> Reading:
    """Return what a code means: of a message in the table that it was read by, if any lists it."""
    if kind is Kind.ERROR:
        return decode(Context.API_ERROR, "", code)
    if table := registries().get(registry):
        return look_up(table, code)
    known_nowhere = decode(Context.CHATAPPS_RECEIPT, "", _BEYOND)
    return replace(
        known_nowhere, code=code, label="No table", name=f"Unlisted code {code}", home=""
    )


def whose(kind: Kind, registry: str, code: int | None) -> str:
    """Return whose problem a code is, NO_CODE where there is none."""
    if code is None:
        return NO_CODE
    return _whose(kind, registry, code)


@lru_cache(maxsize=5_000)
def _whose(kind: Kind, registry: str, code: int) -> str:
    if kind is Kind.MESSAGE and registry not in registries():
        return Whose.UNKNOWN.value
    return reading(kind, registry, code).verdict.whose.value


def by_whose(kind: Kind) -> Parting:
    """Part by whose problem it is."""

    def key(*columns: Any) -> str:
        return whose(kind, *_table_and_code(columns))

    return Parting("whose", "whose problem", _traits_of_codes(kind), key, WHOSE_TINTS)


def by_code(kind: Kind) -> Parting:
    """Part by code; equal numbers of several tables are told apart."""

    def key(*columns: Any) -> str:
        return code_key(*_table_and_code(columns))

    return Parting("code", "code", _traits_of_codes(kind), key, {NO_CODE: "none"})


def code_key(registry: str, code: int | None) -> str:
    """Return one word for a code in its table."""
    return NO_CODE if code is None else f"{registry}:{code}"


def code_of(key: str) -> tuple[str, int]:
    """Return the table and the code of a word that is not NO_CODE."""
    registry, _, code = key.rpartition(":")
    return registry, int(code)


def _traits_of_codes(kind: Kind) -> tuple[str, ...]:
    return ("code",) if kind is Kind.ERROR else ("registry", "code")


def _table_and_code(columns: Sequence[Any]) -> tuple[str, int | None]:
    return ("", columns[0]) if len(columns) == 1 else (columns[0], columns[1])


def by_state(_: Kind) -> Parting:
    """Part by the state of messages."""
    return Parting("state", "state", ("state",), str, STATE_TINTS)


PARTINGS: Mapping[Kind, Mapping[str, Callable[[Kind], Parting]]] = {
    Kind.ERROR: {"whose": by_whose, "code": by_code},
    Kind.MESSAGE: {"state": by_state, "whose": by_whose, "code": by_code},
}


def parting(kind: Kind, name: str) -> Parting:
    """Return the parting that is asked for, the usual one for any other word."""
    known = PARTINGS[kind]
    return known.get(name, next(iter(known.values())))(kind)


def named(kind: Kind, codes: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Reading]:
    """Return what codes mean, with the names that the team gave, in one query."""
    found = {each: reading(kind, *each) for each in codes}
    team = opinions(found.values())
    return {each: team.on(read).reading for each, read in found.items()}


def whose_label(key: str) -> str:
    """Say whose problem it is."""
    return "No code" if key == NO_CODE else Whose(key).label


def state_label(key: str) -> str:
    """Say a state of messages."""
    known = pieces.STATES.get((key, ""))
    return known[2] if known else key or "Not known"


def largest(totals: Counter[str], most: int) -> Sequence[str]:
    """Return the keys of the largest totals; equal ones in the order of their keys."""
    return sorted(totals, key=lambda key: (-totals[key], key))[:most]


def tint(parting: Parting, key: str, place: int) -> str:
    """Return the colour of a part; ``place`` counts the parts that have none of their own."""
    return parting.tints.get(key, str(place % MOST_CODES + 1))


def ordered(parting: Parting, totals: Mapping[str, Any]) -> list[str]:
    """Return the keys from the bottom of a bar."""
    known = [key for key in parting.tints if key in totals]
    return [*known, *sorted(key for key in totals if key not in parting.tints)]
