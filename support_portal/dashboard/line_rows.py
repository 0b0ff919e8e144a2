"""The line of time as rows: heads of lanes, breaks of days, and long stretches folded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from support_portal.dashboard import clock
from support_portal.dashboard.channels import channel_icon, channel_name
from support_portal.dashboard.line_words import Text, Words
from support_portal.events.line import Kind, Placed
from support_portal.events.timeline import Lane

LATE = timedelta(seconds=60)
# Of so many that say the same, the first and the last are enough.
ALIKE = 4
# A longer line shows its beginning and its end until all of it is asked for.
LONGEST = 60
HEAD, TAIL = 40, 15


class Form(StrEnum):
    """How a row is drawn."""

    STEP = "step"
    LANE = "lane"
    DAY = "day"
    DEAF = "deaf"
    FOLD = "fold"
    HOLLOW = "hollow"  # what should have come


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    form: Form
    words: Words
    at: datetime | None = None
    until: datetime | None = None
    since_last: timedelta | None = None
    received_at: datetime | None = None
    came: int = 0  # 0: that does not matter
    standing: str = ""  # of what has not come: instead of the event time
    closing: str = ""  # and instead of the received time
    lane: int = 0

    @property
    def delay(self) -> timedelta | None:
        """Return how long it took to reach us; negative when the clocks disagree."""
        return self.received_at - self.at if self.received_at and self.at else None

    @property
    def late(self) -> bool:
        """Tell whether it took long."""
        return self.delay is not None and self.delay > LATE


def rows(placed: Sequence[Placed[Words]], lanes: Sequence[Lane], *, everything: bool) -> list[Row]:
    """Return the rows of a line; ``everything`` leaves nothing folded."""
    steps = [_row(each) for each in placed]
    shown = steps if everything else fold(steps)
    return list(_headed(shown, lanes))


def fold(steps: Sequence[Row]) -> list[Row]:
    """Leave out what says the same as its neighbours, and the middle of what is still too long."""
    shown: list[Row] = []
    for _, alike in groupby(steps, key=lambda row: (row.form, row.lane, row.words)):
        shown += _ends(list(alike), ALIKE, 1, 1, "more that say the same")
    return _ends(shown, LONGEST, HEAD, TAIL, "more")


def _ends(run: Sequence[Row], longest: int, head: int, tail: int, words: str) -> list[Row]:
    """Return a run, its middle folded when it is longer than ``longest``."""
    if len(run) <= longest:
        return list(run)
    hidden = run[head:-tail]
    count = sum(row.came if row.form is Form.FOLD else 1 for row in hidden)
    folded = Row(
        Form.FOLD,
        Words("more", Text(f"{count:,} {words}")),
        at=hidden[0].at,
        until=hidden[-1].until if hidden[-1].form is Form.FOLD else hidden[-1].at,
        came=count,
        lane=hidden[-1].lane,
    )
    return [*run[:head], folded, *run[-tail:]]


def _row(placed: Placed[Words]) -> Row:
    point = placed.point
    deaf = point.kind is Kind.DEAF
    return Row(
        Form.DEAF if deaf else Form.STEP,
        point.said,
        at=point.at,
        until=point.until,
        since_last=placed.since_last,
        received_at=point.received_at,
        came=point.came if point.received_at else 0,
        lane=point.lane,
    )


def _headed(steps: Iterable[Row], lanes: Sequence[Lane]) -> Iterator[Row]:
    """Name a lane where the line comes to it, and a day where it begins."""
    day, lane = "", 0
    for row in steps:
        today = clock.day(row.at) if row.at else day
        if today != day:
            yield Row(Form.DAY, Words("", Text(today)))
            day = today
        if row.lane and row.lane != lane:
            yield _lane_head(lanes, row.lane)
            lane = row.lane
        yield row


def _lane_head(lanes: Sequence[Lane], position: int) -> Row:
    lane = lanes[position - 1]
    place = f"step {position} of {len(lanes)}" if len(lanes) > 1 else ""
    fallback = f"{place}, fallback" if position > 1 else place
    return Row(
        Form.LANE,
        Words(
            channel_icon(lane.channel),
            Text(foreign=channel_name(lane.channel)),
            detail=Text(fallback),
        ),
    )
