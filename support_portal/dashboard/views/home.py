"""The start page: the paste box, what is unusual, what was looked at, and the last 24 hours."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.browsing import looks
from support_portal.dashboard import deaf, incident_words, looked, standings, watched
from support_portal.dashboard.lately import last_day
from support_portal.events.models import ErrorEvent
from support_portal.insights.models import Incident
from support_portal.knowledge.readings import of_errors

SHOWN = 8
INCIDENTS = 3
DEAF = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the start page."""
    person, now = cast(User, request.user), timezone.now()
    whose = looked.TEAM if request.GET.get("recent") == looked.TEAM else looked.MINE
    recent = looked.recent(person, whose)
    # Who has not looked at anything yet sees what went wrong last.
    nothing = not recent and whose == looked.MINE
    errors = ErrorEvent.objects.visible_to(person).newest_first()[: SHOWN if nothing else 0]
    incidents = Incident.objects.visible_to(person).unsettled().newest_first()[:INCIDENTS]
    context = {
        "recent": recent,
        "whose": whose,
        "tabs": [
            {"word": "Mine", "href": reverse("home"), "current": whose == looked.MINE},
            {"word": "The team’s", "href": "?recent=team", "current": whose == looked.TEAM},
        ],
        "errors": of_errors(errors),
        "watches": watched.newest(person),
        "incidents": incident_words.all_told(incidents, person),
        "mine": standings.mine(person),
        "deaf": deaf.recent(person)[:DEAF],
        "lately": last_day(person, now),
    }
    return render(request, "home.html", context)


@require_POST
def pin(request: HttpRequest, look_id: int) -> HttpResponse:
    """Keep a record at the top of what one looked at, or let it go."""
    wanted = request.POST.get("pinned") == "yes"
    if not looks.pin(cast(User, request.user), look_id, pinned=wanted):
        if not wanted:
            raise Http404("no such look")
        messages.warning(request, f"It is not pinned: {looks.MOST_PINNED} is the most.")
    return redirect("home")
