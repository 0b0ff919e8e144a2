"""The filters of the two large tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from support_portal.accounts.models import User
from support_portal.dashboard import choices, clock
from support_portal.dashboard.addresses import changed
from support_portal.dashboard.inputs import CodesField, CountriesField, MomentField, WordsField
from support_portal.events.models import ErrorEvent, Message
from support_portal.reason_codes import registries

SELECT = forms.Select(attrs={"class": "input"})


class CodesFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows with one of these codes."""

    field_class = CodesField


class CountriesFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows whose recipient is in one of these countries."""

    field_class = CountriesField


class WordsFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows with one of these words."""

    field_class = WordsField


class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows from, or up to, a moment."""

    field_class = MomentField


class RangeForm(forms.Form):
    """The form of a filter set: its two times have to be in order."""

    def clean(self) -> dict[str, Any]:
        """Say it beside the field when the range ends before it begins."""
        cleaned = self.cleaned_data
        begin, end = cleaned.get("from"), cleaned.get("to")
        if begin and end and end < begin:
            self.add_error("to", ValidationError("“To” is before “From”."))
        return cleaned


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter, and the address without it."""

    label: str
    value: str
    href: str


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What the two tables are filtered by alike."""

    tables: tuple[str, ...] = ()  # the code tables whose numbers occur here
    moment = ""  # the column that the time range is about
    code = CodesFilter(lookup_expr="in", label="Code")
    table = django_filters.ChoiceFilter(
        label="Table", method="filter_table", empty_label="Any", widget=SELECT
    )
    sub_account = WordsFilter(lookup_expr="in", label="Sub-account")
    channel = WordsFilter(lookup_expr="in", label="Channel")
    country = CountriesFilter(lookup_expr="in", label="Country")

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """Add the time range; "from" is a word of Python and cannot be an attribute."""
        moments = {
            "from": MomentFilter(cls.moment, lookup_expr="gte", label="From"),
            "to": MomentFilter(cls.moment, lookup_expr="lte", label="To"),
        }
        return {**moments, **super().get_filters()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = cast(User, self.request.user)
        self.form.fields["table"].choices = choices.tables(self.tables)
        self._offer("sub_account", choices.sub_accounts(person))
        self._offer("channel", choices.CHANNELS)
        self._offer("state", choices.STATES)

    @property
    def chips(self) -> Iterator[Chip]:
        """Return what is chosen and understood, one chip a value."""
        for name, value in getattr(self.form, "cleaned_data", {}).items():
            yield from self._chips(name, value)

    def _chips(self, name: str, value: Any) -> Iterator[Chip]:
        label = str(self.form.fields[name].label)
        if isinstance(value, list):
            words = [str(word) for word in value]
            for word in words:
                rest = [other for other in words if other != word]
                yield Chip(label, word, self._without(name, rest))
        elif value:
            yield Chip(label, self._said(name, value), self._without(name, []))

    def _said(self, name: str, value: Any) -> str:
        if isinstance(value, datetime):
            return re.sub(r"(:00)?\.00$", "", clock.day_and_clock(value))
        return str(dict(self.form.fields[name].choices).get(value, value))

    def _without(self, name: str, rest: list[str]) -> str:
        if isinstance(self.form.fields[name], WordsField):
            return changed(self.request, **{name: rest})
        return changed(self.request, **{name: ", ".join(rest) or None})

    def _offer(self, name: str, words: Any) -> None:
        """Show boxes for ``words`` and for those of the address that are not among them."""
        field = self.form.fields.get(name)
        if isinstance(field, WordsField):
            asked = self.data.getlist(name) if self.is_bound else []
            field.offer(dict.fromkeys([*words, *filter(field.valid_value, asked)]))


class ErrorFilter(EventFilter):
    """The filters of the errors."""

    tables = choices.API_TABLES
    moment = "occurred_at"

    def filter_table(self, rows: QuerySet[ErrorEvent], _: str, key: str) -> QuerySet[ErrorEvent]:
        """Keep the codes that a table lists, or those that no table of API errors does."""
        if key == choices.UNLISTED:
            return rows.exclude(code__in=_codes(choices.API_TABLES))
        return rows.filter(code__in=_codes((key,)))

    class Meta:
        model = ErrorEvent
        fields: list[str] = []
        form = RangeForm


class MessageFilter(EventFilter):
    """The filters of the messages."""

    tables = choices.RECEIPT_TABLES
    moment = "state_at"
    code = CodesFilter("error_code", lookup_expr="in", label="Code")
    state = WordsFilter(lookup_expr="in", label="State")

    def filter_table(self, rows: QuerySet[Message], _: str, key: str) -> QuerySet[Message]:
        """Keep the codes that were read by a table, or those that no table lists."""
        if key == choices.UNLISTED:
            return rows.filter(Q(error_registry="", error_code__isnull=False))
        return rows.filter(error_registry=key)

    class Meta:
        model = Message
        fields: list[str] = []
        form = RangeForm


def _codes(keys: tuple[str, ...]) -> list[int]:
    return [code for key in keys for code in registries()[key].codes]
