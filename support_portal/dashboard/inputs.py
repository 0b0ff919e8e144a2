"""Form fields that show what agents type into filters, and one that reads a time."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from support_portal.browsing import values


class AsTyped(forms.Field):
    """A field that shows what was typed; what it means is read elsewhere (browsing.filtering)."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input", "autocomplete": "off", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)


class BoxesField(forms.MultipleChoiceField):
    """Boxes to tick; what they mean is read elsewhere (browsing.filtering)."""

    def __init__(self, **kwargs: Any) -> None:
        boxes = forms.CheckboxSelectMultiple(attrs={"class": "box"})
        super().__init__(widget=boxes, **kwargs)

    def validate(self, value: Any) -> None:
        """Leave it to who reads the values."""


class MomentField(forms.CharField):
    """A time: ISO 8601, or as typed into a datetime field, which is in the reader's zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MomentInput(attrs={"class": "input"}))
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        """Return the moment in UTC."""
        text = super().clean(value)
        return parse_moment(text) if text else None


class MomentInput(forms.DateTimeInput):
    """A datetime field that shows absolute times of the address in the reader's zone."""

    input_type = "datetime-local"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Show what is no time as it was typed, in a plain field: browsers would drop it."""
        context = super().get_context(name, None, attrs)
        widget = context["widget"]
        widget["attrs"]["step"] = 1
        if value:
            try:
                moment = timezone.make_naive(parse_moment(str(value)))
                widget["value"] = moment.strftime("%Y-%m-%dT%H:%M:%S")
            except ValidationError:
                widget["type"], widget["value"] = "text", str(value)
        return context


def parse_moment(text: str) -> datetime:
    """Return the moment in UTC; ValidationError when it is none."""
    try:
        return values.moment(text)
    except values.Refused as refused:
        raise ValidationError(str(refused)) from None
