"""How much a failure hurts: how many since when, beside what traffic, and where it is and is not.

Everything comes from the counts.  The stretch of time is the run around a moment (insights.alone),
or begins earlier where somebody knows that it did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from support_portal.events.tally import minute
from support_portal.insights import alone, asking, usual
from support_portal.insights.alone import Place, Spread
from support_portal.insights.asking import Cell, Question
from support_portal.insights.models import ANY, Kind

PLACES = ("sub_account", "channel", "country", "operator")
LONGEST = timedelta(days=31)  # that is counted
COMPARED = timedelta(days=2)  # longer ones are not compared with the weeks before


@dataclass(frozen=True, slots=True)
class Impact:
    """The answer; numbers are those of what the reader of the question may see."""

    begin: datetime
    end: datetime
    cut: bool  # it began before ``begin``
    goes_on: bool
    number: int
    exact: bool  # False: at least
    usual: float | None  # in the same hours of the weeks before; None: not known
    weeks: int  # that it was compared with
    messages: int  # of the sub-accounts that have failures
    traffic: float | None  # all messages now, as times of the usual; None: not known
    spreads: Mapping[str, Spread]  # by PLACES


def impact(question: Question, at: datetime, now: datetime, since: datetime | None) -> Impact:
    """Measure what ``question`` chooses around ``at``, from ``since`` if that is earlier."""
    around = alone.look(question, at, now)
    begin = min(around.begin, since or around.begin)
    cut = around.from_before and begin == around.begin
    if around.end - begin > LONGEST:
        begin, cut = around.end - LONGEST, True
    asked = replace(question, begin=begin, end=around.end)
    cells = asking.cells(asked)
    beside = cells
    if question.kind is not Kind.MESSAGE:
        beside = asking.cells(replace(asked, kind=Kind.MESSAGE, chosen={}, readings=()))
    past = usual.past(asked) if around.end - begin <= COMPARED else None
    span = (minute(begin), minute(around.end))
    before = past.messages(*span) if past else None
    spreads = {name: spread_of(asked, cells, beside, name) for name in PLACES}
    return Impact(
        begin=begin,
        end=around.end,
        cut=cut,
        goes_on=around.goes_on,
        number=asking.total(asked, cells),
        exact=asking.is_exact(cells),
        usual=past.chosen(*span) if past else None,
        weeks=past.weeks if past else 0,
        messages=sum(place.messages for place in spreads["sub_account"].touched.values()),
        traffic=sum(cell.number for cell in beside) / before if before else None,
        spreads=spreads,
    )


def spread_of(asked: Question, cells: list[Cell], beside: list[Cell], name: str) -> Spread:
    """Return where the failures are by one trait; ``beside`` are all messages of that time."""
    found: dict[str, list[int]] = {}
    for cell in beside:
        found.setdefault(getattr(cell.traits, name), [0, 0])[1] += cell.number
    for cell in cells:
        if asked.admits(cell.traits):
            found.setdefault(getattr(cell.traits, name), [0, 0])[0] += cell.number
    places = {
        value: Place(failures, messages)
        for value, (failures, messages) in found.items()
        if value != ANY and (failures or messages)
    }
    return alone.spread(places)
