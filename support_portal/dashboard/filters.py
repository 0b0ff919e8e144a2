"""The forms over the filters of the two large tables.

What an address means is read in one place, ``browsing.filtering``.  A form shows it field by field,
says what was not understood beside the field, and offers what there is to choose.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from support_portal.accounts.models import User
from support_portal.browsing.codes import UNLISTED, tables_of
from support_portal.browsing.filtering import NAME_OF_LINE, NOT, Filter
from support_portal.browsing.values import Value
from support_portal.dashboard import choices, clock
from support_portal.dashboard.addresses import filtered
from support_portal.dashboard.inputs import AsTyped, BoxesField, MomentInput
from support_portal.events.models import ErrorEvent, Message
from support_portal.reason_codes import Whose, registries

FORM = "filter"  # the id of the form, since its times stand elsewhere on the page


class Typed(django_filters.Filter):  # type: ignore[misc]
    """What is typed into one field."""

    field_class = AsTyped


class Ticked(django_filters.Filter):  # type: ignore[misc]
    """Boxes to tick."""

    field_class = BoxesField


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter, and the address without it."""

    label: str
    value: str
    href: str


class ReadForm(forms.Form):
    """A form whose fields are read by a Filter: it has no other opinion on what is right."""

    asked: Filter

    def clean(self) -> dict[str, Any]:
        """Say beside each field what was not understood."""
        for name, sentences in self.asked.errors.items():
            plain = "from" if name == "last" else name.removeprefix(NOT)
            if name == NAME_OF_LINE:
                continue  # is said beside the line
            for sentence in sentences:
                self.add_error(plain if plain in self.fields else None, sentence)
        return self.cleaned_data


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What the two tables are filtered by alike."""

    code = Typed(label="Code")
    table = Ticked(label="Table")
    whose = Ticked(label="Whose")
    sub_account = Ticked(label="Sub-account")
    channel = Ticked(label="Channel")
    country = Typed(label="Country")

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """Add the time range; "from" is a word of Python and cannot be an attribute."""
        moments = {
            name: Typed(label=label, widget=MomentInput(attrs={"class": "input", "form": FORM}))
            for name, label in (("from", "From"), ("to", "To"))
        }
        return {**moments, **super().get_filters()}

    def __init__(self, *args: Any, asked: Filter, **kwargs: Any) -> None:
        self.asked = asked
        super().__init__(*args, **kwargs)
        self.form.asked = asked
        person = cast(User, self.request.user)
        tables = {key: registries()[key].title for key in tables_of(asked.kind)}
        self._offer("table", tables | {UNLISTED: "In no table"})
        self._offer("whose", {each.value: each.label for each in Whose})
        self._offer("sub_account", _alike(choices.sub_accounts(person)))
        self._offer("channel", _alike(choices.CHANNELS))
        self._offer("state", _alike(choices.STATES))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows as they came: the filter chose them."""
        return queryset

    @property
    def chips(self) -> Iterator[Chip]:
        """Return what is chosen and understood, one chip a value."""
        return chips(self.request, self.asked)

    @property
    def kept(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters of the filter that no field of the form shows."""
        for name, found in self.data.lists():
            plain = name.removeprefix(NOT)
            if plain in self.asked.fields and name not in self.form.fields:
                yield from ((name, value) for value in found)

    def _offer(self, name: str, words: Mapping[str, str]) -> None:
        """Show boxes for ``words`` and for those of the address that are not among them."""
        field = self.form.fields.get(name)
        if isinstance(field, BoxesField):
            asked = (str(value) for value in self.asked.only.get(name, ()))
            others = {word: word for word in asked if word not in words}
            field.choices = list({**words, **others}.items())


class ErrorFilter(EventFilter):
    """The filters of the errors."""

    http = Typed(label="HTTP status")

    class Meta:
        model = ErrorEvent
        fields: list[str] = []
        form = ReadForm


class MessageFilter(EventFilter):
    """The filters of the messages."""

    state = Ticked(label="State")

    class Meta:
        model = Message
        fields: list[str] = []
        form = ReadForm


def chips(request: HttpRequest, asked: Filter) -> Iterator[Chip]:
    """Yield what a filter chooses, one chip a value, each with this page's address without it."""
    for name, value, label, said in _told(asked):
        yield Chip(label, said, filtered(request, _rest(asked, name, value)))


def said_of(asked: Filter) -> list[tuple[str, str]]:
    """Return what a filter chooses in words: the field and the value."""
    return [(label, said) for _, _, label, said in _told(asked)]


def _rest(asked: Filter, name: str, value: Value | None) -> Filter:
    """Return the filter without a choice; one that would be given a begin is of all time then."""
    if name == "from" and asked.begin is not None:
        return replace(asked, begin=None, all_time=bool(asked.only or asked.but))
    return asked.without(name, value)


def _told(asked: Filter) -> Iterator[tuple[str, Value | None, str, str]]:
    """Yield each choice: the name in the address and the value, then both in words."""
    if asked.all_time:
        yield "from", None, "From", "all time"
    for name, label, at in (("from", "From", asked.begin), ("to", "To", asked.end)):
        if at is not None:
            yield name, None, label, _moment(at)
    for name, value in asked.chosen():
        label = asked.fields[name.removeprefix(NOT)].label
        said = f"{label} not" if name.startswith(NOT) else label
        yield name, value, said, _said(name, str(value))


def _moment(at: datetime) -> str:
    return re.sub(r"(:00)?\.00$", "", clock.day_and_clock(at))


def _said(name: str, word: str) -> str:
    plain = name.removeprefix(NOT)
    if plain == "table":
        return registries()[word].title if word in registries() else "In no table"
    return Whose(word).label if plain == "whose" else word


def _alike(words: Any) -> dict[str, str]:
    return {word: word for word in words}
