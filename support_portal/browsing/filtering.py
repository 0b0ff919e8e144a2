"""What a list shows: one filter for its rows, its counts, its export and what is done to many rows.

A filter is read from an address, and written back as the address that means the same tomorrow.
Reading never raises.  Where something was not understood, ``errors`` says so beside its field, and
the filter shows nothing: a list that is wider than what was asked for would be taken for the answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet
from django.http import QueryDict

from support_portal.browsing import codes, values
from support_portal.browsing.fields import COUNTED, FIELDS, LONGEST, MOST, TIMES, TRAITS, Field
from support_portal.browsing.values import Refused, Span, Value
from support_portal.events.models import ErrorEvent, Message, Reader
from support_portal.insights.asking import Choice, Question, Readings
from support_portal.insights.models import Kind

MOST_PARTS = 20  # beyond that one query is cheaper than many
NOT = "not_"  # before the name of a field in an address
SPANS = {
    "1h": ("1 h", timedelta(hours=1)),
    "24h": ("24 h", timedelta(hours=24)),
    "7d": ("7 d", timedelta(days=7)),
    "30d": ("30 d", timedelta(days=30)),
    "90d": ("90 d", timedelta(days=90)),
}
# Fields whose index is in order of time, the narrowest first.
_SPLIT: Mapping[Kind, tuple[str, ...]] = {
    Kind.ERROR: ("group", "code", "sub_account"),
    Kind.MESSAGE: ("code", "state", "sub_account", "channel"),
}
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
Chosen: TypeAlias = Mapping[str, tuple[Value, ...]]
Errors: TypeAlias = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """Records of a kind in ``begin`` <= time < ``end`` (UTC; None is open) that are chosen.

    ``only`` and ``but`` hold values by the names of fields: a record has one of the values, or none.
    """

    kind: Kind
    begin: datetime | None = None
    end: datetime | None = None
    only: Chosen = field(default_factory=dict)
    but: Chosen = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: Kind, query: QueryDict, now: datetime) -> "Filter":
        """Return the filter of an address; what is not understood is in ``errors``."""
        errors: Errors = {}
        begin, end = _range(query, now, errors)
        only, but = (
            {
                name: found
                for name, declared in FIELDS[kind].items()
                if (found := _values(declared, prefix, query, errors))
            }
            for prefix in ("", NOT)
        )
        return cls(kind, begin, end, only, but, errors)

    @property
    def fields(self) -> Mapping[str, Field]:
        """Return what records of this kind are filtered by."""
        return FIELDS[self.kind]

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is shown."""
        return not (self.only or self.but or self.begin or self.end or self.errors)

    def rows(self, reader: Reader) -> QuerySet[Any]:
        """Return the records that ``reader`` may see and that are chosen, in no order."""
        model: Any = ErrorEvent if self.kind is Kind.ERROR else Message
        found: QuerySet[Any] = model.objects.visible_to(reader)
        return found.none() if self.errors else found.filter(self._condition(reader))

    def parts(self, reader: Reader, order: str) -> list[QuerySet[Any]]:
        """Return the rows as disjoint parts for ``core.keyset``, where ``order`` is the time's column.

        That is value by value of a field whose index is in order of time.  Empty: take ``rows``.
        """
        if self.errors or order != TIMES[self.kind]:
            return []
        for name in _SPLIT[self.kind]:
            found: Sequence[Value] = self.only.get(name, ())
            if name == "sub_account" and not found and reader.sub_accounts is not None:
                found = list(dict.fromkeys(["", *reader.sub_accounts]))
            if found and not any(isinstance(value, Span) for value in found):
                if not 1 < len(found) <= MOST_PARTS:
                    return []
                rows, column = self.rows(reader), self.fields[name].column
                return [rows.filter(**{column: value}) for value in found]
        return []

    def question(self, reader: Reader, now: datetime) -> Question | None:
        """Return what to ask the counts, None where they do not cover the filter.

        An open end is ``now`` and a bit, since clocks differ; an open begin is before all records.
        """
        if self.why_uncounted:
            return None
        return self._question(reader, self.begin or _FIRST, self.end or now + timedelta(days=1))

    @property
    def why_uncounted(self) -> str:
        """Say why the counts do not cover this filter; "" where they do."""
        if self.errors:
            return "A filter was not understood."
        for name in (*self.only, *self.but):
            if self.fields[name].column and name not in COUNTED:
                return f"Records are not counted by {self.fields[name].label}."
        return ""

    def to_query(self) -> str:
        """Return the address's query: times absolute, in an order of its own."""
        query = QueryDict(mutable=True)
        for name, at in (("from", self.begin), ("to", self.end)):
            if at is not None:
                query[name] = values.written(at)
        for prefix, chosen in (("", self.only), (NOT, self.but)):
            for name in self.fields:
                found = [str(value) for value in chosen.get(name, ())]
                if found and self.fields[name].in_one:
                    found = [",".join(found)]
                if found:
                    query.setlist(prefix + name, found)
        return query.urlencode()

    def without(self, name: str, value: Value | None = None) -> "Filter":
        """Return the filter without a value, or without all values, of a field.

        ``name`` is that of the address: from, to, code, not_code.
        """
        if name in ("from", "to"):
            return replace(self, begin=None) if name == "from" else replace(self, end=None)
        chosen, plain = self._side(name)
        rest = tuple(each for each in chosen.get(plain, ()) if value is not None and each != value)
        return self._put(name, rest)

    def with_(self, name: str, value: Value) -> "Filter":
        """Return the filter with one more value of a field."""
        chosen, plain = self._side(name)
        return self._put(name, (*chosen.get(plain, ()), value))

    def _side(self, name: str) -> tuple[Chosen, str]:
        return (self.but if name.startswith(NOT) else self.only), name.removeprefix(NOT)

    def _put(self, name: str, found: Sequence[Value]) -> "Filter":
        chosen, plain = self._side(name)
        others = {each: kept for each, kept in chosen.items() if each != plain}
        changed = others | ({plain: _sorted(found)} if found else {})
        ordered = {each: changed[each] for each in self.fields if each in changed}
        return replace(self, but=ordered) if name.startswith(NOT) else replace(self, only=ordered)

    def chosen(self) -> Iterator[tuple[str, Value]]:
        """Yield each value with the name of its field in the address."""
        for prefix, side in (("", self.only), (NOT, self.but)):
            for name in self.fields:
                for value in side.get(name, ()):
                    yield prefix + name, value

    def _condition(self, reader: Reader) -> Q:
        time = TIMES[self.kind]
        found = Q()
        if self.begin is not None:
            found &= Q(**{f"{time}__gte": self.begin})
        if self.end is not None:
            found &= Q(**{f"{time}__lt": self.end})
        for without, side in ((False, self.only), (True, self.but)):
            for name in ("http",):
                if name in side:
                    found &= _choice(side[name], without=without).on(self.fields[name].column)
        return found & self._question(reader, _FIRST, _FIRST).condition

    def _question(self, reader: Reader, begin: datetime, end: datetime) -> Question:
        chosen: dict[str, list[Choice]] = {}
        readings: list[Readings] = []
        for without, side in ((False, self.only), (True, self.but)):
            for name, found in side.items():
                if name in COUNTED:
                    choice = _choice(found, without=without)
                    chosen.setdefault(TRAITS.get(name, name), []).append(choice)
                elif name in _READINGS:
                    words = [str(value) for value in found]
                    readings.append(_READINGS[name](self.kind, words, without=without))
        return Question(self.kind, begin, end, reader, chosen, readings)


