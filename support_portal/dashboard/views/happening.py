"""The page of what has a umid and no receipts: an inbound message, a call, a lookup."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard import answers, happening_words
from support_portal.dashboard.channels import channel_name
from support_portal.dashboard.line_of_time import (
    Beside,
    Folding,
    LineOfTime,
    Page,
    folding,
    gather,
    line_of_time,
)
from support_portal.dashboard.raw import raw_payload
from support_portal.events import surroundings
from support_portal.events.models import Happening, Message
from support_portal.events.surroundings import Surroundings
from support_portal.events.timeline import timeline
from support_portal.knowledge.opinions import opinions
from support_portal.payloads.forensics import examine


def page(request: HttpRequest, umid: UUID) -> HttpResponse | None:
    """Show what is known under ``umid``, None when nothing is."""
    user = cast(User, request.user)
    held = surroundings.of_umid(umid, user)
    mine = [each for each in held.happenings if each.umid == umid]
    if not mine:
        return None
    main = next((each for each in mine if each.about != umid), mine[0])
    asked = "raw" in request.GET
    context = _context(main, user) | {
        "line": _line(held, umid, folding(request, request.path)),
        "raw": raw_payload(main.delivery_id, main.position, asked=asked),
        "asked_raw": asked,
    }
    return render(request, "messages/happening.html", context)


def _context(happening: Happening, user: User) -> dict[str, Any]:
    row = happening_words.row(happening)
    return {
        "row": row,
        "happening": happening,
        "id_name": happening_words.id_name(happening),
        "channel": channel_name(happening.channel),
        "answer": answers.for_reading(row.reading, row.text, country=happening.country)
        if row.reading
        else None,
        "about": _about(happening, user),
        "family": examine(happening.umid, happening.occurred_at),
    }


def _line(held: Surroundings, umid: UUID, folding: Folding) -> LineOfTime:
    now = timezone.now()
    story = timeline(held.receipts, now=now)
    page = Page(umid, frozenset({("umid", umid)}), folding)
    line = gather(held, story, Beside(), page)
    return line_of_time(line, held, story, page, opinions(line.readings), now)


def _about(happening: Happening, user: User) -> Message | None:
    """Return the message that it answers, as far as we hold it."""
    if happening.about is None:
        return None
    return Message.objects.visible_to(user).filter(umid=happening.about).first()
