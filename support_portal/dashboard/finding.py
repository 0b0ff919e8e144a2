"""From recognised things to the records we hold, in a number of queries that does not grow."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.dashboard import happening_words
from support_portal.events import readings
from support_portal.events.models import ErrorEvent, Happening, Message, telling
from support_portal.payloads.recognise import Thing
from support_portal.reason_codes import Reading

UUID_KINDS = frozenset({"error_id", "umid", "batch_id", "uuid"})
OWN_KINDS = frozenset({"error_id", "umid", "uuid"})  # what a record itself is called
# Where a happening keeps what an error keeps in the field before the colon.
HAPPENING_FIELDS = {"umid": "about", "destination_digest": "destination_digest"}
CLIENT_IDS = ("client_message_id", "client_batch_id")
SEARCHED_KINDS = UUID_KINDS | {*CLIENT_IDS, "phone", "partial_id"}
MOST_THINGS = 1_000
MOST_RECORDS = 20  # for one thing; the tables show the rest
_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that a thing leads to."""

    kind: str  # error, message or happening
    id: UUID
    at: datetime
    reading: Reading | None  # of an error, or of a message that failed with a code
    state: str = ""
    detail: str = ""
    sub_account: str = ""
    channel: str = ""
    direct: bool = True  # the thing is the record's own id
    title: str = ""  # what a happening is

    @property
    def href(self) -> str:
        """Return the address of the record."""
        return reverse(
            "errors:detail" if self.kind == "error" else "messages:detail", args=[self.id]
        )

    @property
    def what(self) -> str:
        """Name the id of the record."""
        return "errorId" if self.kind == "error" else "umid"


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing and the records it leads to; ``more`` when there are further ones."""

    thing: Thing
    hits: tuple[Hit, ...]
    more: bool = False

    @property
    def held(self) -> bool:
        """Tell whether it leads anywhere."""
        return bool(self.hits)


class _Search:
    """The records of one user, each question asked once for all things."""

    def __init__(self, user: User) -> None:
        self.errors = ErrorEvent.objects.visible_to(user)
        self.messages = Message.objects.visible_to(user)
        self.happenings = Happening.objects.visible_to(user)

    def own(self, ids: set[UUID]) -> dict[UUID, list[Hit]]:
        """Return the records that are called by these ids."""
        found: dict[UUID, list[Hit]] = defaultdict(list)
        for error in self.errors.filter(error_id__in=ids):
            found[error.error_id].append(error_hit(error))
        for message in self.messages.filter(umid__in=ids):
            found[message.umid].append(message_hit(message))
        for happening in self.happenings.filter(umid__in=ids - found.keys()):
            found[happening.umid].append(happening_hit(happening))
        return found

    def by(self, field: str, values: Iterable[Any]) -> dict[Any, list[Hit]]:
        """Return the records that name one of ``values`` in ``field``, a few for each value."""
        wanted = set(values)
        found: dict[Any, list[Hit]] = defaultdict(list)
        if not wanted:
            return found
        for error in _newest(self.errors, field, wanted, "occurred_at"):
            found[_key(error, field)].append(error_hit(error, direct=False))
        if field != "umid":  # a message is called by its umid; see own()
            for message in _newest(self.messages, field, wanted, "state_at"):
                found[_key(message, field)].append(message_hit(message, direct=False))
        if field in HAPPENING_FIELDS:
            own = HAPPENING_FIELDS[field]
            for happening in _newest(self.happenings, own, wanted, "occurred_at"):
                found[_key(happening, own)].append(happening_hit(happening, direct=False))
        return found

    def beginning(self, digits: str) -> list[Hit]:
        """Return the records whose id begins with ``digits``."""
        low, high = _bounds(digits)
        errors = self.errors.filter(error_id__range=(low, high)).order_by("error_id")
        messages = self.messages.filter(umid__range=(low, high)).order_by("umid")
        return [
            *(error_hit(error, direct=False) for error in errors[: MOST_RECORDS + 1]),
            *(message_hit(message, direct=False) for message in messages[: MOST_RECORDS + 1]),
        ]


def find(things: Sequence[Thing], user: User) -> list[Finding]:
    """Return what ``user`` may see of the first MOST_THINGS things, in their order.

    What a label says an id is decides nothing: an errorId that is in fact a umid is found.
    """
    searched = [thing for thing in things if thing.kind in SEARCHED_KINDS][:MOST_THINGS]
    search = _Search(user)
    by_id = _by_id({UUID(thing.value) for thing in searched if thing.kind in UUID_KINDS}, search)
    by_text = _by_text(searched, search)
    return [_finding(thing, by_id, by_text) for thing in searched]


def _finding(thing: Thing, by_id: dict[UUID, list[Hit]], by_text: dict[Any, list[Hit]]) -> Finding:
    if thing.kind in UUID_KINDS:
        hits = by_id.get(UUID(thing.value), [])
    else:
        hits = by_text.get((thing.kind, thing.value), [])
    unique = list(dict.fromkeys(hits))
    return Finding(thing, tuple(unique[:MOST_RECORDS]), len(unique) > MOST_RECORDS)


def _by_id(ids: set[UUID], search: _Search) -> dict[UUID, list[Hit]]:
    """Return direct hits; an id that is none of our records' may be named by some of them."""
    if not ids:
        return {}
    found = dict(search.own(ids))
    rest = ids - found.keys()
    for field in ("umid", "batch_id"):
        for value, hits in search.by(field, rest).items():
            found.setdefault(value, []).extend(hits)
    return found


