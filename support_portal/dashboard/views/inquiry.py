"""The page of one inquiry: letter and evidence."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard.clock_words import clocks, step_is_late
from support_portal.dashboard.evidence import moment_in
from support_portal.dashboard.inquiring import AsideForm, InquiryForm, TellForm, detail_context
from support_portal.dashboard.thread import CommentForm, thread_about
from support_portal.dashboard.tracking import MailForm, ReplyForm, TrackForm, answers
from support_portal.dashboard.views import comments
from support_portal.dashboard.views.inquiries import ADDED, add_to, inquirer
from support_portal.inquiries import (
    desk,
    files,
    following,
    gathering,
    joining,
    remembering,
    services,
    templating,
    tracking,
)
from support_portal.inquiries.counting import hide
from support_portal.inquiries.gate import Blocked, must_be_in_order, set_aside
from support_portal.inquiries.letter_of import Outgoing, as_left, whole
from support_portal.inquiries.letters import TABLED
from support_portal.inquiries.mending import MENDS
from support_portal.inquiries.models import AWAITED, Gathering, Inquiry, Letter
from support_portal.inquiries.selectors import letters_of
from support_portal.lookup.subjects import of_inquiry
from support_portal.payloads.ids import parse_id
from support_portal.reason_codes import Reading, look_up, registries
from support_portal.writing import markdown, plain

WRITERS = {"text": plain, "markdown": markdown}
FILES = {
    "csv": (files.as_csv, "text/csv; charset=utf-8"),
    "ndjson": (files.as_ndjson, "application/x-ndjson; charset=utf-8"),
}
Act = Callable[[HttpRequest, Inquiry, User], HttpResponse]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show an inquiry; a POST saves what was typed."""
    inquiry = visible(request, number)
    if request.method == "POST":
        return _save(request, inquiry)
    return page(request, inquiry)


def changing(act: Act) -> Callable[..., HttpResponse]:
    """Answer POST for those who may write inquiries, and say so when the letter has gone."""

    @require_POST
    @wraps(act)
    def answer(request: HttpRequest, number: int) -> HttpResponse:
        person = inquirer(request)
        inquiry = visible(request, number)
        try:
            return act(request, inquiry, person)
        except services.NotADraft:
            messages.warning(request, "It has been sent: what it says cannot be changed any more.")
        except services.NotOpen as over:
            messages.warning(request, f"{over} is not open any more.")
        except gathering.Busy:
            messages.warning(request, f"Evidence is still being added to {inquiry.reference}.")
        return redirect("inquiries:detail", number)

    return answer


