"""The list of events of the account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from support_portal.core.keyset import paginate
from support_portal.dashboard.account_words import row
from support_portal.dashboard.views.listing import page_links, page_size
from support_portal.events.models import AccountEvent


@require_safe
def account_events(request: HttpRequest) -> HttpResponse:
    """List what happened to the account, newest first; such events concern all sub-accounts."""
    page = paginate(
        AccountEvent.objects.newest_first(),
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    context = {
        "page": page,
        "links": page_links(request, page),
        "rows": [row(event) for event in page.rows],
    }
    return render(request, "account_events.html", context)
