"""Sending the demo through the intake, in an order in which pages fill with recent data first.

Every body names its slice as its sender, ``demo:<end of the two weeks>:<slice>``.  That is all the
memory there is: a run that was stopped goes on with the slices that are missing.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from support_portal.ingest.models import Delivery
from support_portal.ingest.services import receive
from support_portal.operations.demo import clock, people, remarks
from support_portal.operations.demo.around import around
from support_portal.operations.demo.shapes import Payload
from support_portal.operations.demo.story import Line, body, tell
from support_portal.operations.demo.world import errors, talk

SOURCE = "demo"
PREFIX = "demo:"
NDJSON = "application/x-ndjson"
WAITING_AT_MOST = 4  # bodies: what others send during the feed must not queue behind all of it
PATIENCE = 2.0  # seconds a body, so that a feed without a worker ends too


def prepare(*, now: datetime, password: str, token: str, hook_key: str) -> None:
    """Create people and senders, and send what the first look at the portal needs."""
    with transaction.atomic():
        people.hire(password)
        people.admit(token, hook_key)
        if remarks.said_before():
            return
        end = _end(_sent(), now)
        story = tell(end)
        _send_once(_sender(end, "client-document"), body([client_document_line(end)]))
        _send_once(_sender(end, "strays"), "\n".join(talk().strays.lines).encode())
        _send_once(_sender(end, 0), body(story.slice(0)))
        _send_once(_sender(end, "around"), body(around(story, end)))
        remarks.say(story, end)


def keep_pace() -> None:
    """Wait until the inbox is nearly empty, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and Delivery.objects.pending().count() > WAITING_AT_MOST:
        time.sleep(0.05)


def feed(
    *,
    now: datetime,
    report: Callable[[int, int], None],
    pace: Callable[[], None] = keep_pace,
) -> datetime | None:
    """Send the slices that are missing, newest first; ``report`` hears lines sent and in total.

    Returns when the demo ends; None when it was fed long ago.
    """
    sent = _sent()
    if not sent and remarks.said_before():
        return None  # fed long ago: the deliveries have been pruned, what they told is still there
    end = _end(sent, now)
    story = tell(end)
    lines = 0
    for number in range(story.slice_count):
        part = story.slice(number)
        if _sender(end, number) not in sent:
            pace()
            _send(_sender(end, number), body(part))
        lines += len(part)
        report(lines, len(story.lines))
    return end


def wait_until_drained(patience: float = 60.0) -> None:
    """Wait until nothing of the demo waits any more, but not for ever."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and Delivery.objects.pending().filter(source=SOURCE).exists():
        time.sleep(0.2)


def client_document_line(end: datetime) -> Line:
    """Return the error of the client document; it reached us when the two weeks began."""
    error: Payload = msgspec.to_builtins(errors().client_document)
    return Line(clock.first_moment(end.timestamp()), error)


def _sent() -> set[str]:
    return set(Delivery.objects.filter(source=SOURCE).values_list("sender", flat=True))


def _end(sent: set[str], now: datetime) -> datetime:
    """Return the end of the two weeks: as it was when the first body was sent, or ``now``."""
    for sender in sorted(sent):
        return datetime.fromisoformat(sender.removeprefix(PREFIX).rpartition(":")[0])
    return now.astimezone(UTC).replace(microsecond=0)


def _sender(end: datetime, part: int | str) -> str:
    name = f"{part:04d}" if isinstance(part, int) else part
    return f"{PREFIX}{end.isoformat()}:{name}"


def _send_once(sender: str, content: bytes) -> None:
    if sender not in _sent():
        _send(sender, content)


def _send(sender: str, content: bytes) -> None:
    receive(content, source=SOURCE, sender=sender, content_type=NDJSON)
