"""One pass over many items of the quarantine: how far it is, and what came of it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from support_portal.dashboard import clock, quarantined
from support_portal.dashboard.quarantined import RUN_STATES, person_of, run_words
from support_portal.dashboard.views.comments import HtmxRequest
from support_portal.ingest import runs
from support_portal.ingest.quarantine_models import QuarantineRun, RunKind, RunState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is, in words and as a bar."""

    done: int
    total: int
    words: str


@require_safe
def detail(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    """Show a pass; htmx gets the part that changes."""
    run = get_object_or_404(QuarantineRun, pk=run_id)
    template = "intake/_run.html" if request.htmx else "intake/run.html"
    rights = quarantined.rights(person_of(request))
    return render(
        request,
        template,
        {
            "run": run,
            "title": run_words(run),
            "shown": RUN_STATES[RunState(run.state)],
            "progress": progress(run),
            "facts": _facts(run),
            "may_cancel": _may_cancel(run, rights),
        },
    )


@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Stop a pass; what it has done stays done."""
    run = get_object_or_404(QuarantineRun, pk=run_id)
    person = person_of(request)
    rights = quarantined.rights(person)
    if not (rights.replay if run.kind == RunKind.REPLAY else rights.decide):
        raise PermissionDenied("Stopping this is for those who may begin it.")
    runs.cancel(run.id, by=person.get_username())
    messages.success(request, "It was stopped. What it has done stays done.")
    return redirect("intake:run", run.id)


def progress(run: QuarantineRun) -> Progress:
    """Return how far a pass is; reading what was sent again is a part of it."""
    if run.state == RunState.SETTLING:
        read = run.recorded + run.repeated + run.ignored + run.returned
        return Progress(read, max(run.changed, 1), f"{read:,} of {run.changed:,} sent again read")
    total = max(run.total, run.seen, 1)
    return Progress(run.seen, total, f"{run.seen:,} of {total:,} looked at")


def _may_cancel(run: QuarantineRun, rights: quarantined.Rights) -> bool:
    return run.under_way and (rights.replay if run.kind == RunKind.REPLAY else rights.decide)


def _facts(run: QuarantineRun) -> list[dict[str, object]]:
    facts: list[dict[str, object]] = [
        {"label": "By", "value": run.by},
        {"label": "Begun", "value": clock.day_and_clock(run.started_at),
         "note": clock.utc(run.started_at)},
    ]  # fmt: skip
    if run.finished_at:
        took = clock.duration(run.finished_at - run.started_at)
        facts.append({"label": "Took", "value": took})
    if run.cancelled_by:
        facts.append({"label": "Stopped by", "value": run.cancelled_by})
    if run.why:
        facts.append({"label": "Why", "value": run.why})
    return [*facts, *_outcome(run)]


def _outcome(run: QuarantineRun) -> list[dict[str, object]]:
    if run.kind != RunKind.REPLAY:
        word = "Discarded" if run.kind == RunKind.DISCARD else "Wait again"
        return [{"label": word, "value": f"{run.changed:,}", "cut": True}]
    return [
        {"label": "Sent again", "value": f"{run.changed:,}", "cut": True},
        {"label": "Now recorded", "value": f"{run.recorded:,}"},
        {"label": "Repeated", "value": f"{run.repeated:,}", "note": "came before, counted"},
        {"label": "Dropped", "value": f"{run.ignored:,}", "note": "of no use, by a rule"},
        {"label": "Still not", "value": f"{run.still + run.returned:,}",
         "note": "understood; they wait as before"},
        {"label": "Not opened", "value": f"{run.unopened:,}",
         "note": "the key that sealed them is not in the ring"},
    ]  # fmt: skip
