"""How much came in, counted by the drain: one statement of a few rows for a whole batch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from django.db import connection

from support_portal.ingest.listening.models import ArrivalCount, Measure
from support_portal.ingest.models import Source
from support_portal.ingest.opening import Opened

MINUTE, HOUR = 60, 3600
MOST_SUBJECTS = 200  # in a batch and an hour; whoever makes up more is counted without a name
# As plain texts: an enumeration is slow to read for every event.
SENDER, RULE, EACH_HOUR, EACH_MINUTE = (
    str(each.value) for each in (Measure.SENDER, Measure.RULE, Measure.HOUR, Measure.MINUTE)
)
FILE = Source.FILE.value
NAMED = (Source.HOOK.value, Source.API.value)  # others are named after files
ROWS = 500  # a statement
COLUMNS = "measure, source, subject, slot, items, last"
ROW = "(%s, %s, %s, %s, %s, %s)"
STATEMENT = """
    INSERT INTO {table} ({columns}) VALUES {rows}
    ON CONFLICT (measure, slot, source, subject) DO UPDATE SET
        items = {table}.items + excluded.items,
        last = CASE WHEN excluded.last > {table}.last THEN excluded.last ELSE {table}.last END
"""
Key = tuple[str, str, str, int]  # measure, source, subject, slot
Came = tuple[str, int]  # sub-account, seconds since 1970


class Tally:
    """Items and the last moment, by key."""

    def __init__(self) -> None:
        self.items: dict[Key, int] = {}
        self.last: dict[Key, int] = {}

    def add(self, key: Key, items: int, moment: int) -> None:
        """Count ``items`` that came at ``moment``."""
        self.items[key] = self.items.get(key, 0) + items
        if moment > self.last.get(key, -1):
            self.last[key] = moment


def count(opened: Iterable[Opened]) -> None:
    """Count what a batch holds; call in the transaction that records it.

    Files are no sign that anybody speaks.
    """
    tally = Tally()
    came: dict[str, list[Came]] = defaultdict(list)
    for each in opened:
        delivery = each.delivery
        received = int(delivery.received_at.timestamp())
        if delivery.source in NAMED:
            tally.add((SENDER, delivery.source, delivery.sender, 0), each.items, received)
        for rule, items in each.ignored.items():
            tally.add((RULE, "", rule, 0), items, received)
        if delivery.source != FILE:
            _note(each, received, came[delivery.source])
    for source, pairs in came.items():
        _by_time(source, pairs, tally)
    _write(tally)


def _note(opened: Opened, received: int, pairs: list[Came]) -> None:
    """Add what came; nearly always all of a delivery came with it, so its time is read once."""
    with_it = opened.delivery.received_at
    for one in opened.arrivals:
        at = one.received_at
        moment = received if at is with_it else int(at.timestamp())
        pairs.append((one.record.sub_account, moment))
    pairs += [("", int(one.received_at.timestamp())) for one in opened.unreadable]


def _by_time(source: str, pairs: Sequence[Came], tally: Tally) -> None:
    counted = Counter(pairs)
    names = Counter(name for name, _ in pairs)
    subjects = {name for name, _ in names.most_common(MOST_SUBJECTS)}
    for (subject, moment), items in counted.items():
        name = subject if subject in subjects else ""
        tally.add((EACH_MINUTE, source, "", moment // MINUTE), items, moment)
        tally.add((EACH_HOUR, source, name, moment // HOUR), items, moment)


def _write(tally: Tally) -> None:
    rows = iter(sorted(tally.items.items()))
    table = connection.ops.quote_name(ArrivalCount._meta.db_table)
    with connection.cursor() as cursor:
        while some := list(islice(rows, ROWS)):
            values = [value for key, items in some for value in (*key, items, tally.last[key])]
            marks = ", ".join([ROW] * len(some))
            cursor.execute(STATEMENT.format(table=table, columns=COLUMNS, rows=marks), values)
