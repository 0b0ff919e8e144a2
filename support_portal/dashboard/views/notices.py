"""What a person was told: the bell, the list, and whether it goes by mail."""

from datetime import datetime
from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import TalkMail, User
from support_portal.core.keyset import paginate
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.notices import services
from support_portal.notices.models import Notice
from support_portal.notices.selectors import unread
from support_portal.payloads.ids import parse_id


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List what this person was told, newest first; all of it or what is unread."""
    person = cast(User, request.user)
    only_unread = request.GET.get("show") == "unread"
    wrong = not_understood(request.GET, show=["unread"])
    rows = Notice.objects.of(person).none() if wrong else Notice.objects.of(person)
    page = paginate(
        rows.unread() if only_unread else rows,
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    return render(
        request,
        "notices/list.html",
        {
            "page": page,
            "wrong": wrong,
            "links": page_links(request, page),
            "sizes": page_sizes(request, page.size),
            "tabs": [
                {"word": "All", "href": changed(request, show=None), "current": not only_unread},
                {
                    "word": "Unread",
                    "href": changed(request, show="unread"),
                    "current": only_unread,
                },
            ],
            "only_unread": only_unread,
            "undo": _moment(request.GET.get("undo", "")),
            "mail_is_set_up": settings.MAIL_ON,
            "talk_mail": TalkMail.choices,
        },
    )


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """Show the bell alone, for htmx to swap; nothing when it is as it was."""
    number = unread(cast(User, request.user))
    if request.GET.get("shown") == number:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "components/bell.html", {"unread": number})


@require_safe
def follow(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Go where a notice leads; that is how it is read."""
    person = cast(User, request.user)
    notice = Notice.objects.of(person).filter(id=notice_id).first()
    if notice is None:
        raise Http404
    services.mark_read(person, [notice_id])
    return redirect(notice.link)


@require_POST
def read(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Mark one notice as read, or as unread again."""
    as_read = request.POST.get("read") != "no"
    services.mark_read(cast(User, request.user), [notice_id], read=as_read)
    return redirect("notices:list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything up to the newest notice that was shown, and offer to undo it."""
    until = parse_id(request.POST.get("until", ""))
    if until is None:
        return redirect("notices:list")
    count, moment = services.mark_all_read(cast(User, request.user), until)
    if not count:
        return redirect("notices:list")
    messages.success(request, f"{count} {_noticed(count)} marked as read.")
    return redirect(f"{request.path.removesuffix('read-all')}?undo={moment:%Y-%m-%dT%H:%M:%S.%fZ}")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Make unread again what was marked in one go."""
    moment = _moment(request.POST.get("moment", ""))
    count = services.unmark(cast(User, request.user), moment) if moment else 0
    messages.success(request, f"{count} {_noticed(count)} unread again.")
    return redirect("notices:list")


@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """Switch mail on or off for the person who asks."""
    wanted = request.POST.get("mail") == "on"
    services.choose_mail(cast(User, request.user), wanted=wanted)
    words = "Notices go by mail as well." if wanted else "Notices are not mailed any more."
    messages.success(request, words)
    return redirect("notices:list")


@require_POST
def talk_mail(request: HttpRequest) -> HttpResponse:
    """Choose when what colleagues write goes by mail."""
    asked = request.POST.get("when", "")
    if asked not in TalkMail:
        return redirect("notices:list")
    when = TalkMail(asked)
    services.choose_talk_mail(cast(User, request.user), when, timezone.now())
    messages.success(request, f"What colleagues write is mailed to you {when.label}.")
    return redirect("notices:list")


def _noticed(count: int) -> str:
    return "notice is" if count == 1 else "notices are"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
