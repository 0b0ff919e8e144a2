"""The form of a saved view."""

from typing import Any

from django import forms
from django.http import QueryDict

from support_portal.accounts.models import User
from support_portal.browsing.filtering import SPANS, Filter
from support_portal.browsing.models import NAME_LENGTH, QUERY_LENGTH, SavedView, Scope
from support_portal.browsing.views import View, query_of
from support_portal.insights.models import Kind

FIXED = "fixed"
_INPUT = {"class": "input", "autocomplete": "off"}


class ViewForm(forms.Form):
    """What a view is called, which time it shows, and who has it; its filter goes along."""

    name = forms.CharField(
        label="Name", max_length=NAME_LENGTH, widget=forms.TextInput(attrs=_INPUT)
    )
    time = forms.ChoiceField(
        label="Time", widget=forms.RadioSelect, help_text="A range up to now moves along."
    )
    scope = forms.ChoiceField(label="Who has it", widget=forms.RadioSelect, required=False)
    pinned = forms.BooleanField(label="Pin it to the tabs over the list", required=False)
    kind = forms.ChoiceField(choices=Kind, widget=forms.HiddenInput)
    query = forms.CharField(
        max_length=QUERY_LENGTH, required=False, strip=False, widget=forms.HiddenInput
    )
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, view: SavedView | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("time", [(FIXED, "As it is in the filter"), *_spans()])
        shared = [(Scope.MINE.value, "Only me")]
        if person.may("share views") and person.team:
            shared.append((Scope.TEAM.value, f"My team, {person.team}"))
        self._offer("scope", shared)
        if view is not None and view.owner_id != person.pk:
            self.fields["scope"].widget = forms.HiddenInput()

    def _offer(self, name: str, words: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = words

    @property
    def last(self) -> str:
        """Return the range that moves along, "" for times as they are."""
        time = str(self.cleaned_data["time"])
        return "" if time == FIXED else time


def values_of(view: View) -> dict[str, Any]:
    """Return what the form shows of a view."""
    saved = view.saved
    return {
        "name": view.name,
        "time": view.last or FIXED,
        "scope": saved.scope if saved else Scope.MINE,
        "pinned": view.pinned,
        "kind": view.kind,
        "query": view.query,
        "base": saved.version if saved else None,
    }


def new_values(kind: Kind, asked: Filter, address: QueryDict) -> dict[str, Any]:
    """Return what the form shows for the list at ``address``; a range up to now is guessed to move along."""
    length = asked.end - asked.begin if asked.begin and asked.end else None
    last = next((key for key, (_, span) in SPANS.items() if span == length), FIXED)
    return {
        "time": last,
        "scope": Scope.MINE,
        "pinned": True,
        "kind": kind,
        "query": query_of(asked, address, ""),
    }


def _spans() -> list[tuple[str, str]]:
    return [(key, f"The last {title}") for key, (title, _) in SPANS.items()]
