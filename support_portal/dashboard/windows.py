"""What a histogram shows around the chosen range: the next span that is wider."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from support_portal.browsing.filtering import SPANS
from support_portal.events.tally import minute
from support_portal.insights.asking import moment, width

_SPANS = [length for _, length in SPANS.values()]
FEWEST = 10  # bars; fewer say nothing of a course
OPEN = timedelta(days=30)  # is drawn of a range without a beginning


@dataclass(frozen=True, slots=True)
class Window:
    """A range of whole bars."""

    begin: datetime
    end: datetime
    wide: int  # minutes a bar

    @property
    def bars(self) -> int:
        """Return how many bars there are."""
        return round((self.end - self.begin) / timedelta(minutes=self.wide))

    def cuts(self, at: datetime) -> bool:
        """Tell whether ``at`` falls into a bar and not between two."""
        return bool((at - self.begin) % timedelta(minutes=self.wide))


def window(begin: datetime | None, end: datetime, now: datetime) -> Window:
    """Return what to draw when ``begin`` <= time < ``end`` is chosen.

    A range that is one of the spans is drawn alone.  Any other stands in the middle of the next
    wider span, but not in the future.
    """
    if begin is None:
        return whole(end - OPEN, end)
    length = end - begin
    for span in _SPANS:
        if span >= length:
            last = max(end, min(end + (span - length) / 2, now))
            around = whole(last - span, last)
            if around.bars >= FEWEST:
                return around
    return whole(begin, end)


def whole(begin: datetime, end: datetime) -> Window:
    """Return the bars of a range alone."""
    wide = width(begin, end)
    first = minute(begin) // wide * wide
    last = -(-(minute(end - timedelta(microseconds=1)) + 1) // wide) * wide
    return Window(moment(first), moment(max(last, first + wide)), wide)
