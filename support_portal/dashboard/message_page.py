"""Everything on the page of one message, in a fixed number of queries."""

from datetime import datetime
from typing import Any

from support_portal.accounts.models import User
from support_portal.dashboard import alone, answers, deaf, incident_words, inquiry_about
from support_portal.dashboard.account_words import rows_for
from support_portal.dashboard.channels import channel_name
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
from support_portal.events import surroundings
from support_portal.events.models import Message
from support_portal.events.timeline import Timeline, timeline
from support_portal.inquiries.selectors import about_records
from support_portal.insights import incidents
from support_portal.knowledge.opinions import opinions
from support_portal.lookup.subjects import of_message
from support_portal.payloads.forensics import examine


def message_context(
    message: Message,
    user: User,
    now: datetime,
    *,
    asked_raw: bool,
    folding: Folding = FOLDED,
    form: CommentForm | None = None,
    reply: str = "",
) -> dict[str, Any]:
    """Return what ``messages/detail.html`` shows."""
    thread = thread_about(of_message(message), user, form, reply)
    held = surroundings.of_message(message, user)
    story = timeline(held.receipts, now=now, usuals=held.usuals)
    explains = rows_for(story.code, user, message.state_at)
    heard_until = _heard_until(message, story, now)
    not_heard = deaf.beside(user, message.sub_account, message.first_at, heard_until)
    page = Page(message.umid, _shared(message), folding)
    line = gather(held, story, Beside(thread.said, not_heard, explains), page)
    team = opinions([story.code, *line.readings])
    operator, country = message.operator, message.country
    return {
        "message": message,
        "channel": channel_name(message.channel),
        "lane_names": [channel_name(lane.channel) for lane in story.lanes],
        "answer": answers.for_message(story, operator=operator, country=country, team=team),
        "line": line_of_time(line, held, story, page, team, now),
        "timeline": story,
        "explains": explains,
        "inquiries": inquiry_about.told(about_records([message.umid], user)),
        "part_of": incident_words.all_told(incidents.of_message(message, user), user),
        "alone": alone.of_message(message, user, now),
        "family": examine(message.umid, message.first_at),
        "raw": raw_payload(message.delivery_id, message.position, asked=asked_raw),
        "asked_raw": asked_raw,
        "thread": thread,
        "may_inquire": user.may("inquire"),
    }


def _heard_until(message: Message, story: Timeline, now: datetime) -> datetime:
    """Return until when more could have come than is held."""
    if story.expected is None:
        return message.state_at
    return min(now, story.expected.deadline or now)


def _shared(message: Message) -> frozenset[tuple[str, object]]:
    """Return the ids by which an error may belong to the message."""
    told = {
        "umid": message.umid,
        "client message id": message.client_message_id,
        "batchId": message.batch_id,
    }
    return frozenset((name, key) for name, key in told.items() if key)
