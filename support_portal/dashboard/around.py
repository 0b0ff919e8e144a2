"""What a list page shows around its rows, for the page itself and for what comes after it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.browsing.filtering import MOST_COUNTED, SPANS, Filter
from support_portal.core.patience import TookTooLong, at_most
from support_portal.dashboard import histogram, partings
from support_portal.dashboard.addresses import LOOKS
from support_portal.dashboard.counted import NOUNS, counts
from support_portal.insights.models import Kind

COUNTING = 1.0  # seconds that counting one by one may take
TICKED = ("whose", "sub_account", "channel", "state")  # have no field to type into
PAGES = {Kind.ERROR: "errors:list", Kind.MESSAGE: "messages:list"}


def around(request: HttpRequest, shown: Filter, now: datetime) -> dict[str, Any]:
    """Return the counts of what is shown, in as many queries for one row as for millions."""
    by = request.GET.get("by", "")
    address = addresses(request, shown.kind)
    found = counts(shown, cast(User, request.user), now, by=by, address=address)
    told = without_counts(request, shown) | {"counts": found}
    if found is None and not shown.errors:
        told["bounded"] = one_by_one(shown, cast(User, request.user))
    return told


def one_by_one(shown: Filter, person: User) -> str:
    """Say how many rows there are where nothing is counted beforehand; "" when that takes too long."""
    try:
        with at_most(COUNTING):
            number = shown.count(person)
    except TookTooLong:
        return ""
    if number > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} {NOUNS[shown.kind]}s"
    return histogram.counted(number, NOUNS[shown.kind])


def without_counts(request: HttpRequest, shown: Filter) -> dict[str, Any]:
    """Return what can be said before anything is counted."""
    return {
        "counts": None,
        "bounded": "",
        "why": shown.why_unknown,
        "spans": list(spans(shown, addresses(request, shown.kind))),
        "by": list(_partings(request, shown)),
        "ticked": [(name, str(value)) for name in TICKED for value in shown.only.get(name, ())],
    }


def addresses(request: HttpRequest, kind: Kind, **changed: str) -> Callable[[Filter], str]:
    """Return the addresses of lists of a kind that look as this one does, but for what is changed."""
    page = reverse(PAGES[kind])
    looks = QueryDict(mutable=True)
    for name in LOOKS:
        if value := changed.get(name, request.GET.get(name, "")):
            looks[name] = value

    def address(shown: Filter) -> str:
        query = "&".join(part for part in (shown.to_query(), looks.urlencode()) if part)
        return f"{page}?{query}" if query else page

    return address


def spans(shown: Filter, address: Callable[[Filter], str]) -> Iterator[dict[str, object]]:
    """Yield the ranges up to now that are one click away."""
    current = span_of(shown)
    free = address(shown.timeless())
    for key, (title, _) in SPANS.items():
        href = f"{free}{'&' if '?' in free else '?'}last={key}"
        yield {"title": title, "href": href, "current": key == current}


def span_of(shown: Filter) -> str:
    """Return the key of the span that the range is as long as, "" when there is none."""
    if not (shown.begin and shown.end):
        return ""
    length = shown.end - shown.begin
    return next((key for key, (_, span) in SPANS.items() if span == length), "")


def _partings(request: HttpRequest, shown: Filter) -> Iterator[dict[str, object]]:
    current = partings.parting(shown.kind, request.GET.get("by", "")).name
    for name in partings.PARTINGS[shown.kind]:
        title = partings.parting(shown.kind, name).title
        href = addresses(request, shown.kind, by=name)(shown)
        yield {"title": title, "href": href, "current": name == current}
