"""The records that ids and numbers lead to: one question to each table, however many are asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from support_portal.lookup.questions import MOST_READ, Question, near_sql
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


def hold(ways: Iterable[Way], reader: Reader) -> Mapping[Way, list[Hit]]:
    """Return what each way leads to, as far as ``reader`` may see it: the newest, one too many."""
    asked: dict[str, set[Any]] = defaultdict(set)
    for name, value in ways:
        asked[name].add(value)
    found: dict[Way, list[Hit]] = defaultdict(list)
    for table in _TABLES:
        for way, hit in _ask(table, asked, reader):
            found[way].append(hit)
    return found


def _ask(table: _Table, asked: Mapping[str, set[Any]], reader: Reader) -> Iterator[tuple[Way, Hit]]:
    question = table.question(reader)
    for name, column in table.columns:
        if asked[name]:
            question.add_values(name, column, asked[name])
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