def _by_text(things: Sequence[Thing], search: _Search) -> dict[Any, list[Hit]]:
    found: dict[Any, list[Hit]] = {}
    for kind in CLIENT_IDS:
        values = [thing.value for thing in things if thing.kind == kind]
        found |= {(kind, value): hits for value, hits in search.by(kind, values).items()}
    found |= _by_phone([thing.value for thing in things if thing.kind == "phone"], search)
    for thing in things:
        if thing.kind == "partial_id":  # only ever the whole text, so there is one at most
            found[thing.kind, thing.value] = search.beginning(thing.value)
    return found


def _by_phone(numbers: Sequence[str], search: _Search) -> dict[Any, list[Hit]]:
    """Numbers are kept sealed; what is compared is their digest, made with each key of the ring."""
    owner = {digest: number for number in numbers for digest in sealing.search_digests(number)}
    found: dict[Any, list[Hit]] = defaultdict(list)
    for digest, hits in search.by("destination_digest", owner).items():
        found["phone", owner[digest]].extend(hits)
    return found


def _newest(rows: QuerySet[Any], field: str, values: set[Any], moment: str) -> QuerySet[Any]:
    """Return the newest MOST_RECORDS + 1 rows for each value: one batch cannot crowd out others."""
    rank = Window(RowNumber(), partition_by=F(field), order_by=F(moment).desc())
    told = telling(field, values) if field in CLIENT_IDS else Q((f"{field}__in", values))
    ranked = rows.filter(told).annotate(place=rank)
    newest: QuerySet[Any] = ranked.filter(place__lte=MOST_RECORDS + 1)
    return newest.order_by("place")


def _key(row: Any, field: str) -> Any:
    value = getattr(row, field)
    return bytes(value) if isinstance(value, memoryview) else value


def _bounds(digits: str) -> tuple[UUID, UUID]:
    bare = digits.replace("-", "")[:_ID_LENGTH]
    return UUID(hex=bare.ljust(_ID_LENGTH, "0")), UUID(hex=bare.ljust(_ID_LENGTH, "f"))


def error_hit(error: ErrorEvent, *, direct: bool = True) -> Hit:
    """Return an error as a hit."""
    return Hit(
        kind="error",
        id=error.error_id,
        at=error.occurred_at,
        reading=readings.of_error(error),
        sub_account=error.sub_account,
        channel=error.channel,
        direct=direct,
    )


def message_hit(message: Message, *, direct: bool = True) -> Hit:
    """Return a message as a hit."""
    return Hit(
        kind="message",
        id=message.umid,
        at=message.state_at,
        reading=readings.of_message(message),
        state=message.state,
        detail=message.detail,
        sub_account=message.sub_account,
        channel=message.channel,
        direct=direct,
    )


def happening_hit(happening: Happening, *, direct: bool = True) -> Hit:
    """Return what happened around messages as a hit."""
    told = happening_words.row(happening)
    return Hit(
        kind="happening",
        id=happening.umid,
        at=happening.occurred_at,
        reading=told.reading,
        state=told.detail,
        sub_account=happening.sub_account,
        channel=happening.channel,
        direct=direct,
        title=told.title,
    )


def the_one(findings: Sequence[Finding]) -> Hit | None:
    """Return the record that the things agree on, or None when there is something to choose.

    Ids of records decide.  Without any, a batch, a client id, a number or a cut id may lead there.
    """
    own = [finding for finding in findings if finding.thing.kind in OWN_KINDS]
    deciding = own or [finding for finding in findings if finding.thing.kind != "phone"]
    direct = {hit.id: hit for finding in deciding for hit in finding.hits if hit.direct}
    reached = direct or {hit.id: hit for finding in deciding for hit in finding.hits}
    if len(reached) != 1 or not all(finding.held for finding in deciding):
        return None
    (hit,) = reached.values()
    return hit if all(hit.id in {each.id for each in one.hits} for one in deciding) else None
