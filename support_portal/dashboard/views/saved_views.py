"""Saved views: keeping a list's filter under a name, changing it, taking it away and back."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.browsing import views as saving
from support_portal.browsing.filtering import SPANS, Filter
from support_portal.browsing.models import QUERY_LENGTH, SavedView, Scope
from support_portal.browsing.views import BUILT_IN, View, view_of
from support_portal.dashboard import view_forms, view_tabs
from support_portal.dashboard.filters import said_of
from support_portal.dashboard.view_forms import ViewForm
from support_portal.insights.models import Kind

_TOO_MANY = f"There are {saving.MOST} views already. Remove one first."
_FOR_AGENTS = "Views of a team are changed by its agents and leads."


@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """List the views that this person has."""
    person = cast(User, request.user)
    rows = SavedView.objects.of(person).select_related("owner")
    now = timezone.now()
    shown = [
        {
            "view": view,
            "saved": view.saved,
            "href": _list(view),
            "said": said_of(_shown(view, now)),
            "last": view.last,
            "last_words": SPANS[view.last][0] if view.last else "",
            "may": view.saved is not None and _may(person, view.saved),
        }
        for view in (*map(view_of, rows), *BUILT_IN)
    ]
    context = {"views": shown, "undo": request.GET.get("undo", "")[:100]}
    return render(request, "browsing/views.html", context)


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Show the tabs over a list with how many records each view shows, for htmx."""
    kind = _kind(request.GET)
    query = request.GET.copy()
    query.pop("kind")
    now = timezone.now()
    asked = Filter.read(kind, query, now)
    shown = view_tabs.tabs(cast(User, request.user), kind, asked, query, now, counted=True)
    return render(request, "browsing/_tabs.html", {"tabs": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Keep the filter of a list."""
    person = cast(User, request.user)
    if request.method != "POST":
        kind = _kind(request.GET)
        asked = Filter.read(kind, request.GET, timezone.now())
        form = ViewForm(
            person=person, view=None, initial=view_forms.new_values(kind, asked, request.GET)
        )
        return _form(request, form, kind)
    form = ViewForm(request.POST, person=person, view=None)
    kind = _kind(request.POST)
    if form.is_valid() and (query := _query(form, kind)) is not None:
        try:
            view = saving.save(person, kind=kind, query=query, **_told(form))
        except saving.TooMany:
            form.add_error(None, _TOO_MANY)
        else:
            messages.success(request, f"The view “{view.name}” is kept.")
            return redirect(_list(view_of(view)))
    return _form(request, form, kind)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a view: its name, who has it, or what it shows, when an address with a filter came along."""
    person, view = cast(User, request.user), _found(request, slug)
    kind = Kind(view.kind)
    if request.method != "POST":
        values = view_forms.values_of(view_of(view))
        if set(request.GET) - {"view"}:
            asked = Filter.read(kind, request.GET, timezone.now())
            values["query"] = saving.query_of(asked, request.GET, "")
        return _form(request, ViewForm(person=person, view=view, initial=values), kind, view)
    form = ViewForm(request.POST, person=person, view=view)
    theirs = None
    if form.is_valid() and (query := _query(form, kind)) is not None:
        try:
            saving.change(
                view, by=person, base=form.cleaned_data["base"] or 0, query=query, **_told(form)
            )
        except saving.Overtaken:
            theirs = view = _found(request, slug)
            # What is saved next is meant to replace theirs.
            form.data = {**request.POST.dict(), "base": str(view.version)}
        else:
            messages.success(request, f"The view “{form.cleaned_data['name']}” is kept.")
            return redirect(_list(view_of(view)))
    return _form(request, form, kind, view, theirs)


@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a view away, and offer to take that back."""
    view = _found(request, slug)
    saving.remove(view)
    messages.success(request, f"The view “{view.name}” is removed.")
    return redirect(f"{reverse('views:list')}?undo={view.slug}")


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back a view that was removed."""
    person = cast(User, request.user)
    if view := saving.removed(person, slug):
        if not _may(person, view):
            raise PermissionDenied(_FOR_AGENTS)
        saving.restore(view)
        messages.success(request, "The view is there again.")
    return redirect("views:list")


@require_POST
def pin(request: HttpRequest, slug: str) -> HttpResponse:
    """Pin a view to the tabs, or take it off."""
    view = _found(request, slug)
    pinned = request.POST.get("pinned") == "yes"
    saving.pin(view, by=cast(User, request.user), pinned=pinned)
    return redirect("views:list")


def _told(form: ViewForm) -> dict[str, Any]:
    told = form.cleaned_data
    return {
        "name": told["name"],
        "scope": Scope(told["scope"] or Scope.MINE),
        "pinned": told["pinned"],
    }


def _query(form: ViewForm, kind: Kind) -> str | None:
    """Return the query to keep; None, and the form says so, when the filter is not understood."""
    address = QueryDict(form.cleaned_data["query"])
    asked = Filter.read(kind, address, timezone.now())
    for sentences in asked.errors.values():
        form.add_error(None, f"The filter is not understood: {sentences[0]}")
    query = saving.query_of(asked, address, form.last)
    if len(query) > QUERY_LENGTH:
        form.add_error(None, "The filter is too long to be kept. Shorten it over the list.")
    return None if form.errors else query


def _form(
    request: HttpRequest,
    form: ViewForm,
    kind: Kind,
    view: SavedView | None = None,
    theirs: SavedView | None = None,
) -> HttpResponse:
    query = str(form["query"].value() or "")
    asked = Filter.read(kind, QueryDict(query), timezone.now())
    if form["time"].value() != view_forms.FIXED:  # the range is what is chosen below
        asked = asked.timeless()
    context = {
        "form": form,
        "view": view,
        "theirs": theirs,
        "said": said_of(asked),
        "back": f"{reverse(view_tabs.LISTS[kind])}?{query}",
        "kind": kind,
    }
    wrong = form.is_bound and (form.errors or theirs)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "browsing/view.html", context, status=status)


def _found(request: HttpRequest, slug: str) -> SavedView:
    person = cast(User, request.user)
    view = SavedView.objects.of(person).filter(slug=slug).first()
    if view is None:
        raise Http404("no such view")
    if request.method == "POST" and not _may(person, view):
        raise PermissionDenied(_FOR_AGENTS)
    return view


def _may(person: User, view: SavedView) -> bool:
    return view.scope == Scope.MINE or person.may("share views")


def _kind(query: QueryDict) -> Kind:
    try:
        return Kind(query.get("kind", ""))
    except ValueError:
        raise Http404("no such list") from None


def _list(view: View) -> str:
    return f"{reverse(view_tabs.LISTS[view.kind])}?view={view.slug}"


def _shown(view: View, now: datetime) -> Filter:
    """Return the filter of a view, without the time that moves along."""
    asked = view.asked(now)
    return asked.timeless() if view.last else asked
