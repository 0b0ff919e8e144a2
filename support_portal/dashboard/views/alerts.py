"""Alerts on a saved view: making them, trying them out, muting them."""

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from support_portal.accounts.models import User
from support_portal.browsing.alerts import calling, looking
from support_portal.browsing.models import Alert, AlertCall, SavedView
from support_portal.core.calls import CallState
from support_portal.dashboard.alert_forms import AlertForm

MOST = 20  # of one person: each is looked at every minute
CALLS_SHOWN = 5
CALLS = {
    CallState.WAITING: ("none", "queued", "waits"),
    CallState.DONE: ("ok", "ok", "answered"),
    CallState.FAILED: ("bad", "fail", "failed"),
}
_TOO_MANY = f"You have {MOST} alerts already. Remove one first."


@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the alerts that this person has on a view, and make one."""
    person = cast(User, request.user)
    view = get_object_or_404(SavedView.objects.of(person), slug=slug)
    form = AlertForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        # Those on views that are not theirs any more have no page to be removed on.
        reached = Alert.objects.filter(owner=person, view__in=SavedView.objects.of(person))
        if reached.count() < MOST:
            Alert.objects.create(view=view, owner=person, **form.cleaned_data)
            messages.success(request, "The alert is set. It is looked at every minute.")
            return redirect("views:alerts", slug)
        form.add_error(None, _TOO_MANY)
    mine = Alert.objects.filter(view=view, owner=person).order_by("id")
    context = {"view": view, "form": form, "alerts": [_shown(each) for each in mine]}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "browsing/alerts.html", context, status=status)


@require_POST
def test(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Tell now what an alert would tell."""
    alert = _mine(request, alert_id)
    if problem := looking.try_out(alert, timezone.now()):
        messages.error(request, problem)
    else:
        messages.success(request, "A test was told in all the ways of this alert.")
    return redirect("views:alerts", alert.view.slug)


@require_POST
def mute(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Let an alert keep still, or let it tell again."""
    alert = _mine(request, alert_id)
    looking.muted(alert, wanted=request.POST.get("muted") == "yes")
    return redirect("views:alerts", alert.view.slug)


@require_POST
def remove(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Take an alert away."""
    alert = _mine(request, alert_id)
    alert.delete()
    messages.success(request, "The alert is removed.")
    return redirect("views:alerts", alert.view.slug)


def _mine(request: HttpRequest, alert_id: UUID) -> Alert:
    mine = Alert.objects.filter(owner=cast(User, request.user))
    return get_object_or_404(mine.select_related("view", "owner__team"), pk=alert_id)


def _shown(alert: Alert) -> dict[str, Any]:
    calls = AlertCall.objects.filter(alert=alert).order_by("-id")[:CALLS_SHOWN]
    return {
        "alert": alert,
        "limit": looking.limit(alert),
        "window": looking.length(alert.window),
        "pause": looking.length(alert.pause),
        "value": None if alert.value is None else f"{alert.value:,.4g}",
        "over": alert.value is not None and alert.value > alert.threshold,
        "secret": calling.secret_of(alert.pk) if alert.webhook else "",
        "calls": [(call, *CALLS[CallState(call.state)]) for call in calls],
    }
