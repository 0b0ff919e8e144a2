"""One item of the quarantine: why it is there, what it is, and what can be done with it."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.core import sealing
from support_portal.dashboard import clock, foreign, pieces, quarantined
from support_portal.dashboard.places import Place, place_of
from support_portal.dashboard.quarantined import (
    STATES,
    STEPS,
    decider,
    person_of,
    reader,
    replayer,
)
from support_portal.dashboard.refusals import title_of
from support_portal.dashboard.views.comments import HtmxRequest
from support_portal.ingest import quarantine, replaying
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.quarantine_models import QuarantineState, QuarantineStep

STEPS_SHOWN = 50
LONGEST_EDIT = 500_000
_NOT_FOR_ALL = "The text is shown to those who look after all sub-accounts."
_NO_KEY = "The text cannot be shown: the key that sealed it is not in the ring."
_ENDINGS = ((b"{", "json"), (b"[", "json"), (b"<", "xml"))


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an item as the page shows it, or why there is none."""

    excerpt: foreign.Excerpt | None = None
    place: Place | None = None
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A step of the history in words."""

    step: QuarantineStep
    words: str
    result: str


@require_safe
def detail(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Show an item."""
    return _page(request, get_object_or_404(QuarantineEntry, pk=entry_id))


@require_POST
def replay(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Send one item through the intake again, if it is understood now."""
    by = replayer(request)
    entry = get_object_or_404(QuarantineEntry, pk=entry_id)
    done = replaying.replay([entry], by=by)
    if done.sent:
        doorbell.ring()
        messages.success(request, "It is understood now, and goes through the intake again.")
    elif done.still:
        messages.warning(request, "It is still not understood, and waits as before.")
    elif done.unopened:
        messages.warning(request, _NO_KEY)
    else:
        entry.refresh_from_db()
        return _too_late(request, entry)
    return redirect("intake:entry", entry.id)


@require_POST
def discard(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Put an item away with a reason."""
    by = decider(request)
    entry = get_object_or_404(QuarantineEntry, pk=entry_id)
    why = request.POST.get("why", "")
    try:
        quarantine.discard(entry.id, by=by, why=why)
    except quarantine.NoReason as error:
        return _page(request, entry, HTTPStatus.UNPROCESSABLE_ENTITY, discard_error=str(error))
    except quarantine.Settled as settled:
        return _too_late(request, settled.entry)
    messages.success(request, "It was discarded. It is kept, and can be restored.")
    return redirect("intake:entry", entry.id)


@require_POST
def restore(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Let a discarded item wait again."""
    by = decider(request)
    entry = get_object_or_404(QuarantineEntry, pk=entry_id)
    try:
        quarantine.restore(entry.id, by=by)
    except quarantine.Settled as settled:
        return _too_late(request, settled.entry)
    messages.success(request, "It waits again.")
    return redirect("intake:entry", entry.id)


@require_POST
def download(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Give out an item as it came, to somebody who says why; that is written down."""
    by = reader(request)
    entry = get_object_or_404(QuarantineEntry, pk=entry_id)
    try:
        raw = quarantine.download(entry, by=by, why=request.POST.get("why", ""))
    except quarantine.NoReason as error:
        return _page(request, entry, HTTPStatus.UNPROCESSABLE_ENTITY, download_error=str(error))
    except sealing.Unsealable:
        messages.warning(request, _NO_KEY)
        return redirect("intake:entry", entry.id)
    # Nothing of what was sent decides about the name or the type, so nothing of it runs.
    return HttpResponse(
        raw,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="item-{entry.id}.{_ending(raw)}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HtmxRequest, entry_id: UUID) -> HttpResponse:
    """Mend the text of an item: look at it, check it, send it."""
    by = decider(request)
    entry = get_object_or_404(QuarantineEntry, pk=entry_id)
    if request.method != "POST":
        return _first_edit(request, entry)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    refusal = quarantine.check(text)
    if request.POST.get("do") != "send":
        if request.htmx:
            return render(request, "intake/_check.html", {"checked": True, "refusal": refusal})
        return _edit_page(request, entry, text, checked=True, refusal=refusal)
    try:
        delivery = quarantine.edit(entry.id, text, by=by, why=request.POST.get("why", "").strip())
    except quarantine.NotUnderstood as still:
        return _edit_page(
            request,
            entry,
            text,
            checked=True,
            refusal=still,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    except quarantine.Settled as settled:
        return _edit_page(
            request,
            settled.entry,
            text,
            settled=_settled(settled.entry),
            status=HTTPStatus.CONFLICT,
        )
    doorbell.ring()
    messages.success(request, "The edited text goes through the intake. The item stays as it came.")
    return redirect("intake:delivery", delivery.id)


def _first_edit(request: HttpRequest, entry: QuarantineEntry) -> HttpResponse:
    if entry.state != QuarantineState.WAITING:
        return _too_late(request, entry)
    try:
        raw = sealing.unseal(entry.body)
    except sealing.Unsealable:
        messages.warning(request, _NO_KEY)
        return redirect("intake:entry", entry.id)
    if len(raw) > LONGEST_EDIT:
        messages.info(
            request, "It is too long to be edited here. Download it, mend it, and send the file."
        )
        return redirect("intake:entry", entry.id)
    return _edit_page(request, entry, raw.decode(errors="replace"), lossy=not _is_text(raw))


def _edit_page(
    request: HttpRequest,
    entry: QuarantineEntry,
    text: str,
    *,
    status: int = HTTPStatus.OK,
    **shown: object,
) -> HttpResponse:
    context = {"entry": entry, "title": title_of(entry.reason), "text": text, **shown}
    return render(request, "intake/quarantine_edit.html", context, status=status)


def _page(
    request: HttpRequest, entry: QuarantineEntry, status: int = HTTPStatus.OK, **shown: object
) -> HttpResponse:
    rights = quarantined.rights(person_of(request))
    context = {
        "entry": entry,
        "title": title_of(entry.reason),
        "state": STATES[QuarantineState(entry.state)],
        "waits": entry.state == QuarantineState.WAITING,
        "restorable": entry.state == QuarantineState.DISCARDED,
        "body": _body(entry, rights),
        "history": _history(entry),
        "facts": _facts(entry),
        "rights": rights,
        "why": request.POST.get("why", ""),
        **shown,
    }
    return render(request, "intake/quarantine_entry.html", context, status=status)


def _too_late(request: HttpRequest, entry: QuarantineEntry) -> HttpResponse:
    """Show the item as it is now: somebody was quicker."""
    fresh = QuarantineEntry.objects.get(pk=entry.pk)
    return _page(request, fresh, HTTPStatus.CONFLICT, settled=_settled(fresh))


def _settled(entry: QuarantineEntry) -> str:
    word = STATES[QuarantineState(entry.state)][2].lower()
    if entry.settled_at is None:
        return f"Somebody was quicker: the item {word}."
    return f"{entry.settled_by} was quicker: {word} {clock.ago(entry.settled_at)}."


def _body(entry: QuarantineEntry, rights: quarantined.Rights) -> Body:
    """Show an item; whose it is was not understood, so not everybody may read it."""
    if not rights.read:
        return Body(withheld=_NOT_FOR_ALL)
    try:
        raw = sealing.unseal(entry.body)
    except sealing.Unsealable:
        return Body(withheld=_NO_KEY)
    place = place_of(raw, entry.reason, entry.detail)
    around = (place.start, place.end) if place else (0, 0)
    return Body(foreign.excerpt(raw, *around), place)


def _history(entry: QuarantineEntry) -> list[Told]:
    """Return what was done with the item, newest first, and what came of it."""
    steps = list(QuarantineStep.objects.filter(entry_id=entry.id).order_by("-id")[:STEPS_SHOWN])
    names = {step.delivery_id for step in steps if step.delivery_id}
    sent = Delivery.objects.defer("body").in_bulk(names)
    return [
        Told(step, STEPS.get(step.kind, step.kind), _result(step, sent.get(step.delivery_id)))
        for step in steps
    ]


def _result(step: QuarantineStep, delivery: Delivery | None) -> str:
    if step.kind not in ("replayed", "edited"):
        return ""
    if delivery is None:
        return "what came of it is no longer kept"
    if delivery.drained_at is None:
        return "the intake has not read it yet"
    counts = (
        (delivery.recorded, "recorded"),
        (delivery.repeated, "came before"),
        (delivery.ignored, "dropped by a rule"),
        (delivery.quarantined, "not understood"),
    )
    return ", ".join(f"{number:,} {word}" for number, word in counts if number) or "it held nothing"


def _facts(entry: QuarantineEntry) -> list[dict[str, object]]:
    facts: list[dict[str, object]] = [
        {"label": "Source", "value": pieces.SOURCES.get(entry.source, entry.source)},
        {"label": "Sender", "value": entry.sender or "not told"},
        {"label": "Size", "value": f"{entry.size:,} bytes"},
        {"label": "Received", "value": clock.day_and_clock(entry.received_at),
         "note": clock.utc(entry.received_at)},
        {"label": "Tried again", "value": _times(entry.attempts), "cut": True},
    ]  # fmt: skip
    if entry.tried_at:
        facts.append({"label": "Last tried", "value": clock.day_and_clock(entry.tried_at)})
    if entry.settled_by:
        facts.append({"label": "Settled by", "value": entry.settled_by})
    return facts


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number} times")


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _ending(raw: bytes) -> str:
    """Return the ending of the file's name, from a list of ours."""
    head = raw[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    for start, ending in _ENDINGS:
        if head.startswith(start):
            return ending
    return "txt" if _is_text(raw) else "bin"
