"""Form fields that read what agents type into filters, and say what is wrong with it in words."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

LONGEST = 500
MOST = 50
_CODE = re.compile(r"-?[0-9]{1,10}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SEPARATORS = re.compile(r"[\s,;]+")
_INTEGERS = range(-(2**31), 2**31)
_YEARS = range(2000, 2101)


def parts(text: str) -> list[str]:
    """Return the words of a list that is separated by commas or spaces, each once."""
    return list(dict.fromkeys(word for word in _SEPARATORS.split(text) if word))


def cut(text: str) -> str:
    """Return the beginning of what was typed, short enough for a sentence."""
    return text if len(text) <= 30 else text[:29] + "…"


class ListField(forms.CharField):
    """Several words in one field."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(max_length=LONGEST, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.error_messages["max_length"] = (
            f"That is too long. Up to {LONGEST} characters are read."
        )

    def clean(self, value: Any) -> Any:
        """Return what the words mean."""
        words = parts(super().clean(value))
        if len(words) > MOST:
            raise ValidationError(f"That is too many. Up to {MOST} are read.")
        return [self.read(word) for word in words]

    def read(self, word: str) -> Any:
        """Return what one word means, or raise ValidationError."""
        raise NotImplementedError


class CodesField(ListField):
    """Code numbers."""

    def read(self, word: str) -> int:
        """Return the number."""
        if not _CODE.fullmatch(word) or int(word) not in _INTEGERS:
            raise ValidationError(
                f"“{cut(word)}” is not a code. Write whole numbers, for example 1300, 1002."
            )
        return int(word)


class CountriesField(ListField):
    """Countries by their two letters."""

    def read(self, word: str) -> str:
        """Return the country in capitals."""
        if not _COUNTRY.fullmatch(word.upper()):
            raise ValidationError(
                f"“{cut(word)}” is not a country. Write two letters, for example PH, SG."
            )
        return word.upper()


class WordsField(forms.MultipleChoiceField):
    """Boxes to tick; a word in the address that has no box is looked for all the same."""

    def __init__(self, **kwargs: Any) -> None:
        boxes = forms.CheckboxSelectMultiple(attrs={"class": "box"})
        super().__init__(widget=boxes, **kwargs)

    def valid_value(self, value: str) -> bool:
        """Accept any short word: 8x8 may send what no list of ours knows."""
        return len(value) <= 100 and "\x00" not in value

    def validate(self, value: Sequence[str]) -> None:
        """Refuse lists no page of ours makes."""
        super().validate(value)
        if len(value) > MOST:
            raise ValidationError(f"That is too many. Up to {MOST} are read.")

    def offer(self, words: Iterable[str]) -> None:
        """Show a box for each of ``words``."""
        self.choices = [(word, word) for word in words]


WordsField.default_error_messages = {
    **forms.MultipleChoiceField.default_error_messages,
    "invalid_choice": "This cannot be looked for: it is too long or holds a character of no word.",
}


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
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
        if moment.year not in _YEARS:
            raise ValueError
        aware = timezone.make_aware(moment) if moment.tzinfo is None else moment
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationError(
            f"“{cut(text)}” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z."
        ) from None
