"""Forms for the machines that send: what they may do, and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from support_portal.accounts import secrets
from support_portal.accounts.admission import Quota
from support_portal.accounts.models import ApiToken, HookKey
from support_portal.accounts.services import SCOPES, SUB_ACCOUNT
from support_portal.browsing.values import cut, parts
from support_portal.dashboard.inputs import MomentField

SCOPE_WORDS = {
    "events:write": "post events",
    "records:read": "read errors, messages and codes, and look things up",
    "inquiries:read": "read inquiries to 8x8 with their evidence and answers",
    "inquiries:write": "start drafts of inquiries for a person, and add evidence to drafts",
    "comments:read": "read what colleagues say about records",
    "comments:write": "comment on records, marked as foreign",
}
OVERLAPS = {
    "0": "ends at once",
    "3600": "lives on for 1 hour",
    "86400": "lives on for 1 day",
    "604800": "lives on for 7 days",
    "2592000": "lives on for 30 days",
}
USUAL_OVERLAP = "604800"
MOST_REQUESTS, MOST_BYTES = 2**31 - 1, 2**53
INPUT = {"class": "input", "autocomplete": "off", "spellcheck": "false"}
NUMBER = {**INPUT, "inputmode": "numeric"}


class SubAccountsField(forms.CharField):
    """Names of sub-accounts."""

    def clean(self, value: Any) -> Any:
        """Return the names."""
        words = parts(super().clean(value))
        wrong = next((word for word in words if not SUB_ACCOUNT.fullmatch(word)), None)
        if wrong:
            raise ValidationError(
                f"“{cut(wrong)}” is not the name of a sub-account: letters, digits and . _ - &"
            )
        return words


class SenderForm(forms.Form):
    """What tokens and webhook keys have in common."""

    name = forms.CharField(
        label="Name",
        help_text="Who will use it, for example sms-dispatch of the parcel team.",
        max_length=100,
        widget=forms.TextInput(attrs=INPUT),
    )
    expires_at = MomentField(
        label="Expires", help_text="In your time zone. Empty: never.", required=False
    )

    def clean_name(self) -> str:
        """Return a name that can be read in a list."""
        name: str = self.cleaned_data["name"]
        if not any(character.isalnum() for character in name):
            raise ValidationError("Write a name that has a letter or a digit in it.")
        return name

    def clean_expires_at(self) -> datetime | None:
        """Return an end that lies ahead, or the one that was there before."""
        end: datetime | None = self.cleaned_data["expires_at"]
        before: datetime | None = self.initial.get("expires_at")
        if end and before and abs(end - before) < timedelta(seconds=1):
            return before  # what is shown has no fractions of a second
        if end and end <= timezone.now():
            raise ValidationError("That time is over. To end a sender at once, revoke it.")
        return end


class TokenForm(SenderForm):
    """An API token."""

    scopes = forms.MultipleChoiceField(
        label="May",
        choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "box"}),
        error_messages={"required": "Choose at least one."},
    )
    sub_accounts = SubAccountsField(
        label="Sub-accounts",
        help_text="What it may send for and read, separated by commas or spaces. Empty: all.",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={**INPUT, "rows": 2}),
    )
    requests = forms.IntegerField(
        label="Requests a minute",
        help_text="More are answered with 429. Empty: as the installation says.",
        required=False,
        min_value=1,
        max_value=MOST_REQUESTS,
        widget=forms.TextInput(attrs=NUMBER),
    )
    size = forms.IntegerField(
        label="Bytes a minute",
        help_text="The same for the bytes of what it sends.",
        required=False,
        min_value=1,
        max_value=MOST_BYTES,
        widget=forms.TextInput(attrs=NUMBER),
    )

    def values(self) -> dict[str, Any]:
        """Return the arguments of issue_token and change_token."""
        told = self.cleaned_data
        return {
            "name": told["name"],
            "scopes": told["scopes"],
            "sub_accounts": told["sub_accounts"] or None,
            "quota": Quota(told["requests"], told["size"]),
            "expires_at": told["expires_at"],
        }


class HookForm(SenderForm):
    """A webhook key."""

    def values(self) -> dict[str, Any]:
        """Return the arguments of issue_hook_key and change_hook_key."""
        return {"name": self.cleaned_data["name"], "expires_at": self.cleaned_data["expires_at"]}


class AuthorizationForm(forms.Form):
    """Whether 8x8 sends a fixed Authorization value with each call."""

    KEEP, NONE, NEW, OWN = "keep", "none", "new", "own"
    authorization = forms.ChoiceField(
        label="Authorization value",
        help_text="8x8 can send a fixed one with each call (httpAuthorization).",
        choices=[
            (NONE, "none"),
            (NEW, "make one up, shown once"),
            (OWN, "the one below"),
        ],
        widget=forms.Select(attrs={"class": "input"}),
    )
    own = forms.CharField(
        label="Value of your own",
        help_text="The whole value, for example Basic dXNlcjpwYXNz.",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=INPUT),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a value that can be a header, where one is promised."""
        told = super().clean() or self.cleaned_data
        own = told.get("own", "")
        if told.get("authorization") == self.OWN and not own:
            self.add_error("own", "Write the value, or choose something else above.")
        if own and not (own.isascii() and own.isprintable()):
            self.add_error("own", "A header holds plain ASCII characters only.")
        return told

    def agreed(self) -> str | None:
        """Return the value that was chosen; None keeps the present one."""
        chosen = self.cleaned_data["authorization"]
        values = {self.NONE: "", self.OWN: self.cleaned_data["own"], self.KEEP: None}
        return f"Bearer {secrets.new_secret()}" if chosen == self.NEW else values[chosen]


class RotateForm(forms.Form):
    """A new secret."""

    overlap = forms.ChoiceField(
        label="The present secret",
        choices=list(OVERLAPS.items()),
        initial=USUAL_OVERLAP,
        widget=forms.Select(attrs={"class": "input"}),
    )

    def length(self) -> timedelta:
        """Return how long the present secret lives on."""
        return timedelta(seconds=int(self.cleaned_data["overlap"]))


class RotateHookForm(AuthorizationForm, RotateForm):
    """A new webhook address, with another Authorization value if wanted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authorization"]
        field.choices = [(self.KEEP, "stays as it is"), *field.choices]  # type: ignore[attr-defined]
        self.order_fields(["overlap"])


class NewTokenForm(TokenForm):
    """A token that is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("scopes", list(SCOPES[:1]))


class NewHookForm(AuthorizationForm, HookForm):
    """A webhook key that is made."""

    field_order = ["name", "expires_at"]


NEW: dict[str, type[TokenForm] | type[NewHookForm]] = {"token": NewTokenForm, "hook": NewHookForm}


def change_form(
    sender: ApiToken | HookKey, data: Mapping[str, Any] | None = None
) -> TokenForm | HookForm:
    """Return the form that changes ``sender``."""
    common = {"name": sender.name, "expires_at": sender.expires_at}
    if isinstance(sender, HookKey):
        return HookForm(data, initial=common)
    rights = {
        "scopes": sender.scopes,
        "sub_accounts": ", ".join(sender.sub_accounts or ()),
        "requests": sender.requests_a_minute,
        "size": sender.bytes_a_minute,
    }
    return TokenForm(data, initial={**common, **rights})


def rotate_form(
    sender: ApiToken | HookKey, data: Mapping[str, Any] | None = None
) -> RotateForm | RotateHookForm:
    """Return the form that gives ``sender`` a new secret."""
    return RotateHookForm(data) if isinstance(sender, HookKey) else RotateForm(data)
