"""The fields of forms are those of Django's own templates."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from hypothesis import given

from support_portal.dashboard.inputs import MomentField
from support_portal.dashboard.widgets import Renderer
from tests.dashboard.hostile import HOSTILE

BREAKS_OUT = '"><script>alert(1)</script>'
FIELDS = {
    "text": forms.CharField(widget=forms.TextInput(attrs={"class": BREAKS_OUT, "autofocus": True})),
    "many": forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "readonly": False})),
    "hidden": forms.CharField(required=False, widget=forms.HiddenInput),
    "number": forms.IntegerField(min_value=1, max_value=2**63),
    "secret": forms.CharField(widget=forms.PasswordInput),
    "mail": forms.EmailField(),
    "address": forms.URLField(assume_scheme="https"),
    "ticked": forms.BooleanField(),
    "moment": MomentField(),
    "chosen": forms.ChoiceField(
        choices=[("", "None"), (BREAKS_OUT, BREAKS_OUT), ("Group &", [("a", "A"), ("b", "B")])]
    ),
    "several": forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")]),  # drawn by Django
}
DRAWN = [name for name in FIELDS if name != "several"]
Form = type("Form", (forms.Form,), dict(FIELDS))


def drawn(name: str, renderer: DjangoTemplates, value: object) -> str:
    """Return a field with a value as a renderer draws it, without blanks between tags."""
    html = Form({name: value}, renderer=renderer)[name].as_widget()
    return re.sub(r">\s+<(?!/textarea)", "><", html)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ["", "a", "7", "0", 0, BREAKS_OUT, None, True, "b\n\n c"])
def test_a_field_is_drawn_as_django_draws_it(name: str, value: object) -> None:
    assert drawn(name, Renderer(), value) == drawn(name, DjangoTemplates(), value)


@given(HOSTILE)
def test_nothing_that_was_typed_breaks_out_of_its_field(text: str) -> None:
    for name in ("text", "many", "hidden", "chosen"):
        assert drawn(name, Renderer(), text) == drawn(name, DjangoTemplates(), text)


@pytest.mark.parametrize("name", DRAWN)
def test_a_field_is_drawn_without_a_template(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DjangoTemplates, "get_template", None)

    assert drawn(name, Renderer(), "a")
