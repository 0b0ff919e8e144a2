"""Incidents: the list of them, and the page where people settle one."""

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import alone, incident_words, inquiry_about, standings
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.dashboard.thread import CommentForm, thread_about
from support_portal.dashboard.views import comments
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.events.models import ErrorEvent, Message
from support_portal.events.states import FAILURES
from support_portal.inquiries.letters import TABLED
from support_portal.inquiries.selectors import about_incident
from support_portal.insights import incidents
from support_portal.insights.incidents import Doing, Overtaken, Refused
from support_portal.insights.models import Act, Incident, Kind, State
from support_portal.insights.similar import LATELY
from support_portal.lookup.hits import error_hit, message_hit
from support_portal.lookup.subjects import of_incident
from support_portal.lookup.team import with_team

TABS = {"": "All", "open": "To settle", "settled": "Settled"}
SHOWN = 8
DONE = {
    Act.CONFIRMED: "Confirmed.",
    Act.NAMED: "It has a name now.",
    Act.MERGED: "It is part of this one now.",
    Act.CLOSED: "Closed.",
}
TOO_LATE = "Somebody was quicker. This is how it stands now; nothing of yours was done."


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List incidents, the one that began last first."""
    person = cast(User, request.user)
    shown, wrong = request.GET.get("show", ""), not_understood(request.GET, show=TABS)
    rows = Incident.objects.visible_to(person).newest_first()
    if wrong:
        rows = rows.none()
    elif shown == "open":
        rows = rows.unsettled()
    elif shown == "settled":
        rows = rows.filter(state__in=[State.MERGED, State.CLOSED])
    page = paginate(rows, cursor=request.GET.get("cursor", ""), size=page_size(request))
    context = {
        "page": page,
        "wrong": wrong,
        "rows": incident_words.with_standings(incident_words.all_told(page, person)),
        "tabs": [
            {"word": word, "href": changed(request, show=key or None), "current": key == shown}
            for key, word in TABS.items()
        ],
        "links": page_links(request, page),
        "sizes": page_sizes(request, page.size),
    }
    return render(request, "incidents/list.html", context)


@require_safe
def detail(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Show one incident."""
    return _page(request, _visible(request, incident_id))


@require_POST
def comment(request: comments.HtmxRequest, incident_id: UUID) -> HttpResponse:
    """Add a comment."""
    comments.writer(request)
    incident = _visible(request, incident_id)
    return comments.posted(
        request, of_incident(incident), lambda form: _page(request, incident, form)
    )


@require_POST
def settle(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Confirm, name, merge or close an incident."""
    person = cast(User, request.user)
    if not person.may("handle incidents"):
        raise PermissionDenied("Your role may read incidents and not settle them.")
    incident = _visible(request, incident_id)
    doing = _doing(request, person)
    if doing is None:
        raise Http404("no such act")
    try:
        incidents.do(incident.id, doing)
    except Refused as refused:
        return _page(request, incident, doing=doing, faults=refused.faults)
    except Overtaken:
        messages.warning(request, TOO_LATE)
        return redirect("incidents:detail", incident.id)
    messages.success(request, DONE[doing.act])
    return redirect("incidents:detail", doing.into or incident.id)


def _doing(request: HttpRequest, person: User) -> Doing | None:
    asked = request.POST.get("act", "")
    if asked not in [act.value for act in DONE]:
        return None
    base, into = request.POST.get("base", ""), request.POST.get("into", "")
    return Doing(
        act=Act(asked),
        base=int(base) if base.isdecimal() and len(base) < 9 else 0,
        author=person,
        reason=request.POST.get("why", ""),
        name=request.POST.get("name", ""),
        into=_id(into),
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _visible(request: HttpRequest, incident_id: UUID) -> Incident:
    rows = Incident.objects.visible_to(cast(User, request.user)).select_related("merged_into")
    incident = rows.filter(pk=incident_id).first()
    if incident is None:
        raise Http404("no such incident")
    return incident


def _page(
    request: HttpRequest,
    incident: Incident,
    form: CommentForm | None = None,
    doing: Doing | None = None,
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    person, now = cast(User, request.user), timezone.now()
    question = incidents.question(incident, person, now)
    may = person.may("handle incidents")
    into = incidents.whole(incident, person)
    open_now = incident.state in (State.PROPOSED, State.CONFIRMED)
    context = {
        "told": incident_words.told(incident, person, now),
        "facts": incident_words.facts(incident, person),
        "steps": incident_words.steps(incidents.history(incident)),
        "into": incident_words.told(into, person) if into else None,
        "parts": incident_words.all_told(
            incident.parts.visible_to(person).newest_first()[: incidents.MOST_SHOWN], person
        ),
        "alone": alone.card(question, incident.over_at - alone.NOW, now),
        "hits": _hits(incident, person),
        "days": LATELY,
        "inquiries": inquiry_about.told(about_incident(incident, person)),
        "newest": TABLED,
        "may_inquire": person.may("inquire"),
        "may_settle": may and open_now,
        "targets": incident_words.all_told(incidents.targets(incident, person), person)
        if may and open_now
        else [],
        "standing": standings.card(of_incident(incident), person),
        "doing": doing,
        "faults": faults or {},
        "thread": thread_about(of_incident(incident), person, form, request.GET.get("reply", "")),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form or faults else HTTPStatus.OK
    return render(request, "incidents/detail.html", context, status=status)


def _hits(incident: Incident, person: User) -> list[Any]:
    """Return the newest records that belong to it."""
    end = incident.ended_at or timezone.now()
    places = {name: value for name in incidents.TRAITS if (value := getattr(incident, name))}
    if incident.kind == Kind.ERROR:
        errors = ErrorEvent.objects.visible_to(person).filter(code=incident.code or 0, **places)
        within = errors.filter(occurred_at__gte=incident.began_at, occurred_at__lt=end)
        return with_team([error_hit(error) for error in within.newest_first()[:SHOWN]])
    failed = Message.objects.visible_to(person).filter(state__in=FAILURES, **places)
    if incident.code is not None:
        coded = {"error_code": incident.code, "error_registry": incident.registry}
        failed = failed.filter(**coded)
    some = failed.filter(state_at__gte=incident.began_at, state_at__lt=end)
    return with_team([message_hit(message) for message in some.newest_first()[:SHOWN]])
