"""The page of errors that are alike: the same code, at the same endpoint, in the same words."""

from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import alone, days, standings
from support_portal.events.models import ErrorEvent, ErrorGroup
from support_portal.inquiries import remembering
from support_portal.inquiries.letters import TABLED
from support_portal.insights.models import Kind
from support_portal.insights.similar import DAYS, of_group
from support_portal.knowledge.readings import of_errors
from support_portal.lookup import subjects
from support_portal.lookup.hits import error_hit
from support_portal.lookup.team import with_team
from support_portal.payloads.phones import masked_text

SHOWN = 10


@require_safe
def detail(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show a group to whoever may see an error of it: its words come from those."""
    person = cast(User, request.user)
    group = get_object_or_404(ErrorGroup, group_id=group_id)
    errors = ErrorEvent.objects.visible_to(person).filter(group_id=group_id)
    newest = list(errors.newest_first()[:SHOWN])
    if not newest:
        raise Http404("no error of this group is here")
    first = errors.order_by("occurred_at", "error_id").first()
    now = timezone.now()
    similar = of_group(group_id, person)
    question = alone.asked(Kind.ERROR, person, group_id=group_id)
    query = urlencode({"group": group_id})
    context = {
        "group": group,
        "reading": of_errors(newest[:1])[0][1],
        "wording": masked_text(group.wording),
        "endpoint": masked_text(group.endpoint),
        "similar": similar,
        "span": DAYS,
        "sub_accounts": days.shares(similar.sub_accounts),
        "countries": days.shares(similar.countries),
        "days": days.drawn(similar.days),
        "first": first,
        "last": newest[0],
        "hits": with_team([error_hit(error) for error in newest]),
        "alone": alone.card(question, newest[0].occurred_at, now),
        "standing": standings.card(subjects.of_group(group), person),
        "memory": remembering.of_group(newest[0], person),
        "href": f"{reverse('errors:list')}?{query}",
        "query": query,
        "newest": TABLED,
        "may_inquire": person.may("inquire"),
    }
    return render(request, "errors/group.html", context)
