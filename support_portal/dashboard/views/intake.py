"""How the intake is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import clock
from support_portal.dashboard.refusals import reasons
from support_portal.dashboard.views.listing import page_links, page_size
from support_portal.ingest.models import Delivery
from support_portal.ingest.selectors import IntakeStatus, intake_status

QUIET_AFTER = timedelta(hours=1)
_FIRST_DELIVERY = "Give 8x8 the address of the webhook, or let a service post to the intake API."


@dataclass(frozen=True, slots=True)
class Health:
    """The one sentence on top of the intake page, and what to do about it."""

    tone: str
    title: str
    steps: tuple[str, ...] = ()


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show whether all is well, the last deliveries, and what was not understood."""
    now = timezone.now()
    state = intake_status(now)
    page = paginate(
        Delivery.objects.order_by("-id").defer("body"),
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    return render(
        request,
        "intake/status.html",
        {
            "health": health(state, now),
            "state": state,
            "page": page,
            "links": page_links(request, page),
            "reasons": reasons(),
            "may_replay": cast(User, request.user).may("replay"),
        },
    )


def health(state: IntakeStatus, now: datetime) -> Health:
    """Say in one sentence how the intake is, the most urgent thing first."""
    if state.late:
        return Health(
            "warn",
            f"The intake is {clock.duration(state.lag_seconds)} behind.",
            (
                "Nothing is lost: what was sent is kept, and is read once the worker runs.",
                "Look whether the worker process runs and what it wrote last to its log.",
                "If it runs, look whether the disk is full or the database is busy.",
            ),
        )
    if state.last_received_at is None:
        return Health("info", "Nothing has been sent to us yet.", (_FIRST_DELIVERY,))
    quiet = now - state.last_received_at
    if quiet > QUIET_AFTER:
        return Health(
            "info",
            f"All that was sent is recorded. The last delivery came {clock.duration(quiet)} ago.",
            ("If more was expected, look at the sender: the webhook in 8x8 Connect, or the log.",),
        )
    if state.quarantined:
        return Health(
            "warn",
            "All is recorded but for what is in the quarantine.",
            ("Read the reasons below. After a mend, a lead can send the items through again.",),
        )
    return Health("ok", "All is well: everything that was sent is recorded.")
