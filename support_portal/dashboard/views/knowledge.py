"""Writing what the team knows about a code: notes, other words than the tables', and their end."""

from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from support_portal.accounts.models import User
from support_portal.dashboard import knowing
from support_portal.dashboard.comment_text import paragraphs
from support_portal.dashboard.knowing import NoteForm, OverrideForm, PlaceForm
from support_portal.inquiries import remembering
from support_portal.inquiries.models import Inquiry
from support_portal.knowledge import services
from support_portal.knowledge.models import Note, Override, Version
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import Overtaken, Refused, current
from support_portal.reason_codes import look_up, registries

FOR_LEADS = "Other words than the tables' are for leads to set and to take back."

Save = Callable[[Subject], object]


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, registry: str, code: int) -> HttpResponse:
    """Write or change a note."""
    author = _writer(request, registry, "note", "Notes are written by agents and leads.")
    if request.method != "POST":
        subject = _asked(request, registry, code)
        values = knowing.note_values(current(Note, subject), subject)
        told = _outcome(request, author)
        form = NoteForm(initial=knowing.with_outcome(values, *told) if told else values)
        return _page(request, "codes/note.html", registry, code, form, from_inquiry=bool(told))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, "codes/note.html", registry, code, form)

    def save(subject: Subject) -> None:
        services.write_note(
            subject,
            form.cleaned_data["text"],
            base=form.cleaned_data["base"],
            author=author,
            reason=form.cleaned_data["reason"],
        )

    return _saved(request, "codes/note.html", registry, code, form, save, "The note is kept.")


@require_http_methods(["GET", "HEAD", "POST"])
def override(request: HttpRequest, registry: str, code: int) -> HttpResponse:
    """Say something else than the tables."""
    author = _writer(request, registry, "correct codes", FOR_LEADS)
    listed = code in registries()[registry].codes
    if request.method != "POST":
        subject = _asked(request, registry, code)
        values = knowing.override_values(current(Override, subject), subject)
        form = OverrideForm.about(listed=listed, initial=values)
        return _page(request, "codes/override.html", registry, code, form)
    form = OverrideForm.about(listed=listed, data=request.POST)
    if not form.is_valid():
        return _page(request, "codes/override.html", registry, code, form)

    def save(subject: Subject) -> None:
        services.override(
            subject,
            form.words(),
            base=form.cleaned_data["base"],
            author=author,
            reason=form.cleaned_data["reason"],
        )

    said = "From now on every page says it like this."
    return _saved(request, "codes/override.html", registry, code, form, save, said)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, registry: str, code: int) -> HttpResponse:
    """Take an override back."""
    author = _writer(request, registry, "correct codes", FOR_LEADS)
    subject = _asked(request, registry, code)
    found = current(Override, subject)
    if found is None or found.revoked:
        raise Http404("nothing to take back")
    error = ""
    if request.method == "POST":
        why, base = request.POST.get("why", ""), request.POST.get("base", "")
        try:
            services.revoke(subject, base=int(base), author=author, reason=why)
        except Refused as refusal:
            error = refusal.faults["reason"]
        except (Overtaken, ValueError):
            error = "Somebody changed it in the meantime. Read it again, then decide."
        else:
            messages.success(request, "It was taken back. The words of the tables stand again.")
            return redirect(_code_page(registry, code))
    context = {
        "reading": look_up(registries()[registry], code),
        "told": knowing.Told(found, changes=tuple(knowing.changes(found))),
        "why": request.POST.get("why", ""),
        "error": error,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "codes/revoke.html", context, status=status)


def _writer(request: HttpRequest, registry: str, right: str, refusal: str) -> User:
    """Return the person who writes about a table that there is."""
    if registry not in registries():
        raise Http404("no such table")
    person = cast(User, request.user)
    if not person.may(right):
        raise PermissionDenied(refusal)
    return person


def _outcome(request: HttpRequest, author: User) -> tuple[str, str] | None:
    """Return the name of the inquiry that the address offers for a note, and what it came to."""
    number = request.GET.get("inquiry", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    inquiry = Inquiry.objects.visible_to(author).filter(pk=int(number)).first()
    text = remembering.outcome(inquiry) if inquiry else ""
    return (inquiry.reference, text) if inquiry and text else None


def _asked(request: HttpRequest, registry: str, code: int) -> Subject:
    """Return the subject that the address names."""
    place = {name: request.GET.get(name, "") for name in ("operator", "country")}
    try:
        return services.about(registry, code, **place)
    except Refused:
        return Subject(registry, code)


def _saved(
    request: HttpRequest,
    template: str,
    registry: str,
    code: int,
    form: PlaceForm,
    save: Save,
    said: str,
) -> HttpResponse:
    """Save and go to the page of the code; or show the form again with everything that was typed."""
    try:
        save(services.about(registry, code, **form.place()))
    except Refused as refusal:
        form.refuse(refusal.faults)
        return _page(request, template, registry, code, form)
    except Overtaken as overtaken:
        return _overtaken(request, template, registry, code, form, overtaken.version)
    messages.success(request, said)
    return redirect(_code_page(registry, code))


def _overtaken(
    request: HttpRequest,
    template: str,
    registry: str,
    code: int,
    form: PlaceForm,
    theirs: Version | None,
) -> HttpResponse:
    """Show what the other person saved beside what this one typed; saving again replaces it."""
    form.rebase(theirs.number if theirs else 0)
    return _page(request, template, registry, code, form, theirs=_told(theirs))


def _told(version: Version | None) -> knowing.Told[Note] | knowing.Told[Override] | None:
    if isinstance(version, Override):
        return knowing.Told(version, changes=tuple(knowing.changes(version)))
    if isinstance(version, Note):
        return knowing.Told(version, paragraphs=paragraphs(version.text))
    return None


def _page(
    request: HttpRequest,
    template: str,
    registry: str,
    code: int,
    form: PlaceForm,
    *,
    theirs: knowing.Told[Note] | knowing.Told[Override] | None = None,
    from_inquiry: bool = False,
) -> HttpResponse:
    table = registries()[registry]
    status = HTTPStatus.OK
    if theirs:
        status = HTTPStatus.CONFLICT
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "form": form,
        "reading": look_up(table, code),
        "theirs": theirs,
        "from_inquiry": from_inquiry,
    }
    return render(request, template, context, status=status)


def _code_page(registry: str, code: int) -> str:
    return reverse("codes:detail", args=[registry, code]) + "#team"
