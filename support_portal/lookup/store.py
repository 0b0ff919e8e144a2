"""The records that ids and numbers lead to: one question to each table, however many are asked for."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from support_portal.events.digits import LAST
from support_portal.events.models import (
    AccountEvent,
    ErrorEvent,
    Happening,
    Message,
    Reader,
    allowed,
)
from support_portal.lookup.hits import (
    Hit,
    account_event_hit,
    error_hit,
    happening_hit,
    message_hit,
)
from support_portal.lookup.questions import MOST_READ, Question, near_sql, own_ids
from support_portal.payloads.recognise import CUT

# A way that leads to records, and the value it begins with: ("umid", UUID(…)).
Way = tuple[str, Any]
PARTIAL = "partial_id"


@dataclass(frozen=True, slots=True)
class _Table:
    """What is asked of one table."""

    model: type[Any]
    hit: Callable[..., Hit]
    own: str  # the column with the record's own id
    moment: str
    columns: tuple[tuple[str, str], ...]  # way, column
    told: tuple[str, ...]  # what else a hit needs
    cut: bool = False  # ids of which only a part is known are found

    @property
    def name(self) -> str:
        """Return what the database calls it."""
        return str(self.model._meta.db_table)

    @property
    def single(self) -> bool:
        """Tell whether an id is that of one row: of happenings, several have the same."""
        return bool(self.model._meta.pk.name == self.own)

    def question(self, reader: Reader) -> Question:
        """Return a question about what a reader may see, that tells what a hit needs and no more."""
        needed = {self.own, self.moment, *self.told, *(column for _, column in self.columns)}
        fields = (field.attname for field in self.model._meta.concrete_fields)  # in this order only
        names = tuple(name for name in fields if name in needed)
        return Question(self.model, self.own, self.moment, names, allowed(reader))


_CODED = ("code", "channel", "sub_account", "country")
_ADDRESSED = (
    ("batch_id", "batch_id"),
    ("client_message_id", "client_message_id"),
    ("client_batch_id", "client_batch_id"),
    ("phone", "destination_digest"),
)
_TABLES = (
    _Table(
        ErrorEvent,
        error_hit,
        own="error_id",
        moment="occurred_at",
        columns=(("error_id", "error_id"), ("umid", "umid"), *_ADDRESSED),
        told=_CODED,
        cut=True,
    ),
    _Table(
        Message,
        message_hit,
        own="umid",
        moment="state_at",
        columns=(("umid", "umid"), *_ADDRESSED),
        told=(
            "state",
            "detail",
            "channel",
            "sub_account",
            "country",
            "operator",
            "error_code",
            "error_context",
        ),
        cut=True,
    ),
    _Table(
        Happening,
        happening_hit,
        own="umid",
        moment="occurred_at",
        columns=(("umid", "umid"), ("umid", "about"), ("phone", "destination_digest")),
        told=(*_CODED, "digest", "kind", "content", "state", "context"),
    ),
    _Table(
        AccountEvent,
        account_event_hit,
        own="event_id",
        moment="occurred_at",
        columns=(("event_id", "event_id"),),
        told=("channel", "kind", "status"),
    ),
)


def hold(things: Iterable[Sequence[Way]], reader: Reader) -> Mapping[Way, list[Hit]]:
    """Return what each way leads to, as far as ``reader`` may see it: the newest, one too many.

    ``things`` are the ways of each.  What is a record's own id stands for that record, so nothing else is
    asked for what is found so.
    """
    things = list(things)
    owned = _owned({way for each in things for way in each}, reader)
    named = {id for ids in owned.values() for id in ids}
    asked: dict[str, set[Any]] = defaultdict(set)
    for each in things:
        if named.isdisjoint(value for _, value in each):
            for name, value in each:
                asked[name].add(value)
    found: dict[Way, list[Hit]] = defaultdict(list)
    for table in _TABLES:
        for way, hit in _ask(table, owned[table.name], asked, reader):
            found[way].append(hit)
    return found


def _owned(ways: Iterable[Way], reader: Reader) -> Mapping[str, set[Any]]:
    """Return by table which ids are a record's own."""
    tables = [table for table in _TABLES if table.single]
    ids = {value for name, value in ways if name in {table.own for table in tables}}
    if not ids:
        return defaultdict(set)
    return own_ids([table.question(reader) for table in tables], ids)


def _ask(
    table: _Table, owned: Collection[Any], asked: Mapping[str, set[Any]], reader: Reader
) -> Iterator[tuple[Way, Hit]]:
    question = table.question(reader)
    for name, column in table.columns:
        values = owned if table.single and column == table.own else asked[name]
        if values:
            question.add_values(name, column, values)
    for part in sorted(asked[PARTIAL]) if table.cut else ():
        question.add_part(PARTIAL, part)
    for row, way, led in question.answers():
        value = led if way == PARTIAL else _plain(getattr(row, led))
        direct = way != PARTIAL and led == table.own
        yield (way, value), table.hit(row, direct=direct, via=way)


def crowded(part: str) -> bool:
    """Tell whether so many ids end as ``part`` does that not all of them were looked at."""
    if len(part.partition(CUT)[0]) >= LAST:
        return False
    return any(_read(table, part) == MOST_READ for table in _TABLES if table.cut)


def _read(table: _Table, part: str) -> int:
    parameters: list[Any] = []
    near = near_sql(table.model, table.own, part, parameters)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({near}) near", parameters)  # noqa: S608 - names
        return int(cursor.fetchone()[0])


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
