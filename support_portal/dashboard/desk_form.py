"""The form of the desk's hours and of what is expected of 8x8."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from support_portal.inquiries.desk import DAYS, LONGEST_HOLIDAYS, Desk, names
from support_portal.inquiries.models import Severity

INPUT = {"class": "input", "autocomplete": "off"}
DAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DeskForm(forms.Form):
    """What is typed is read by inquiries.desk, which says what is wrong with it."""

    zone = forms.CharField(
        label="Time zone",
        help_text="Continent/City, for example Asia/Singapore.",
        required=False,
        widget=forms.TextInput(attrs={**INPUT, "list": "zones"}),
    )
    days = forms.MultipleChoiceField(
        label="Working days",
        required=False,
        choices=list(zip(DAYS, DAY_WORDS, strict=True)),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "box"}),
    )
    opens = forms.CharField(
        label="Opens", required=False, widget=forms.TextInput(attrs={**INPUT, "type": "time"})
    )
    closes = forms.CharField(
        label="Closes",
        help_text="00:00 is the end of the day.",
        required=False,
        widget=forms.TextInput(attrs={**INPUT, "type": "time"}),
    )
    holidays = forms.CharField(
        label="Holidays",
        help_text="A date a line, with its name if you like: 2026-12-25 Christmas Day",
        required=False,
        max_length=LONGEST_HOLIDAYS,
        widget=forms.Textarea(attrs={"class": "input", "rows": 5}),
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def __init__(self, desk: Desk, data: QueryDict | None = None) -> None:
        days = [DAYS[day - 1] for day in sorted(desk.hours.days)]
        super().__init__(data, initial=dict(desk.said) | {"days": days, "base": desk.number})
        for severity in Severity:
            for what, word in (("answer", "first answer"), ("solution", "solution")):
                self.fields[f"{severity.value}_{what}"] = forms.CharField(
                    label=f"{severity.label}: {word}",
                    required=False,
                    widget=forms.TextInput(attrs={**INPUT, "inputmode": "decimal"}),
                )

    def targets(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        """Yield each severity with its two fields."""
        for severity in Severity:
            answer, solution = (f"{severity.value}_{what}" for what in ("answer", "solution"))
            yield severity.label, self[answer], self[solution]

    def said(self) -> dict[str, str]:
        """Return the texts as inquiries.desk reads them."""
        typed: Mapping[str, Any] = self.cleaned_data | {"days": ",".join(self.cleaned_data["days"])}
        return {name: str(typed[name]) for name in names()}

    def refuse(self, faults: Mapping[str, str]) -> None:
        """Say what is wrong beside the fields."""
        for name, fault in faults.items():
            self.add_error(name, fault)

    def rebase(self, number: int) -> None:
        """Let what was typed be saved over the rules ``number``."""
        data = cast(QueryDict, self.data).copy()
        data["base"] = str(number)
        self.data = data
