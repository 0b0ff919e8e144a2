"""The quarantine: what was not understood, by what is alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.core.keyset import paginate
from support_portal.dashboard import quarantined
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.dashboard.quarantined import STATES, decider, person_of, replayer
from support_portal.dashboard.refusals import reasons, title_of
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.ingest import runs
from support_portal.ingest.doorbell import doorbell, runs_bell
from support_portal.ingest.models import QuarantineEntry
from support_portal.ingest.quarantine import NoReason
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineRun,
    QuarantineState,
    RunKind,
)

RUNS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the list shows it."""

    group: QuarantineGroup
    title: str
    count: int


@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """List groups of items that are alike, the one seen last first."""
    reason, state = request.GET.get("reason", ""), _state(request)
    reasoned = None if _is_word(reason) else ()
    wrong = not_understood(request.GET, state=QuarantineState.values, reason=reasoned)
    chosen = QuarantineGroup.objects.filter(**{f"{state}__gt": 0})
    if wrong:
        chosen = chosen.none()
    if _is_word(reason):
        chosen = chosen.filter(reason=reason)
    page = paginate(
        chosen.last_seen_first(), cursor=request.GET.get("cursor", ""), size=page_size(request)
    )
    return render(
        request,
        "intake/quarantine.html",
        {
            "wrong": wrong,
            "groups": [Shown(group, title_of(group.reason), group.count(state)) for group in page],
            "page": page,
            "links": page_links(request, page),
            "sizes": page_sizes(request, page.size),
            "reason": reason if _is_word(reason) else "",
            "title": title_of(reason) if _is_word(reason) else "",
            "reasons": reasons(),
            "state": state,
            "states": _states(request, state, QuarantineGroup.objects.aggregate(
                **{name: Sum(name) for name in QuarantineState.values})),
            "runs": QuarantineRun.objects.order_by("-id")[:RUNS_SHOWN],
            "rights": quarantined.rights(person_of(request)),
        },
    )  # fmt: skip


@require_safe
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show a group and its items, newest first."""
    found = get_object_or_404(QuarantineGroup, pk=group_id)
    state, wrong = _state(request), not_understood(request.GET, state=QuarantineState.values)
    entries = QuarantineEntry.objects.filter(group_id=found.id, state=state).defer("body")
    if wrong:
        entries = entries.none()
    page = paginate(
        entries.newest_first(), cursor=request.GET.get("cursor", ""), size=page_size(request)
    )
    counts = {name: found.count(name) for name in QuarantineState.values}
    return render(
        request,
        "intake/quarantine_group.html",
        {
            "group": found,
            "wrong": wrong,
            "title": title_of(found.reason),
            "page": page,
            "links": page_links(request, page),
            "sizes": page_sizes(request, page.size),
            "state": state,
            "states": _states(request, state, counts),
            "rights": quarantined.rights(person_of(request)),
        },
    )


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Send items through the intake again: those of a group, of a reason, or all."""
    by = replayer(request)
    group_id, reason = request.POST.get("group", ""), request.POST.get("reason", "")
    if group_id:
        found = get_object_or_404(QuarantineGroup, pk=_uuid(group_id))
        return _begun(request, runs.begin(RunKind.REPLAY, by=by, group_id=found.id))
    if _is_word(reason):
        return _begun(request, runs.begin(RunKind.REPLAY, by=by, reason=reason))
    if request.POST.get("all") == "yes":
        return _begun(request, runs.begin(RunKind.REPLAY, by=by))
    messages.info(request, "Nothing was chosen, so nothing was sent.")
    return redirect("intake:quarantine")


@require_http_methods(["GET", "HEAD", "POST"])
def discard_group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Ask why, showing the exact number; then discard what waits in a group."""
    by = decider(request)
    found = get_object_or_404(QuarantineGroup, pk=group_id)
    why = request.POST.get("why", "")
    if request.method != "POST":
        return _ask(request, found)
    try:
        begun = runs.begin(
            RunKind.DISCARD,
            by=by,
            why=why,
            group_id=found.id,
            expected=_number(request.POST.get("expected", "")),
        )
    except NoReason as error:
        return _ask(request, found, why=why, error=str(error))
    except runs.Changed as now:
        found.refresh_from_db()
        words = f"It is {quarantined.items(now.total)} now. Look again, then discard."
        return _ask(request, found, why=why, changed=words)
    return _begun(request, begun)


@require_POST
def restore_group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Let everything that was discarded in a group wait again."""
    by = decider(request)
    found = get_object_or_404(QuarantineGroup, pk=group_id)
    return _begun(request, runs.begin(RunKind.RESTORE, by=by, group_id=found.id))


def _begun(request: HttpRequest, run: QuarantineRun) -> HttpResponse:
    """Take the first step here, so that a few items need no worker; then show the pass."""
    runs.advance(run.id)
    runs.advance(run.id)
    runs_bell.ring()
    doorbell.ring()
    return redirect("intake:run", run.id)


def _ask(
    request: HttpRequest,
    found: QuarantineGroup,
    *,
    why: str = "",
    error: str = "",
    changed: str = "",
) -> HttpResponse:
    return render(
        request,
        "intake/quarantine_discard.html",
        {"group": found, "title": title_of(found.reason), "why": why, "error": error,
         "changed": changed},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or changed else HTTPStatus.OK,
    )  # fmt: skip


def _state(request: HttpRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in QuarantineState.values else QuarantineState.WAITING.value


def _states(
    request: HttpRequest, current: str, counts: Mapping[str, int | None]
) -> list[dict[str, object]]:
    """Return the states to choose from, with the number of items in each."""
    return [
        {
            "word": STATES[state][2],
            "total": counts[state.value] or 0,
            "href": changed(request, state=None if state == QuarantineState.WAITING else state),
            "current": state.value == current,
        }
        for state in QuarantineState
    ]


def _is_word(reason: str) -> bool:
    return bool(reason) and len(reason) <= 40 and reason.isidentifier()


def _number(text: str) -> int:
    """Return the number that the form showed; -1, which no group has, when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
