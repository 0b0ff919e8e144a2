"""The page of what has a umid and no receipts: an inbound message, a call, a lookup."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from support_portal.accounts.models import User
from support_portal.dashboard import answers
from support_portal.dashboard.happening_words import Row, around, id_name
from support_portal.dashboard.message_page import channel_name
from support_portal.dashboard.raw import raw_payload
from support_portal.events.models import Happening, Message
from support_portal.payloads.forensics import examine


def page(request: HttpRequest, umid: UUID) -> HttpResponse | None:
    """Show what is known under ``umid``, None when nothing is."""
    user = cast(User, request.user)
    rows = around([umid], user)
    mine = [row for row in rows if row.happening.umid == umid]
    if not mine:
        return None
    main = next((row for row in mine if row.href), mine[0])
    context = _context(main, [row for row in rows if row is not main], user)
    asked = "raw" in request.GET
    happening = main.happening
    context["raw"] = raw_payload(happening.delivery_id, happening.position, asked=asked)
    context["asked_raw"] = asked
    return render(request, "messages/happening.html", context)


def _context(main: Row, others: list[Row], user: User) -> dict[str, Any]:
    happening = main.happening
    return {
        "row": main,
        "happening": happening,
        "id_name": id_name(happening),
        "channel": channel_name(happening.channel),
        "answer": answers.for_reading(main.reading, main.text) if main.reading else None,
        "about": _about(happening, user),
        "others": others,
        "family": examine(happening.umid, happening.occurred_at),
    }


def _about(happening: Happening, user: User) -> Message | None:
    """Return the message that it answers, as far as we hold it."""
    if happening.about is None:
        return None
    return Message.objects.visible_to(user).filter(umid=happening.about).first()
