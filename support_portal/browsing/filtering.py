"""What a list shows: one filter for its rows, its counts, its export and what is done to many rows.

A filter is read from an address, and written back as the address that means the same tomorrow.
Reading never raises.  Where something was not understood, ``errors`` says so beside its field, and
the filter shows nothing: a list that is wider than what was asked for would be taken for the answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from support_portal.browsing import codes, language, values
from support_portal.browsing.fields import (
    ALL,
    COUNTED,
    FIELDS,
    HAS,
    IN_TIME,
    LATELY_COUNTED,
    LONGEST,
    MOST,
    MOST_WORDS,
    NAMES,
    SHORT,
    TEXT,
    TIMES,
    TRAITS,
    Chosen,
    Field,
)  # fmt: skip
from support_portal.browsing.language import Problem
from support_portal.browsing.lines import LineReader
from support_portal.browsing.searching import Found, codes_with, errors_with
from support_portal.browsing.values import Refused, Span, Value
from support_portal.comments.selectors import commented
from support_portal.events.models import ErrorEvent, Message, Reader, allowed
from support_portal.events.words import words
from support_portal.insights import asking
from support_portal.insights.asking import Choice, Question, Readings
from support_portal.insights.models import Kind

MOST_PARTS = 20  # beyond that one query is cheaper than many
MOST_COUNTED = 10_000
NOT = "not_"  # before the name of a field in an address
NAME_OF_LINE = "q"
LONGEST_ADDRESS = 15_000  # characters; Django redirects to no more than 16,384
TOO_MUCH = "That is too much for one address. Shorten it."
SPANS = {
    "1h": ("1 h", timedelta(hours=1)),
    "24h": ("24 h", timedelta(hours=24)),
    "7d": ("7 d", timedelta(days=7)),
    "30d": ("30 d", timedelta(days=30)),
    "90d": ("90 d", timedelta(days=90)),
}
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
FILTERS = frozenset({*FIELDS[Kind.ERROR], *FIELDS[Kind.MESSAGE], *NAMES} - {"from", "to"})
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
    all_time: bool = False  # the begin is left open on purpose (browsing.windows)
    _found: dict[tuple[object, ...], Found] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _with_comments: list[tuple[frozenset[UUID], bool]] = field(
        default_factory=list, init=False, compare=False, repr=False
    )

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
        all_time = begin is None and query.get("from") == ALL
        for name in _foreign(kind, query):
            errors[name] = [f"“{name}” is no filter of this list."]
        read = cls(kind, begin, end, only, but, errors, all_time)
        return read._with_errors(NAME_OF_LINE, read._excesses())

    @classmethod
    def from_line(cls, kind: Kind, text: str, now: datetime) -> tuple["Filter", list[Problem]]:
        """Return the filter of a query line, and what is wrong with the line.

        What was understood is in the filter all the same, so that nothing typed is lost.
        """
        reader = LineReader(kind, now)
        line = language.read(text)
        for term in line.terms:
            reader.take(term)
        problems = sorted([*line.problems, *reader.problems], key=lambda each: each.start)
        only, but = (reader.side(without=without) for without in (False, True))
        found = cls(kind, reader.begin, reader.end, only, but, all_time=reader.all_time)
        problems += [Problem(said, 0, len(text)) for said in found._excesses() if not problems]
        return found._with_errors(NAME_OF_LINE, [said.text for said in problems]), problems

    def _with_errors(self, name: str, sentences: Sequence[str]) -> "Filter":
        return replace(self, errors={**self.errors, name: list(sentences)}) if sentences else self

    def _excesses(self) -> list[str]:
        """Say what is more than one filter may hold."""
        if len(self.line()) > language.LONGEST:
            return [f"That is too much at once. Up to {language.LONGEST} characters are read."]
        if len(self.to_query()) > LONGEST_ADDRESS:
            return [TOO_MUCH]
        if len(self.words) > MOST_WORDS:
            return [f"That is too many words to look for. Up to {MOST_WORDS} are."]
        return []

    @property
    def fields(self) -> Mapping[str, Field]:
        """Return what records of this kind are filtered by."""
        return FIELDS[self.kind]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words that texts have to have."""
        told = (word for phrase in self.only.get(TEXT, ()) for word in words(str(phrase)))
        return tuple(dict.fromkeys(told))

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is shown."""
        return not (self.only or self.but or self.begin or self.end or self.errors)

    def rows(self, reader: Reader) -> QuerySet[Any]:
        """Return the records that ``reader`` may see and that are chosen, in no order."""
        model: Any = ErrorEvent if self.kind is Kind.ERROR else Message
        found: QuerySet[Any] = model.objects.visible_to(reader)
        if self.errors:
            return found.none()
        return found.filter(self._condition(reader), *self._having_words(reader))

    def _having_words(self, reader: Reader) -> Iterator[Q]:
        for found, without in self.searched(reader):
            among = Q(group_id__in=found.groups) | Q(error_id__in=found.ids)
            yield ~among if without else among

    def searched(self, reader: Reader) -> Iterator[tuple[Found, bool]]:
        """Yield the errors that have all words to look for, and those that have words they must not."""
        if self.kind is not Kind.ERROR:
            return
        if self.words:
            yield self._search(self.words, reader), False
        for phrase in self.but.get(TEXT, ()):
            yield self._search(words(str(phrase)), reader), True

    def _search(self, wanted: tuple[str, ...], reader: Reader) -> Found:
        """Look words up, once for all that this filter is asked."""
        asked: tuple[object, ...] = (wanted, *(allowed(reader) or ()))
        if asked not in self._found:
            self._found[asked] = errors_with(wanted, reader, self.begin, self.end)
        return self._found[asked]

    def parts(self, reader: Reader, order: str) -> list[QuerySet[Any]]:
        """Return the rows as disjoint parts for ``core.keyset``, where ``order`` is the time's column.

        That is value by value of a field whose index is in order of time.  Empty: take ``rows``.
        """
        if self.errors or order != TIMES[self.kind]:
            return []
        if self.kind is Kind.ERROR and self.words:
            return self._parts_by_words(reader)
        for name in IN_TIME[self.kind]:
            found: Sequence[Value] = self.only.get(name, ())
            if name == "sub_account" and not found and reader.sub_accounts is not None:
                found = list(dict.fromkeys(["", *reader.sub_accounts]))
            if found and not any(isinstance(value, Span) for value in found):
                if not 1 < len(found) <= MOST_PARTS:
                    return []
                rows, column = self.rows(reader), self.fields[name].column
                return [rows.filter(**{column: value}) for value in found]
        return []

    def _parts_by_words(self, reader: Reader) -> list[QuerySet[Any]]:
        """Return the rows group by group, and those of other groups."""
        found, rows = self.having_words(reader), self.rows(reader)
        if len(found.groups) > MOST_PARTS:
            return []
        parts = [rows.filter(group_id=group) for group in sorted(found.groups)]
        return [*parts, rows.filter(error_id__in=found.ids)] if found.ids else parts

    def having_words(self, reader: Reader) -> Found:
        """Return the errors whose texts have all words that are looked for."""
        return self._search(self.words, reader)

    def question(self, reader: Reader, now: datetime) -> Question | None:
        """Return what to ask the counts, None where they do not cover the filter.

        An open begin is before all records, and an open end a day after ``now``, since clocks differ.
        """
        searched = list(self.searched(reader))
        if self.why_uncounted:
            return None
        question = self.counted_part(reader, now)
        by_group = [Choice(found.groups, without) for found, without in searched]
        groups = [*question.chosen.get("group_id", ()), *by_group]
        return (
            replace(question, chosen={**question.chosen, "group_id": groups})
            if groups
            else question
        )

    def counted_part(self, reader: Reader, now: datetime) -> Question:
        """Return what to ask the counts, of the fields that they cover."""
        return self._question(reader, self.begin or _FIRST, self.end or now + timedelta(days=1))

    @property
    def why_unknown(self) -> str:
        """Say why nothing can be counted at present; "" where it can (browsing.known)."""
        if self.errors:
            return "A filter was not understood."
        if not LATELY_COUNTED.isdisjoint((*self.only, *self.but)) and not asking.is_whole():
            return "Records are being counted anew."
        return ""

    @property
    def why_uncounted(self) -> str:
        """Say why ``question`` found that the counts do not cover this filter; "" where they do."""
        if why := self.why_unknown:
            return why
        for name in (*self.only, *self.but):
            if self._is_uncounted(name):
                return f"Records are not counted by {self.fields[name].label}."
        if any(found.ids for found in self._found.values()):
            return "Words that vary from text to text are not counted."
        return ""

    def _is_uncounted(self, name: str) -> bool:
        """Tell whether a field is one of the records, and not of their counts."""
        return bool(self.fields[name].column) and name not in COUNTED

    def count(self, reader: Reader, most: int = MOST_COUNTED) -> int:
        """Count rows one by one, up to ``most`` and one more: for what the counts do not cover."""
        rows = self.rows(reader)
        return len(rows.order_by().values_list("pk")[: most + 1])

    def is_cut(self, reader: Reader) -> bool:
        """Tell whether there are older rows with words that vary, beyond those that are found."""
        cut = HAS in (*self.only, *self.but) and self.commented()[1]
        return cut or any(found.cut for found, _ in self.searched(reader))

    def commented(self) -> tuple[frozenset[UUID], bool]:
        """Look up which records have comments, once for all that this filter is asked."""
        if not self._with_comments:
            self._with_comments.append(commented(self.kind))
        return self._with_comments[0]

    def line(self) -> str:
        """Return the query line that means the same."""
        written = [f"since:{ALL}"] if self.all_time else []
        for name, at in (("since", self.begin), ("until", self.end)):
            if at is not None:
                written.append(language.term(name, [values.written(at)], without=False))
        for without, chosen in ((False, self.only), (True, self.but)):
            for name in self.fields:
                found = [str(value) for value in chosen.get(name, ())]
                if found and name == TEXT:
                    written += [language.words(each, without=without) for each in found]
                elif found:
                    written.append(language.term(SHORT.get(name, name), found, without=without))
        return " ".join(written)

    def to_query(self) -> str:
        """Return the address's query: times absolute, in an order of its own."""
        query = QueryDict(mutable=True)
        if self.all_time:
            query["from"] = ALL
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
            if name == "to":
                return replace(self, end=None)
            return replace(self, begin=None, all_time=False)
        chosen, plain = self._side(name)
        rest = tuple(each for each in chosen.get(plain, ()) if value is not None and each != value)
        return self._put(name, rest)

    def timeless(self) -> "Filter":
        """Return the filter without its range of time."""
        return replace(self, begin=None, end=None, all_time=False)

    def with_(self, name: str, value: Value) -> "Filter":
        """Return the filter with one more value of a field."""
        chosen, plain = self._side(name)
        return self._put(name, (*chosen.get(plain, ()), value))

    def _side(self, name: str) -> tuple[Chosen, str]:
        return (self.but if name.startswith(NOT) else self.only), name.removeprefix(NOT)

    def _put(self, name: str, found: Sequence[Value]) -> "Filter":
        chosen, plain = self._side(name)
        others = {each: kept for each, kept in chosen.items() if each != plain}
        changed = others | ({plain: values.in_order(found)} if found else {})
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
            for name in filter(self._is_uncounted, side):
                choice = (
                    Choice(self.commented()[0], without)
                    if name == HAS
                    else _choice(side[name], without=without)
                )
                found &= choice.on(self.fields[name].column)
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
                    told = [str(value) for value in found]
                    readings.append(_READINGS[name](self.kind, told, without=without))
        if self.kind is Kind.MESSAGE:
            readings += [codes_with(self.words)] if self.words else []
            unwanted = [words(str(phrase)) for phrase in self.but.get(TEXT, ())]
            readings += [codes_with(each, without=True) for each in unwanted]
        return Question(self.kind, begin, end, reader, chosen, readings)


