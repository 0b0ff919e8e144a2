"""The views of a list as tabs over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.browsing.filtering import SPANS, Filter
from support_portal.browsing.views import LOOKS, View, find, views_of
from support_portal.browsing.windows import walks
from support_portal.dashboard import clock
from support_portal.dashboard.addresses import VIEW
from support_portal.insights import asking
from support_portal.insights.asking import Question
from support_portal.insights.models import Kind

LISTS = {Kind.ERROR: "errors:list", Kind.MESSAGE: "messages:list"}
COUNTED_FOR = 30  # seconds
MOST_TABS = 8


@dataclass(frozen=True, slots=True)
class Tab:
    """One view over the list."""

    view: View
    href: str
    current: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Tabs:
    """What stands over a list: tabs, the views behind a menu, and what can be done to the one shown."""

    kind: Kind
    all_href: str
    all_current: bool
    tabs: Sequence[Tab]
    others: Sequence[Tab]
    counts_href: str  # "" when the counts are there
    changed: bool  # the list shows something else than the view that was opened
    edit_href: str
    save_href: str


def tabs(
    person: User, kind: Kind, asked: Filter, address: QueryDict, now: datetime, *, counted: bool
) -> Tabs:
    """Return the views of ``person`` over the list that ``address`` shows."""
    slug, page = address.get("view", ""), reverse(LISTS[kind])
    views = views_of(person, kind)
    numbers = counts(person, views, now) if counted else {}
    found = [
        Tab(view, f"{page}?view={view.slug}", view.slug == slug, numbers.get(view.slug, ""))
        for view in views
    ]
    shown = [tab for tab in found if tab.view.pinned or tab.current][:MOST_TABS]
    current = next((tab.view for tab in found if tab.current), None)
    others = [tab for tab in found if tab not in shown]
    query = address.copy()
    query.pop("cursor", None)
    saved = current.saved if current else None
    differs = current is not None and differing(current, asked, address, now, person)
    return Tabs(
        kind=kind,
        all_href=page,
        all_current=current is None,
        tabs=shown,
        others=others,
        counts_href="" if counted else f"{reverse('views:counts')}?kind={kind}&{query.urlencode()}",
        changed=differs,
        edit_href=f"{reverse('views:edit', args=[saved.slug])}?{query.urlencode()}"
        if saved
        else "",
        save_href=f"{reverse('views:new')}?kind={kind}&{query.urlencode()}",
    )


def opened(request: HttpRequest, kind: Kind, now: datetime) -> str:
    """Return where the address ``?view=…`` of a list leads; "" when it stays where it is."""
    if set(request.GET) != {VIEW}:
        return ""
    slug = request.GET[VIEW]
    view = find(cast(User, request.user), slug)
    if view is None:
        name = slug if len(slug) <= 60 else slug[:59] + "…"
        messages.warning(
            request, f"There is no view “{name}”, or it is not yours. This is the whole list."
        )
        return request.path
    query = QueryDict(view.query, mutable=True)
    if view.last:
        end = now.replace(microsecond=0)
        query["from"], query["to"] = clock.iso(end - SPANS[view.last][1]), clock.iso(end)
    query.pop("last", None)
    if not query and view.kind is kind:
        return ""
    query[VIEW] = slug
    return f"{reverse(LISTS[view.kind])}?{query.urlencode()}"


def differing(view: View, asked: Filter, address: QueryDict, now: datetime, person: User) -> bool:
    """Tell whether a list shows something else than its view.

    Time that moves along is the same, and so is a begin that the list was given (browsing.windows).
    """
    kept = view.asked(now)
    if view.last:
        kept, asked = (each.timeless() for each in (kept, asked))
    elif not (kept.begin or kept.all_time) and walks(kept, person):
        asked = asked.without("from")
    own = QueryDict(view.query)
    looks = any(own.getlist(name) != address.getlist(name) for name in LOOKS if name != "per_page")
    return looks or kept.to_query() != asked.to_query()


def counts(person: User, views: Iterable[View], now: datetime) -> dict[str, str]:
    """Return how many records the views show whose time moves along, by slug.

    Views of one range are counted by one question.
    """
    moving = [view for view in views if view.last]
    names = {view.slug: _key(person, view) for view in moving}
    held = cache.get_many(names.values())
    found = {slug: held[name] for slug, name in names.items() if name in held}
    missing = [view for view in moving if view.slug not in found]
    for last in {view.last for view in missing}:
        found |= _count(person, [view for view in missing if view.last == last], now)
    cache.set_many({names[slug]: number for slug, number in found.items()}, COUNTED_FOR)
    return found


def _count(person: User, views: Sequence[View], now: datetime) -> dict[str, str]:
    asked = {view.slug: view.asked(now).question(person, now) for view in views}
    questions: dict[str, Question] = {slug: each for slug, each in asked.items() if each}
    if not questions:
        return {}
    among = asking.cells(next(iter(questions.values())))
    more = "" if asking.is_exact(among) else "+"
    return {slug: f"{asking.total(each, among):,}{more}" for slug, each in questions.items()}


def _key(person: User, view: View) -> str:
    seen = person.sub_accounts
    own = f"{view.slug} {view.query} {'all' if seen is None else sorted(seen)}"
    return f"views.count.{sha256(own.encode()).hexdigest()}"
