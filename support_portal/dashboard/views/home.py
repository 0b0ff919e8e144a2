"""The start page: the paste box, and what went wrong last."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import watched
from support_portal.events.models import ErrorEvent, Message
from support_portal.events.states import FAILURES
from support_portal.knowledge.readings import of_errors, of_messages

SHOWN = 8
FAILED = sorted(FAILURES)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the start page."""
    person = cast(User, request.user)
    errors = ErrorEvent.objects.visible_to(person).newest_first()[:SHOWN]
    return render(
        request,
        "home.html",
        {
            "errors": of_errors(errors),
            "failed": of_messages(last_failed(person)),
            "watches": watched.newest(person),
            "failed_query": "&".join(f"state={state}" for state in FAILED),
        },
    )


def last_failed(person: User) -> list[Message]:
    """Return the newest failed messages; state by state, because each is one short index walk."""
    rows = [
        message
        for state in FAILED
        for message in Message.objects.visible_to(person).filter(state=state).newest_first()[:SHOWN]
    ]
    return sorted(rows, key=lambda row: (row.state_at, row.umid), reverse=True)[:SHOWN]