_READINGS: Mapping[str, Any] = {"table": codes.listed_in, "whose": codes.whose}


def _choice(found: Sequence[Value], *, without: bool) -> Choice:
    plain = frozenset(value for value in found if not isinstance(value, Span))
    spans = tuple((value.first, value.last) for value in found if isinstance(value, Span))
    return Choice(plain, without, spans)


def _values(declared: Field, prefix: str, query: QueryDict, errors: Errors) -> tuple[Value, ...]:
    """Return the values of a field in an address; what is wrong with them goes to ``errors``."""
    name = prefix + declared.name
    try:
        words = _words(declared, query.getlist(name))
        return values.in_order([declared.read(word) for word in words])
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


def _foreign(kind: Kind, query: QueryDict) -> Iterator[str]:
    """Yield the parameters that filter other lists, or are written so in the query line alone."""
    for name in query:
        plain = name.removeprefix(NOT)
        if plain in FILTERS and plain not in FIELDS[kind]:
            yield name


def _range(
    query: QueryDict, now: datetime, errors: Errors
) -> tuple[datetime | None, datetime | None]:
    last = str(query.get("last", ""))
    if span := SPANS.get(last):
        end = now.replace(microsecond=0)
        return end - span[1], end
    if last:
        said = f"“{values.cut(last)}” is no range up to now. There are: {', '.join(SPANS)}."
        errors["last"] = [said]
    begin, end_ = (_moment(name, query, errors) for name in ("from", "to"))
    if begin and end_ and end_ < begin:
        errors.setdefault("to", []).append("“To” is before “From”.")
    return begin, end_


def _moment(name: str, query: QueryDict, errors: Errors) -> datetime | None:
    text = str(query.get(name, ""))
    try:
        nothing = not text or (name == "from" and text == ALL)
        return None if nothing else values.moment(text)
    except Refused as refused:
        errors.setdefault(name, []).append(str(refused))
        return None
