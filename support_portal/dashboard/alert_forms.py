"""The form of an alert."""

from typing import Any

from django import forms
from django.conf import settings

from support_portal.accounts.models import User
from support_portal.browsing.alerts.looking import length
from support_portal.browsing.models import Measure
from support_portal.core import webhooks

WINDOWS = (5, 15, 60, 360, 1440)  # minutes
PAUSES = (15, 60, 240, 1440)
MOST = 1e9
_INPUT = {"class": "input", "autocomplete": "off"}


class AlertForm(forms.Form):
    """When somebody wants to be told, and how."""

    measure = forms.ChoiceField(
        label="What",
        choices=[(Measure.COUNT.value, "Number"), (Measure.SHARE.value, "Share in %")],
        widget=forms.RadioSelect,
        initial=Measure.COUNT,
        help_text="A share is of all records of the same sub-accounts, channels, countries and operators.",
    )
    threshold = forms.FloatField(
        label="More than",
        min_value=0,
        max_value=MOST,
        widget=forms.NumberInput(attrs={**_INPUT, "step": "any"}),
    )
    window = forms.TypedChoiceField(
        label="Within",
        coerce=int,
        choices=[(each, length(each)) for each in WINDOWS],
        widget=forms.Select(attrs={"class": "input"}),
        initial=15,
    )
    pause = forms.TypedChoiceField(
        label="Then keep still for",
        coerce=int,
        choices=[(each, length(each)) for each in PAUSES],
        widget=forms.Select(attrs={"class": "input"}),
        initial=60,
    )
    bell = forms.BooleanField(
        label="Tell me by bell, and by mail if I want mails", required=False, initial=True
    )
    webhook = forms.CharField(
        label="Call an address",
        max_length=webhooks.LONGEST,
        required=False,
        widget=forms.TextInput(attrs={**_INPUT, "inputmode": "url"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.WEBHOOK_HOSTS or not person.may("share views"):
            del self.fields["webhook"]

    def clean_webhook(self) -> str:
        """Refuse what would not be called."""
        address = str(self.cleaned_data["webhook"])
        try:
            if address:
                webhooks.target(address)
        except webhooks.Refused as why:
            raise forms.ValidationError(str(why)) from None
        return address

    def clean(self) -> dict[str, Any]:
        """Refuse an alert that would tell nobody, and a share that is none."""
        told = self.cleaned_data
        if not self.errors and not (told.get("bell") or told.get("webhook")):
            self.add_error("bell", "Choose at least one way of being told.")
        if told.get("measure") == Measure.SHARE and told.get("threshold", 0) >= 100:
            self.add_error("threshold", "A share is below 100 %.")
        return told
