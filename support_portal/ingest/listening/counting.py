"""How much came in, counted by the drain: one statement of a few rows for a whole batch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from django.db import connection

from support_portal.ingest.listening.models import ArrivalCount, Measure
from support_portal.ingest.models import Source
from support_portal.ingest.opening import Opened

MINUTE, HOUR = 60, 3600
MOST_SUBJECTS = 200  # in a batch and an hour; whoever makes up more is counted without a name
NAMED = (Source.HOOK, Source.API)  # others are named after files
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


class Tally:
    """Items and the last moment, by key."""

    def __init__(self) -> None:
        self.items: Counter[Key] = Counter()
        self.last: dict[Key, int] = {}

    def add(self, key: Key, items: int, moment: int) -> None:
        """Count ``items`` that came at ``moment``."""
        self.items[key] += items
        if moment > self.last.get(key, -1):
            self.last[key] = moment


def count(opened: Iterable[Opened]) -> None:
    """Count what a batch holds; call in the transaction that records it.

    Files are no sign that anybody speaks.
    """
    tally = Tally()
    came: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for each in opened:
        delivery = each.delivery
        if delivery.source in NAMED:
            sender = (Measure.SENDER.value, delivery.source, delivery.sender, 0)
            tally.add(sender, each.items, int(delivery.received_at.timestamp()))
        if delivery.source != Source.FILE:
            pairs = came[delivery.source]
            pairs += [(one.record.sub_account, one.received_at) for one in each.arrivals]
            pairs += [("", one.received_at) for one in each.unreadable]
    for source, pairs in came.items():
        _by_time(source, pairs, tally)
    _write(tally)


def _by_time(source: str, pairs: Sequence[tuple[str, datetime]], tally: Tally) -> None:
    subjects = {name for name, _ in Counter(name for name, _ in pairs).most_common(MOST_SUBJECTS)}
    for (subject, received_at), items in Counter(pairs).items():
        moment = int(received_at.timestamp())
        name = subject if subject in subjects else ""
        tally.add((Measure.MINUTE.value, source, "", moment // MINUTE), items, moment)
        tally.add((Measure.HOUR.value, source, name, moment // HOUR), items, moment)


def _write(tally: Tally) -> None:
    rows = iter(sorted(tally.items.items()))
    table = connection.ops.quote_name(ArrivalCount._meta.db_table)
    with connection.cursor() as cursor:
        while some := list(islice(rows, ROWS)):
            values = [value for key, items in some for value in (*key, items, tally.last[key])]
            marks = ", ".join([ROW] * len(some))
            cursor.execute(STATEMENT.format(table=table, columns=COLUMNS, rows=marks), values)
