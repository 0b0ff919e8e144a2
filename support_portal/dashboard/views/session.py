"""What a person sets for themselves: the theme and the time zone."""

import zoneinfo
from datetime import timedelta
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from support_portal.accounts.models import User, validate_time_zone

THEMES = ("light", "dark")
THEME_AGE = timedelta(days=365)


class ZoneForm(forms.Form):
    """The zone in which times are shown."""

    time_zone = forms.CharField(
        label="Time zone",
        help_text="Continent/City, for example Asia/Manila, or UTC.",
        max_length=50,
        validators=[validate_time_zone],
        widget=forms.TextInput(attrs={"class": "input", "list": "zones", "autocomplete": "off"}),
    )


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie and go back; any other word is that of the system."""
    response = redirect(_way_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme",
            chosen,
            max_age=THEME_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest) -> HttpResponse:
    """Show and change the zone in which this person reads times."""
    user = cast(User, request.user)
    form = ZoneForm(request.POST or None, initial={"time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        user.time_zone = form.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])
        messages.success(request, f"Times are now shown in {user.time_zone}.")
        return redirect("zone")
    return render(
        request,
        "registration/zone.html",
        {"form": form, "zones": sorted(zoneinfo.available_timezones())},
        status=422 if form.errors else 200,
    )


def _way_back(request: HttpRequest) -> str:
    """Return where the form says it came from, if that is on this site."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return address
    return resolve_url("home")
