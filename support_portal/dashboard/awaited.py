"""What should have come and has not, in words: hollow rows at the end of the line of time."""

from datetime import datetime

from support_portal.dashboard import clock
from support_portal.dashboard.channels import channel_name
from support_portal.dashboard.line_rows import Form, Row
from support_portal.dashboard.line_words import Words
from support_portal.events.expectations import Expected, Missing
from support_portal.events.timeline import Timeline

NAMES = {
    Missing.FINAL: ("Final receipt", "delivered to the phone, or undelivered"),
    Missing.READ: ("Read receipt", "read, if the recipient lets the app report it"),
}


def rows(story: Timeline, now: datetime) -> list[Row]:
    """Return a row for each lane that waits for something."""
    return [_row(lane.expected, lane.channel, now) for lane in story.lanes if lane.expected]


def _row(expected: Expected, channel: str, now: datetime) -> Row:
    name, meaning = NAMES[expected.missing]
    return Row(
        Form.HOLLOW,
        Words("ring", name, tone="none", detail=meaning, smalls=(_window(expected, channel),)),
        standing="missing" if expected.closed else "expected",
        closing=_closing(expected, now),
    )


def _window(expected: Expected, channel: str) -> str:
    where = f"on {channel_name(channel)}, not here."
    if expected.deadline is None:
        return f"{where} 8x8 names no deadline for it."
    deadline = clock.day_and_clock(expected.deadline)
    if expected.closed:
        return f"{where} The window closed {deadline}; it will not come any more."
    return f"{where} The window closes {deadline}."


def _closing(expected: Expected, now: datetime) -> str:
    if expected.deadline is None:
        return ""
    verb = "closed" if expected.closed else "closes"
    return f"{verb} {clock.ago(expected.deadline, now)}"