_READINGS: Mapping[str, Any] = {"table": codes.listed_in, "whose": codes.whose}


def _choice(found: Sequence[Value], *, without: bool) -> Choice:
    plain = frozenset(value for value in found if not isinstance(value, Span))
    spans = tuple((value.first, value.last) for value in found if isinstance(value, Span))
    return Choice(plain, without, spans)


def _sorted(found: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(sorted(dict.fromkeys(found), key=_place))


def _place(value: Value) -> tuple[int, int, str]:
    if isinstance(value, str):
        return 0, 0, value
    return (value.first, value.last, "") if isinstance(value, Span) else (value, value, "")


def _values(declared: Field, prefix: str, query: QueryDict, errors: Errors) -> tuple[Value, ...]:
    """Return the values of a field in an address; what is wrong with them goes to ``errors``."""
    name = prefix + declared.name
    try:
        words = _words(declared, query.getlist(name))
        return _sorted([declared.read(word) for word in words])
    except Refused as refused:
        errors.setdefault(name, []).append(str(refused))
        return ()


def _words(declared: Field, told: Sequence[str]) -> list[str]:
    if declared.in_one:
        told = [words for each in told for words in _parted(each)]
    words = list(dict.fromkeys(word for word in told if word))
    if len(words) > MOST:
        raise Refused(f"That is too many. Up to {MOST} are read.")
    return words


def _parted(text: str) -> list[str]:
    if "\x00" in text:
        raise Refused("Null characters are not allowed.")
    if len(text) > LONGEST:
        raise Refused(f"That is too long. Up to {LONGEST} characters are read.")
    return values.parts(text)


def _range(
    query: QueryDict, now: datetime, errors: Errors
) -> tuple[datetime | None, datetime | None]:
    if span := SPANS.get(str(query.get("last", ""))):
        end = now.replace(microsecond=0)
        return end - span[1], end
    begin, end_ = (_moment(name, query, errors) for name in ("from", "to"))
    if begin and end_ and end_ < begin:
        errors.setdefault("to", []).append("“To” is before “From”.")
    return begin, end_


def _moment(name: str, query: QueryDict, errors: Errors) -> datetime | None:
    text = str(query.get(name, ""))
    try:
        return values.moment(text) if text else None
    except Refused as refused:
        errors.setdefault(name, []).append(str(refused))
        return None
