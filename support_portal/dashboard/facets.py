"""What a list can be narrowed to, with how many records each value has.

The counts of a facet are those under all other filters, so that another value can be chosen.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support_portal.accounts.models import User
from support_portal.browsing.fields import LATELY_COUNTED
from support_portal.browsing.filtering import Filter
from support_portal.browsing.values import Span
from support_portal.dashboard import partings
from support_portal.dashboard.partings import NO_CODE
from support_portal.insights import asking
from support_portal.insights.asking import Cell
from support_portal.insights.combinations import ANY_COUNTRY, Combined
from support_portal.insights.models import ANY, Kind
from support_portal.reason_codes import Reading

FEW, MANY = 5, 60  # values shown at once, and when unfolded
OPEN = ("state", "code", "whose", "sub_account")  # unfolded although nothing is chosen there
NAMES: Mapping[Kind, tuple[str, ...]] = {
    Kind.ERROR: ("code", "whose", "sub_account", "channel", "country", "http"),
    Kind.MESSAGE: ("state", "code", "whose", "sub_account", "channel", "country"),
}
LABELS: Mapping[str, str] = {
    "state": "State",
    "code": "Code",
    "whose": "Whose problem",
    "sub_account": "Sub-account",
    "channel": "Channel",
    "country": "Country",
    "http": "HTTP status",
}
Address = Callable[[Filter], str]  # of the list under a filter


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet."""

    word: str  # what is said beside its box, "" for a value that is absent in the records
    count: int
    share: str
    percent: int  # likewise, to be drawn
    href: str  # the list with it, or without it when it is chosen
    chosen: bool = False
    reading: Reading | None = None  # of a code


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one filter, the most frequent first."""

    name: str
    label: str
    few: Sequence[Value]
    more: Sequence[Value]
    left: int  # values beyond these
    open: bool

    @property
    def unfold(self) -> str:
        """Say what unfolding shows."""
        return f"{len(self.more) + self.left:,} more"


def facets(
    shown: Filter,
    person: User,
    now: datetime,
    cells: Sequence[Cell],
    address: Address,
) -> list[Facet]:
    """Return the facets of a list, given the cells of what the counts cover of it."""
    found = []
    for name in NAMES[shown.kind]:
        counts = _counts(shown.without(name), person, now, cells, name)
        if name not in LATELY_COUNTED or _are_whole(counts):
            found.append(_facet(shown, name, counts, address))
    return found


def _counts(
    others: Filter, person: User, now: datetime, cells: Sequence[Cell], name: str
) -> Counter[Any]:
    found: Counter[Any] = Counter()
    question = others.counted_part(person, now)
    for cell in cells:
        if question.admits(cell.traits):
            found[_key(others.kind, name, cell.traits)] += cell.number
    return +found


def _are_whole(counts: Counter[Any]) -> bool:
    """Tell whether a trait that was not always counted is told at all, and of all records."""
    return any(key not in ("", ANY) for key in counts) and asking.is_whole()


def _key(kind: Kind, name: str, traits: Combined) -> Any:
    if name == "code":
        return traits.registry, traits.code
    if name == "whose":
        return partings.whose(kind, traits.registry, traits.code)
    if name == "http":
        status = ANY if traits.folded else traits.http_status
        return "" if status is None else status
    return getattr(traits, name)


def _facet(shown: Filter, name: str, counts: Counter[Any], address: Address) -> Facet:
    chosen = shown.only.get(name, ())
    total = sum(counts.values())
    seen = {key: count for key, count in counts.items() if _is_shown(key)}
    for each in chosen:  # what is chosen can be taken away although nothing has it
        if not isinstance(each, Span) and each not in map(_value, seen):
            seen[("", each) if name == "code" else each] = 0
    ranked = sorted(seen, key=lambda key: (-seen[key], str(key)))
    first = [key for place, key in enumerate(ranked) if place < FEW or _value(key) in chosen]
    rest = [key for key in ranked if key not in first]
    if len(rest) == 1:
        first, rest = ranked, []
    readings = partings.named(shown.kind, first + rest[:MANY]) if name == "code" else {}

    def value(key: Any) -> Value:
        word, plain = _word(name, key), _value(key)
        is_chosen = plain in chosen
        changed = shown.without(name, plain) if is_chosen else shown.with_(name, plain)
        href = address(changed) if plain != "" else ""
        said, percent = share(seen[key], total), round(100 * seen[key] / (total or 1))
        return Value(word, seen[key], said, percent, href, is_chosen, readings.get(key))

    return Facet(
        name=name,
        label=LABELS[name],
        few=[value(key) for key in first],
        more=[value(key) for key in rest[:MANY]],
        left=max(0, len(rest) - MANY),
        open=name in OPEN or bool(chosen),
    )


def _is_shown(key: Any) -> bool:
    """Tell whether this is a value of its own, and not none or what is beyond the limits."""
    return not (isinstance(key, tuple) and key[1] is None) and key not in (
        NO_CODE,
        ANY,
        ANY_COUNTRY,
    )


def _value(key: Any) -> Any:
    """Return what a list is filtered by: a code without its table."""
    return key[1] if isinstance(key, tuple) else key


def _word(name: str, key: Any) -> str:
    if name == "whose":
        return partings.whose_label(key)
    return partings.state_label(key) if name == "state" else str(_value(key))


def share(count: int, total: int) -> str:
    """Say what part of all a number is."""
    if not count or not total:
        return ""
    percent = 100 * count / total
    return "< 1 %" if percent < 1 else f"{percent:.0f} %"
