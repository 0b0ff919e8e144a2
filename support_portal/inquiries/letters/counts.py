"""What the portal has counted about a failure, and how a letter says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from support_portal.inquiries.letters import wording

MUCH, LITTLE = 1.5, 0.67  # times the usual: between them it is as usual
LEAST_USUAL = 0.5
NAMED = 6
WORDS = {
    "sub_account": ("sub-account", "sub-accounts"),
    "country": ("country", "countries"),
    "operator": ("operator", "operators"),
    "channel": ("channel", "channels"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Where a failure is, by one trait, and where it is not though there was enough traffic."""

    touched: tuple[tuple[str, int], ...] = ()  # with how many, the most first
    spared: tuple[str, ...] = ()
    active: int = 0  # how many had any traffic


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there were, as they were counted at a moment."""

    thing: str  # request or message
    codes: str  # "code 1300"
    begin: datetime
    end: datetime
    counted_at: datetime
    number: int
    exact: bool = True
    cut: bool = False  # it began earlier
    goes_on: bool = False
    usual: float | None = None
    weeks: int = 0
    messages: int = 0
    traffic: float | None = None  # times the usual
    parts: dict[str, Part] = field(default_factory=dict)
    scope: tuple[str, ...] = ()  # the sub-accounts that were looked at; "*" for all


def told(counts: Counts) -> Iterator[str]:
    """Yield the paragraphs of a letter that say how much it is, and where."""
    if not counts.number:
        return
    yield " ".join([_many(counts), *_compared(counts), *_share(counts)])
    where = [_touched(counts, name) for name in ("sub_account", "country", "operator")]
    if any(where):
        yield f"It is in {'; in '.join(filter(None, where))}."
    spared = [_spared(counts, name) for name in ("sub_account", "country")]
    if any(spared):
        names = "; ".join(filter(None, spared))
        yield f"Not affected, though they had enough traffic to show it: {names}."
    yield _bounds(counts)


def excluded(counts: Counts) -> list[str]:
    """Return what these counts rule out, a line for each."""
    lines = []
    for name in ("channel", "operator"):
        part = counts.parts.get(name, Part())
        if part.spared and part.touched:
            said = "had traffic at that time and none of these"
            lines.append(f"Other {WORDS[name][1]}: {_listed(part.spared)} {said}.")
    if counts.number and counts.traffic is not None and LITTLE < counts.traffic < MUCH:
        lines.append("A campaign of ours: we sent about as much as usual.")
    return lines


def _many(counts: Counts) -> str:
    least = "" if counts.exact else "at least "
    answered = "was answered" if counts.number == 1 else "were answered"
    verb = answered if counts.thing == "request" else "failed"
    since = "Since at least" if counts.cut else "Since" if counts.goes_on else "From"
    begin, end = wording.minute(counts.begin), wording.minute(counts.end)
    span = f"{since} {begin}" if counts.goes_on else f"{since} {begin} to {end}"
    if counts.cut and not counts.goes_on:
        span = f"From {begin} or earlier to {end}"
    tail = ", and it goes on" if counts.goes_on else ""
    return (
        f"{span} we counted {least}{wording.plural(counts.number, counts.thing)} that {verb}"
        f" with {counts.codes}{tail}."
    )


def _compared(counts: Counts) -> Iterator[str]:
    if counts.usual is None:
        yield "We have nothing to compare that with."
    elif counts.usual < LEAST_USUAL:
        yield "Usually there is none at these hours of the week."
    elif counts.number / counts.usual >= MUCH:
        factor = counts.number / counts.usual
        times = f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}".removesuffix(".0")
        yield f"That is {times} times what is usual at these hours of the week ({counts.usual:,.0f})."
    else:
        yield f"At these hours of the week {counts.usual:,.0f} are usual."


def _share(counts: Counts) -> Iterator[str]:
    if not counts.messages:
        yield "How much else was sent at that time we do not know."
    elif counts.thing == "message":
        share = _percent(counts.number / max(counts.messages, counts.number))
        verb = "They are" if counts.number > 1 else "It is"
        yield f"{verb} {share} of the {counts.messages:,} messages of the same sub-accounts."
    else:
        share = _percent(counts.number / (counts.number + counts.messages))
        yield (
            f"The same sub-accounts had {wording.plural(counts.messages, 'message')} accepted at that"
            f" time, so {share} of what they sent was refused."
        )


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{max(percent, 0.1):.1f} %".replace(".0 ", " ")


def _touched(counts: Counts, name: str) -> str:
    part = counts.parts.get(name, Part())
    if not part.touched:
        return ""
    one, many = WORDS[name]
    names = [f"{value} ({number:,})" for value, number in part.touched]
    of = f" of {part.active}" if part.active > len(part.touched) else ""
    word = one if len(names) == 1 and not of else many
    return f"{len(names)}{of} {word}: {_listed(names)}"


def _spared(counts: Counts, name: str) -> str:
    part = counts.parts.get(name, Part())
    if not part.spared:
        return ""
    one, many = WORDS[name]
    return f"the {one if len(part.spared) == 1 else many} {_listed(part.spared)}"


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:NAMED])
    left = len(names) - len(shown)
    return wording.listed([*shown, f"{left:,} more"] if left else shown)


def _bounds(counts: Counts) -> str:
    weeks = (
        f", compared with the same hours of the last {counts.weeks} weeks" if counts.weeks else ""
    )
    of = "" if counts.scope == ("*",) else ", for the sub-accounts that we look after"
    at = wording.minute(counts.counted_at)
    return f"Counted on {at} from what had reached us by then{of}{weeks}."
