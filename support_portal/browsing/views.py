"""Saved views: making them, changing them against what somebody else saved, taking them back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import slugify

from support_portal.accounts.models import User
from support_portal.browsing.filtering import SPANS, Filter
from support_portal.browsing.models import SLUG_LENGTH, Holder, SavedView, Scope
from support_portal.core.composed import Composed
from support_portal.insights.models import Kind

LOOKS = ("sort", "per_page", "columns")  # of an address: how a list looks, whatever it shows
MOST = 200  # of one person, and of one team
_SLUG = re.compile(rf"[A-Za-z0-9_-]{{1,{SLUG_LENGTH}}}")
KEPT = timedelta(days=7)  # after a view was removed


class Overtaken(Exception):
    """Somebody else saved the view meanwhile."""


class TooMany(Exception):
    """There are MOST views already."""


@dataclass(frozen=True, slots=True)
class View:
    """A view to look through: a saved one, or one that everybody has."""

    slug: str
    name: str
    kind: Kind
    query: str
    pinned: bool = True
    saved: SavedView | None = None

    def asked(self, now: datetime) -> Filter:
        """Return the filter of the view at this moment."""
        return Filter.read(self.kind, QueryDict(self.query), now)

    @property
    def last(self) -> str:
        """Return the range that moves along, a key of SPANS; "" where there is none any more."""
        last = str(QueryDict(self.query).get("last", ""))
        return last if last in SPANS else ""


BUILT_IN = (
    View("8x8s-problem", "8x8’s problem", Kind.ERROR, "whose=platform&last=24h"),
    View("not-in-the-tables", "Not in the tables", Kind.ERROR, "table=none&last=7d"),
    View("commented", "Commented", Kind.ERROR, "has=comments"),
    View("messages-8x8s-problem", "8x8’s problem", Kind.MESSAGE, "whose=platform&last=24h"),
    View("messages-not-in-the-tables", "Not in the tables", Kind.MESSAGE, "table=none&last=7d"),
    View("messages-commented", "Commented", Kind.MESSAGE, "has=comments"),
)
_BUILT_IN: Mapping[str, View] = {view.slug: view for view in BUILT_IN}
_RESERVED = frozenset({*_BUILT_IN, "new", "counts", "alerts"})


def view_of(saved: SavedView) -> View:
    """Return a saved view to look through."""
    return View(
        saved.slug, saved.name, Kind(saved.kind), saved.query, pinned=saved.pinned, saved=saved
    )


_saved = Composed(
    lambda kind, person, team: SavedView.objects.of(Holder(person, team)).filter(kind=kind)
)


def views_of(person: User, kind: Kind) -> list[View]:
    """Return the views of a kind that ``person`` has, saved ones first."""
    saved = map(view_of, _saved(kind.value, person.pk, person.team_id))
    return [*saved, *(view for view in BUILT_IN if view.kind is kind)]


def find(person: User, slug: str) -> View | None:
    """Return the view of this name, None when ``person`` has none."""
    if found := _BUILT_IN.get(slug):
        return found
    if not _SLUG.fullmatch(slug):
        return None  # no database is asked for what it could not hold
    saved = SavedView.objects.of(person).filter(slug=slug).first()
    return view_of(saved) if saved else None


def query_of(asked: Filter, address: QueryDict, last: str) -> str:
    """Return the query to keep: the filter and the looks of ``address``.

    ``last`` is the range that moves along, "" to keep the times as they are.
    """
    kept = asked.timeless() if last in SPANS else asked
    query = QueryDict(kept.to_query(), mutable=True)
    if last in SPANS:
        query["last"] = last
    for name in LOOKS:
        if address.get(name):
            query.setlist(name, address.getlist(name))
    return query.urlencode()


def save(
    person: User, *, name: str, kind: Kind, query: str, scope: Scope, pinned: bool
) -> SavedView:
    """Keep a new view; TooMany when there are enough."""
    holders = {"team": person.team} if scope is Scope.TEAM else {"owner": person}
    present = SavedView.objects.filter(scope=scope, removed_at=None, **holders)
    if present.count() >= MOST:
        raise TooMany
    view = SavedView(
        name=name,
        kind=kind,
        query=query,
        scope=scope,
        owner=person,
        team=person.team if scope is Scope.TEAM else None,
        pinned=pinned,
        changed_by=person.get_username(),
    )
    for slug in _slugs(name):
        view.slug = slug
        try:
            with transaction.atomic():
                view.save(force_insert=True)
        except IntegrityError:  # somebody has a view of that name
            continue
        return view
    raise TooMany


def _slugs(name: str) -> list[str]:
    plain = slugify(name)[: SLUG_LENGTH - 8] or "view"
    moment = timezone.now().strftime("%f")
    tried = [plain, *(f"{plain}-{number}" for number in range(2, 10)), f"{plain}-{moment}"]
    return [slug for slug in tried if slug not in _RESERVED]


def change(
    view: SavedView, *, by: User, base: int, name: str, query: str, scope: Scope, pinned: bool
) -> None:
    """Change a view that was at version ``base`` when it was read; Overtaken when it is not any more.

    Its slug stays: there are links to it.  Only its owner gives it to the team or takes it back.
    """
    shared = scope if view.owner_id == by.pk else Scope(view.scope)
    here = SavedView.objects.of(by).filter(pk=view.pk, version=base)
    changed = here.update(
        name=name,
        query=query,
        scope=shared,
        team=by.team if shared is Scope.TEAM else None,
        pinned=pinned,
        **_marks(by),
    )
    if not changed:
        raise Overtaken


def _marks(by: User) -> dict[str, Any]:
    """Return what every change of a view leaves."""
    return {
        "version": F("version") + 1,
        "changed_by": by.get_username(),
        "changed_at": timezone.now(),
    }


def remove(view: SavedView) -> None:
    """Take a view away; for KEPT it can be taken back."""
    SavedView.objects.filter(pk=view.pk).update(removed_at=timezone.now())


def removed(person: User, slug: str) -> SavedView | None:
    """Return a view that ``person`` had, None when there is none to take back."""
    gone = SavedView.objects.within_reach(person).exclude(removed_at=None)
    return gone.filter(slug=slug).first()


def restore(view: SavedView) -> None:
    """Take a view back."""
    SavedView.objects.filter(pk=view.pk).update(removed_at=None)


def pin(view: SavedView, *, by: User, pinned: bool) -> None:
    """Pin a view to the tabs or take it off: a change like any, which an editor is told of."""
    SavedView.objects.filter(pk=view.pk).update(pinned=pinned, **_marks(by))


def prune(now: datetime) -> int:
    """Delete what was removed before KEPT; return how much that was."""
    return SavedView.objects.filter(removed_at__lt=now - KEPT).delete()[0]
