"""Everything on the page of one error, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support_portal.accounts.models import User
from support_portal.core.composed import Composed
from support_portal.dashboard import (
    alone,
    answers,
    deaf,
    incident_words,
    inquiry_about,
    spelling,
    standings,
)
from support_portal.dashboard.account_words import rows_for
from support_portal.dashboard.line_of_time import (
    FOLDED,
    Beside,
    Folding,
    Page,
    gather,
    line_of_time,
)
from support_portal.dashboard.raw import raw_payload
from support_portal.dashboard.thread import CommentForm, thread_about
from support_portal.events import readings, surroundings
from support_portal.events.models import ErrorEvent, ErrorVariant
from support_portal.events.timeline import Timeline, timeline
from support_portal.inquiries.selectors import about_records
from support_portal.insights import incidents
from support_portal.insights.similar import LATELY, of_group
from support_portal.knowledge.opinions import opinions
from support_portal.lookup.subjects import of_error
from support_portal.payloads.forensics import examine
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Context, Reading, decode

MOST_VARIANTS = 50


@dataclass(frozen=True, slots=True)
class Variant:
    """How the same errorId was told differently."""

    code: int
    occurred_at: datetime
    received_at: datetime
    text: str


def error_context(
    error: ErrorEvent,
    user: User,
    now: datetime,
    *,
    asked_raw: bool,
    folding: Folding = FOLDED,
    form: CommentForm | None = None,
    reply: str = "",
) -> dict[str, Any]:
    """Return what ``errors/detail.html`` shows."""
    thread = thread_about(of_error(error), user, form, reply)
    held = surroundings.of_error(error, user)
    story = timeline(held.receipts, now=now, usuals=held.usuals)
    not_heard = deaf.beside(user, error.sub_account, *_span(error, story, now))
    page = Page(error.error_id, frozenset({("umid", error.umid)}), folding)
    http, text, reading = _http(error), masked_text(error.message), readings.of_error(error)
    explains = rows_for(reading, user, error.occurred_at)
    line = gather(held, story, Beside(thread.said, not_heard, explains), page)
    team = opinions([reading, *line.readings])
    answer = answers.for_reading(reading, text, country=error.country, http=http, team=team)
    return {
        "error": error,
        "reading": answer.reading,
        "http": http,
        "path": masked_text(error.path),
        "text": text,
        "answer": answer,
        "line": line_of_time(line, held, story, page, team, now),
        "message": held.message,
        "delay": error.received_at - error.occurred_at,
        "variants": _variants(error),
        "explains": explains,
        "similar": of_group(error.group_id, user, LATELY) if error.group_id else None,
        "similar_days": LATELY,
        "stands": standings.of_groups([error.group_id]).get(error.group_id),
        "inquiries": inquiry_about.told(about_records([error.error_id], user)),
        "part_of": incident_words.all_told(incidents.of_error(error, user), user),
        "alone": alone.of_error(error, user, now),
        "family": examine(error.error_id, error.occurred_at),
        "about_characters": spelling.concerns(answer.reading),
        "raw": raw_payload(error.delivery_id, error.position, asked=asked_raw),
        "asked_raw": asked_raw,
        "thread": thread,
        "may_inquire": user.may("inquire"),
    }


def _http(error: ErrorEvent) -> Reading | None:
    """Decode the HTTP status in its own table: its 404 and the API's 1300 are two things."""
    if error.http_status is None:
        return None
    return decode(Context.HTTP_STATUS, "", error.http_status)


_told_otherwise = Composed(
    lambda id: ErrorVariant.objects.filter(error_id=id).order_by("received_at", "digest")[
        :MOST_VARIANTS
    ]
)


def _variants(error: ErrorEvent) -> list[Variant]:
    return [
        Variant(each.code, each.occurred_at, each.received_at, masked_text(each.message))
        for each in _told_otherwise(error.error_id)
    ]


def _span(error: ErrorEvent, story: Timeline, now: datetime) -> tuple[datetime, datetime]:
    """Return the time in which something may have been missed."""
    moments = [error.occurred_at, error.received_at, *(step.occurred_at for step in story.steps)]
    if story.expected:
        moments.append(min(now, story.expected.deadline or now))
    return min(moments), max(moments)
