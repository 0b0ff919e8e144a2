"""The line of time of the pages of an error, of a message, and of what has no receipts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from support_portal.dashboard import awaited, line_words
from support_portal.dashboard.account_words import EventRow
from support_portal.dashboard.deaf import Deaf
from support_portal.dashboard.line_rows import Form, Row, rows
from support_portal.dashboard.line_words import Words
from support_portal.dashboard.strip import Strip, strip
from support_portal.dashboard.thread import Remark
from support_portal.events.line import Kind, Placed, Point, line
from support_portal.events.models import ErrorEvent, Happening
from support_portal.events.surroundings import Surroundings
from support_portal.events.timeline import Timeline
from support_portal.knowledge.opinions import Opinions
from support_portal.reason_codes import Reading

ALL = "all"  # what ?steps= says to see what is folded


@dataclass(frozen=True, slots=True)
class Folding:
    """Whether long stretches are folded, and the address where they are not, or are again."""

    everything: bool = False
    switch: str = "?"


FOLDED = Folding()


@dataclass(frozen=True, slots=True)
class Page:
    """Whose page it is: a record does not link to itself."""

    own: UUID
    shared: frozenset[tuple[str, object]] = frozenset()  # ids by which errors may be joined
    folding: Folding = FOLDED


@dataclass(frozen=True, slots=True)
class Beside:
    """What other rooms know of the same time."""

    remarks: Sequence[Remark] = ()
    deaf: Sequence[Deaf] = ()
    account_events: Sequence[EventRow] = ()


@dataclass(frozen=True, slots=True)
class LineOfTime:
    """What ``records/_line.html`` draws."""

    rows: Sequence[Row]
    folded: bool
    folding: Folding
    receipts_cut: int  # how many receipts are shown when there are more; 0 when there are not
    strip: Strip | None


def folding(request: HttpRequest, address: str) -> Folding:
    """Return what the address of a page asks for; other parameters are kept in its switch."""
    query = request.GET.copy()
    everything = query.get("steps") == ALL
    if everything:
        del query["steps"]
    else:
        query["steps"] = ALL
    return Folding(everything, f"{address}?{query.urlencode()}#story")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a line tells, before the team has named the codes in it."""

    placed: Sequence[Placed[Words]]
    shown: Sequence[Row]

    @property
    def readings(self) -> Iterator[Reading]:
        """Yield the codes."""
        return (reading for row in self.shown for reading in row.words.readings)


def gather(held: Surroundings, story: Timeline, beside: Beside, page: Page) -> Gathered:
    """Return everything that is known about a record, in one line."""
    placed = line([*_records(held, story, page), *_beside(beside)])
    return Gathered(placed, rows(placed, story.lanes, everything=page.folding.everything))


def line_of_time(
    gathered: Gathered,
    held: Surroundings,
    story: Timeline,
    page: Page,
    team: Opinions,
    now: datetime,
) -> LineOfTime:
    """Return the line as it is drawn, with the names that the team gave to codes."""
    return LineOfTime(
        rows=[*_as_the_team_says(gathered.shown, team), *awaited.rows(story, now)],
        folded=any(row.form is Form.FOLD for row in gathered.shown),
        folding=page.folding,
        receipts_cut=len(held.receipts) if held.receipts_cut else 0,
        strip=strip([each.point for each in gathered.placed], story, now),
    )


def _as_the_team_says(shown: Sequence[Row], team: Opinions) -> Sequence[Row]:
    if not team:
        return shown
    return [
        replace(row, words=replace(row.words, readings=_named(row.words.readings, team)))
        for row in shown
    ]


def _named(readings: Iterable[Reading], team: Opinions) -> tuple[Reading, ...]:
    return tuple(team.on(reading).reading for reading in readings)


def _records(held: Surroundings, story: Timeline, page: Page) -> Iterator[Point[Words]]:
    yield from _receipts(story)
    for error in held.errors:
        yield from _error(error, page)
    for happening in held.happenings:
        yield _happening(happening, page)


def _receipts(story: Timeline) -> Iterator[Point[Words]]:
    for number, lane in enumerate(story.lanes, start=1):
        for place, step in enumerate(lane.steps):
            yield Point(
                Kind.RECEIPT,
                step.occurred_at,
                line_words.of_step(step),
                key=f"{place:06}",
                lane=number,
                received_at=step.received_at,
                came=step.came,
            )


def _error(error: ErrorEvent, page: Page) -> Iterator[Point[Words]]:
    key = str(error.error_id)
    if error.requested_at:
        yield Point(Kind.REQUEST, error.requested_at, line_words.of_request(error), key=key)
    yield Point(
        Kind.ERROR,
        error.occurred_at,
        line_words.of_error(error, page.own, page.shared),
        key=key,
        received_at=error.received_at,
        came=error.repeats + 1,
    )


def _happening(happening: Happening, page: Page) -> Point[Words]:
    return Point(
        Kind.HAPPENING,
        happening.occurred_at,
        line_words.of_happening(happening, page.own),
        key=f"{happening.umid} {happening.digest}",
        received_at=happening.received_at,
        came=happening.repeats + 1,
    )


def _beside(beside: Beside) -> Iterable[Point[Words]]:
    for row in beside.account_events:
        event = row.event
        words = line_words.of_account_event(row)
        yield Point(Kind.ACCOUNT_EVENT, event.occurred_at, words, key=str(event.event_id))
    for each in beside.deaf:
        interval = each.interval
        yield Point(
            Kind.DEAF,
            interval.began_at,
            line_words.of_deaf(each),
            key=str(interval.id),
            until=interval.ended_at,
        )
    for remark in beside.remarks:
        words = line_words.of_remark(remark)
        yield Point(Kind.COMMENT, remark.created_at, words, key=f"{remark.id:012}")
