"""What is in a pasted text, row by row: what each thing is, what we hold, and what to do with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from support_portal.accounts.models import User
from support_portal.dashboard import missing, watched
from support_portal.dashboard.evidence import evidence_of
from support_portal.dashboard.pasted import NAMES, Pasted, pasted, shown_value
from support_portal.lookup import Answer, Hit, Item
from support_portal.lookup.places import lines_of
from support_portal.lookup.ways import UUID_KINDS
from support_portal.payloads.forensics import examine
from support_portal.watches.looking import address_of

MOST_ROWS = 1_000
SHOWN_HITS = 5
MOST_GROUPS = 5
COLUMNS = ("No.", "Kind", "Value", "Held", "What it is", "Page")
HELD = {True: "yes", False: "no", None: "not looked for"}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of the text in the list beside it."""

    number: int
    item: Item
    kind: str
    line: int
    shown: str
    marked: bool  # the text as it is shown has it
    missing: bool  # it was looked for and is not held
    key: str  # what forms send for this row
    hint: str = ""  # how it was read, for what is not held
    made_at: datetime | None = None  # the time inside the id of what is missing: a hint
    can_watch: bool = False
    details: str = ""  # the page that helps with what is missing
    watched: bool = False

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Return the records that are listed at once."""
        return self.item.hits[:SHOWN_HITS]

    @property
    def further(self) -> tuple[Hit, ...]:
        """Return the records that are folded."""
        return self.item.hits[SHOWN_HITS:]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return what forms send to add this thing to an inquiry."""
        return tuple(f"{self.number} {each}" for each in evidence_of(self.item))

    @property
    def label_says_more(self) -> bool:
        """Tell whether the word beside it is another than the name of its kind."""
        label = self.item.thing.label
        return bool(label) and label.lower() != self.kind.lower()

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row for a table outside of the portal."""
        return (
            str(self.number),
            self.kind,
            self.shown,
            HELD[self.item.found],
            self.item.line,
            self.item.href,
        )


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that the page says about a text."""

    rows: tuple[Row, ...]
    pasted: Pasted
    counts: tuple[str, ...]  # "5 held", "1 not held" …
    together: tuple[str, ...]  # which things are one record
    more: int  # rows beyond MOST_ROWS, and things that were not looked up
    missing: tuple[Row, ...]  # that can be watched and are not yet

    @property
    def evidence(self) -> list[str]:
        """Return what forms send to add things to an inquiry."""
        return [each for row in self.rows for each in row.evidence]


def results(answer: Answer, person: User) -> Results:
    """Return what is in the text as ``person`` may see it."""
    things = [item.thing for item in answer.items]
    shown = pasted(answer.text, things)
    lines = lines_of(answer.text, things)
    numbered = enumerate(zip(answer.items, lines, strict=True), start=1)
    listed = [each for each in numbered if each[1][0].thing.kind != "time"]
    drawn = [
        _row(number, line, item, marked=number in shown.marked)
        for number, (item, line) in listed[:MOST_ROWS]
    ]
    rows = _with_watches(drawn, person)
    return Results(
        rows=tuple(rows),
        pasted=shown,
        counts=tuple(_counts(answer)),
        together=tuple(_together(answer.items)),
        more=len(listed) - len(rows) + answer.left_out,
        missing=tuple(row for row in rows if row.can_watch and not row.watched),
    )


def table(rows: Iterable[Row], origin: str) -> str:
    """Return rows as lines of cells between tabs, under a line with their names."""
    cells = [COLUMNS, *(_outside(row.cells, origin) for row in rows)]
    return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in cells)


def _outside(cells: Sequence[str], origin: str) -> tuple[str, ...]:
    """Return the cells with the whole address of the page."""
    *rest, page = cells
    return (*rest, origin + page if page else "")


def _row(number: int, line: int, item: Item, *, marked: bool) -> Row:
    thing, absent = item.thing, watched.is_missing(item)
    return Row(
        number=number,
        item=item,
        kind=NAMES.get(item.kind, item.kind),
        line=line,
        shown=shown_value(thing),
        marked=marked,
        missing=absent,
        key=watched.key(number, item),
        hint="" if item.hits or item.code else missing.how_it_was_read(thing),
        made_at=examine(UUID(thing.value)).embedded_at
        if absent and thing.kind in UUID_KINDS
        else None,
        can_watch=watched.can_watch(item),
        details=address_of(thing.kind, thing.value) if watched.can_watch(item) else "",
    )


def _with_watches(rows: list[Row], person: User) -> list[Row]:
    values = [row.item.thing.value for row in rows if row.can_watch]
    if not values:
        return rows
    present = watched.among(person, values)
    return [replace(row, watched=row.can_watch and row.item.thing.value in present) for row in rows]


def _counts(answer: Answer) -> Iterable[str]:
    searched = [item for item in answer.items if item.searched]
    held = sum(1 for item in searched if item.found)
    cut = sum(1 for item in answer.items if item.thing.kind == "partial_id")
    codes = sum(1 for item in answer.items if item.code)
    times = sum(1 for item in answer.items if item.thing.kind == "time")
    yield f"{held:,} held"
    yield f"{len(searched) - held:,} not held"
    if cut:
        yield f"{cut:,} cut short"
    if codes:
        yield f"{codes:,} {'number' if codes == 1 else 'numbers'} decoded"
    if times:
        yield f"{times:,} {'time' if times == 1 else 'times'}, read as context"


def _together(items: Sequence[Item]) -> Iterable[str]:
    """Say which things lead to one and the same record."""
    groups: dict[Any, list[Item]] = defaultdict(list)
    for item in items:
        if item.hit and item.thing.kind != "phone":
            groups[item.hit.kind, item.hit.id].append(item)
    several = [(key[0], group) for key, group in groups.items() if len(group) > 1]
    for kind, group in several[:MOST_GROUPS]:
        names = [_short(item) for item in group]
        yield f"{', '.join(names[:-1])} and {names[-1]} are one {kind.replace('_', ' ')}."


def _short(item: Item) -> str:
    value = item.thing.value
    return value[:8] + "…" if item.thing.kind in UUID_KINDS else value[:40]