@changing
def remove(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Take pieces of evidence out of a draft."""
    ids = [found for each in request.POST.getlist("record") if (found := parse_id(each))]
    gone = services.remove(inquiry, ids, person)
    if gone:
        messages.success(request, f"{gone:,} {'piece' if gone == 1 else 'pieces'} removed.")
    return redirect(back_to(request), inquiry.pk)


@changing
def undo(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Take back what was just added."""
    at = moment_in(request.POST.get(ADDED, ""))
    gone = services.undo(inquiry, person, at) if at else 0
    if not gone:
        messages.warning(request, "That is not here any more.")
    elif Inquiry.objects.filter(pk=inquiry.pk).exists():
        messages.success(request, f"{gone:,} taken out again.")
    else:
        messages.success(request, f"{inquiry.reference} is gone again, with its {gone:,}.")
        return redirect("inquiries:list")
    return redirect("inquiries:detail", inquiry.pk)


@changing
def join(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Move the evidence of a draft into another inquiry on the same failure."""
    into = request.POST.get("into", "")
    other = visible(
        request, int(into) if into.isascii() and into.isdigit() and len(into) < 16 else 0
    )
    moved = joining.join(inquiry, other, person)
    messages.success(
        request, f"{moved:,} moved here from {inquiry.reference}. You are told of the answer."
    )
    return redirect("inquiries:detail", other.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def further(request: HttpRequest, number: int) -> HttpResponse:
    """Say what came since of the same failure; a POST adds the freshest of it."""
    inquiry, person = visible(request, number), cast(User, request.user)
    if request.method == "POST":
        return _add_further(request, inquiry)
    found = joining.further(inquiry, person, timezone.now())
    asked = not request.headers.get("HX-Request")
    context = {
        "inquiry": inquiry,
        "further": found,
        "most": min(found.number, found.room, TABLED) if found else 0,
        "may_add": person.may("inquire"),
        "asked": asked,
    }
    page = "inquiries/further.html" if asked else "inquiries/_further.html"
    return render(request, page, context)


def _add_further(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    person = inquirer(request)
    wanted = joining.freshest(inquiry, person, TABLED)
    if not wanted:
        messages.info(request, "Nothing of the same is here any more.")
        return redirect("inquiries:detail", inquiry.pk)
    return add_to(request, inquiry, wanted, person)


@never_cache
@require_safe
def gathered(request: HttpRequest, number: int) -> HttpResponse:
    """Tell how far adding evidence in the background is."""
    return render(request, "inquiries/_gathering.html", gathering_of(visible(request, number)))


@changing
def stop(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Add nothing more in the background."""
    if gathering.stop(inquiry, person):
        messages.success(request, "Nothing more is added. What was added is in the evidence.")
    return redirect("inquiries:detail", inquiry.pk)


def gathering_of(inquiry: Inquiry) -> dict[str, Any]:
    """Return what the page says of evidence that is being added."""
    row: Gathering | None = getattr(inquiry, "gathering", None)  # it came along with the inquiry
    return {"inquiry": inquiry, "gathering": row, "in_all": len(row.wanted) if row else 0}


@require_POST
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Follow an inquiry, or do not any more."""
    inquiry, person = visible(request, number), cast(User, request.user)
    if request.POST.get("follow") == "yes":
        following.follow(inquiry, person)
        messages.success(request, "You are told what becomes of it.")
    else:
        following.leave(inquiry, person)
        messages.success(request, "You are not told of it any more.")
    return redirect("inquiries:detail", number)


@changing
def refresh(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Freeze the evidence of a draft anew."""
    changed = services.refresh(inquiry, person)
    words = f"{changed:,} changed" if changed else "Nothing has changed"
    messages.success(request, f"{words} since the evidence was added. What you typed stays.")
    return redirect("inquiries:detail", inquiry.pk)


@changing
def mend(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Mend what a check found, as far as the portal can."""
    act = MENDS.get(request.POST.get("how", ""))
    if act is None:
        return HttpResponseBadRequest("This is not what the form of the portal sends.")
    mended = act(inquiry, person)
    messages.success(request, "Mended. Read it once more.")
    return redirect("inquiries:detail", mended.pk)


@changing
def tell(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Note the time, and perhaps the code, of an id that we do not hold."""
    form = TellForm(request.POST)
    if not form.is_valid():
        return page(request, inquiry, tell=form)
    known = form.cleaned_data
    if not services.tell(inquiry, known["record"], person, at=known["at"], code=known["code"]):
        messages.warning(request, "We hold that record, or it is not here any more.")
    return redirect(back_to(request), inquiry.pk)


def back_to(request: HttpRequest) -> str:
    """Return the page that evidence was mended on."""
    return "inquiries:further-letter" if "further" in request.POST else "inquiries:detail"


@changing
def aside(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Set a check aside, with a reason."""
    form = AsideForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why the check is set aside.")
    elif not set_aside(inquiry, form.cleaned_data["mark"], form.cleaned_data["reason"], person):
        messages.warning(request, "That is not found any more.")
    return redirect("inquiries:detail", inquiry.pk)


@require_POST
def track(request: HttpRequest, number: int) -> HttpResponse:
    """Save what became of an inquiry."""
    person = inquirer(request)
    inquiry = visible(request, number)
    form = TrackForm(inquiry, request.POST)
    if not form.is_valid():
        return page(request, inquiry, track=form)
    said = dict(form.cleaned_data)
    try:
        tracking.track(inquiry, said, person, base=said.pop("base"))
    except services.Overtaken as overtaken:
        form.add_error(None, f"Somebody was quicker: it is {overtaken.now.state} now. Save again.")
        form.go_on_from(overtaken.now)
        return page(request, visible(request, number), track=form)
    messages.success(request, "Saved.")
    return redirect("inquiries:detail", number)


@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Keep what 8x8 answered."""
    person = inquirer(request)
    inquiry = visible(request, number)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return page(request, inquiry, reply=form)
    said = form.cleaned_data
    tracking.answer(inquiry, said["text"], person, sender=said["sender"], at=said["at"])
    messages.success(request, "The reply is kept.")
    return redirect(reverse("inquiries:detail", args=[number]) + "#replies")


@require_POST
def comment(request: comments.HtmxRequest, number: int) -> HttpResponse:
    """Add a comment."""
    comments.writer(request)
    inquiry = visible(request, number)
    return comments.posted(
        request, of_inquiry(inquiry), lambda form: page(request, inquiry, remark=form)
    )


@never_cache
@require_safe
def letter(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """Return the letter as text to copy, or on a page with a field."""
    inquiry = visible(request, number)
    if form not in WRITERS:
        raise Http404
    left = _left(request, inquiry)
    if left and form == "text":
        text = f"{left.subject}\n\n{left.text}"
    else:
        outgoing = as_left(left) if left else whole(inquiry)
        if stopped := stays(request, inquiry, outgoing, left):
            return stopped
        text = WRITERS[form](outgoing.document)
    if request.get_preferred_type(["text/html", "text/plain"]) == "text/plain":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    return render(request, "inquiries/copy.html", {"inquiry": inquiry, "text": text, "form": form})


@never_cache
@require_safe
def evidence(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """Return the evidence as a file."""
    inquiry = visible(request, number)
    if form not in FILES:
        raise Http404
    written, kind = FILES[form]
    if left := _left(request, inquiry):
        content: str = getattr(left, form)
    else:
        outgoing = whole(inquiry)
        if stopped := stays(request, inquiry, outgoing):
            return stopped
        content = written(outgoing.samples)
    response = HttpResponse(content, content_type=kind)
    name = f"{inquiry.reference}-evidence.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _left(request: HttpRequest, inquiry: Inquiry) -> Letter | None:
    """Return the letter that an inquiry left as: it is copied as it was, however old its evidence is."""
    found = services.last_letter(inquiry)
    readable = letters_of(inquiry, cast(User, request.user)) if found else []
    return next((each for each in readable if found and each.pk == found.pk), None)


def stays(
    request: HttpRequest, inquiry: Inquiry, outgoing: Outgoing, left: Letter | None = None
) -> HttpResponse | None:
    """Lead to what has to be mended before anything of an inquiry leaves; None when nothing has.

    What has left already is judged as of then.
    """
    try:
        must_be_in_order(
            inquiry,
            outgoing.samples,
            draft=outgoing.draft,
            now=left.frozen_at if left else None,
        )
    except Blocked as blocked:
        return refused(request, inquiry, blocked)
    return None


def refused(request: HttpRequest, inquiry: Inquiry, blocked: Blocked) -> HttpResponse:
    """Say what keeps an inquiry here."""
    messages.error(request, f"It stays here until this is mended or set aside: {blocked}.")
    return redirect("inquiries:detail", inquiry.pk)


def visible(request: HttpRequest, number: int) -> Inquiry:
    """Return an inquiry that the person may see, or raise 404."""
    seen = Inquiry.objects.visible_to(cast(User, request.user))
    found = seen.select_related("created_by", "owner", "gathering").filter(pk=number).first()
    if found is None:
        raise Http404("no such inquiry")
    return hide(found, cast(User, request.user))


def page(
    request: HttpRequest,
    inquiry: Inquiry,
    form: InquiryForm | None = None,
    tell: TellForm | None = None,
    track: TrackForm | None = None,
    reply: ReplyForm | None = None,
    remark: CommentForm | None = None,
    mail: MailForm | None = None,
    **more: Any,
) -> HttpResponse:
    """Draw the page; with a form it was refused."""
    person = cast(User, request.user)
    rules, now = desk.current(), timezone.now()
    context = (
        detail_context(inquiry, person, form, **more)
        | gathering_of(inquiry)
        | {
            "tell": tell,
            "clocks": clocks(inquiry, rules, now),
            "noteworthy": _noteworthy(inquiry, person),
            "newer_template": _newer_template(inquiry),
            "step_is_late": step_is_late(inquiry, rules, now),
            "may_escalate": person.may("inquire") and inquiry.state in AWAITED,
            "track": track or TrackForm(inquiry),
            "added": moment_in(request.GET.get(ADDED, "")),
            "replies": answers(inquiry),
            "reply": reply or (ReplyForm() if person.may("inquire") else None),
            "thread": thread_about(
                of_inquiry(inquiry), person, remark, request.GET.get("reply", "")
            ),
            "mail": mail or MailForm(),
        }
    )
    refused = form or tell or track or reply or remark or mail
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "inquiries/detail.html", context, status=status)


def _noteworthy(inquiry: Inquiry, person: User) -> list[Reading]:
    """Return the codes on which what became of an inquiry can be noted."""
    if not person.may("note") or not remembering.outcome(inquiry):
        return []
    tables = registries()
    return [
        look_up(tables[registry], code)
        for registry, code in remembering.codes_of(inquiry)
        if registry in tables
    ]


def _newer_template(inquiry: Inquiry) -> int:
    """Return the version of the template that counts when a draft was made by another, else 0."""
    if not inquiry.is_draft:
        return 0
    newest = templating.current(inquiry.kind).number
    return newest if newest != inquiry.template else 0


def _save(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    person = inquirer(request)
    form = InquiryForm(request.POST, chosen=inquiry.to)
    if not form.is_valid():
        return page(request, inquiry, form)
    said = dict(form.cleaned_data)
    for name in form.left_to_others():
        del said[name]
    try:
        services.save(inquiry, said, person, base=said.pop("base"))
    except services.Overtaken as overtaken:
        return page(request, visible(request, inquiry.pk), form, theirs=overtaken.now)
    except services.NotADraft:
        messages.warning(request, "It was sent meanwhile. What you typed was not saved.")
        return page(request, visible(request, inquiry.pk), form)
    messages.success(request, "Saved.")
    return redirect("inquiries:detail", inquiry.pk)
