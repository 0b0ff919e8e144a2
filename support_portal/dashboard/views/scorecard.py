"""How 8x8 answers: the scorecard of a period, as a page and as a file."""

from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import scoring
from support_portal.inquiries import desk
from support_portal.inquiries.scorecard import FEW, MOST, scorecard

CSV = "text/csv; charset=utf-8"


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures of a period."""
    now, rules = timezone.now(), desk.current()
    period = scoring.period(request.GET, now)
    card = scorecard(cast(User, request.user), rules, period.begin, period.end, now)
    file = reverse("inquiries:scorecard-csv")
    query = request.GET.urlencode()
    context = {
        "card": card,
        "groups": scoring.groups(card),
        "ages": scoring.ages(card),
        "open": sum(card.ages),
        "causes": scoring.causes(card),
        "form": period.form,
        "spans": [{"days": each, "current": each == period.days} for each in scoring.SPANS],
        "file": f"{file}?{query}" if query else file,
        "zone": rules.hours.zone.key,
        "few": FEW,
        "most": MOST,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if period.form.errors else HTTPStatus.OK
    return render(request, "inquiries/scorecard.html", context, status=status)


@never_cache
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Return the figures of a period as a file."""
    now = timezone.now()
    period = scoring.period(request.GET, now)
    if period.form.errors:
        return HttpResponse("The days make no period.", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    card = scorecard(cast(User, request.user), desk.current(), period.begin, period.end, now)
    response = HttpResponse(scoring.as_csv(card), content_type=CSV)
    name = f"inquiries-{period.begin:%Y-%m-%d}-scorecard.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
