"""What should have come and has not, in words: hollow rows at the end of the line of time."""

from datetime import datetime

from support_portal.dashboard import clock
from support_portal.dashboard.channels import channel_name
from support_portal.dashboard.line_rows import Form, Row
from support_portal.dashboard.line_words import Text, Words
from support_portal.events.expectations import Expected, Missing, Stage
from support_portal.events.timeline import Lane, Timeline
from support_portal.events.usual import FEWEST, Route, Usual

NAMES = {
    Missing.FINAL: ("Final receipt", "delivered to the phone, or undelivered"),
    Missing.READ: ("Read receipt", "read, if the recipient lets the app report it"),
}
WINDOWS = {Missing.FINAL: "48 h", Missing.READ: "10 d"}
USUALLY = {
    Missing.FINAL: "Usually 95 % are there within",
    Missing.READ: "Of those who read it, 95 % did so within",
}
STANDING = {Stage.WAITING: "expected", Stage.OVERDUE: "overdue", Stage.CLOSED: "missing"}


def rows(story: Timeline, now: datetime) -> list[Row]:
    """Return a row for each lane that waits for something, or on which nothing can be waited for."""
    return [row for lane in story.lanes if (row := _row_of(lane, now))]


def route_name(route: Route) -> str:
    """Name a route: SMS to PH, Example Wireless."""
    where = ", ".join(filter(None, (route.country, route.operator)))
    channel = channel_name(route.channel)
    return f"{channel} to {where}" if where else channel


def sample_words(usual: Usual) -> str:
    """Say from how many messages and which days a measure is."""
    began, ended = clock.short_day(usual.began_at), clock.short_day(usual.ended_at)
    days = began if began == ended else f"{began} to {ended}"
    return f"{usual.samples:,} messages, {days}"


def _row_of(lane: Lane, now: datetime) -> Row | None:
    if lane.mute:
        never = Text(foreign=channel_name(lane.channel), after=" reports nothing after sent.")
        words = Words("ring", Text("Final receipt"), tone="none", detail=never)
        return Row(Form.HOLLOW, words, standing="never comes")
    return _row(lane.expected, lane.channel, now) if lane.expected else None


def _row(expected: Expected, channel: str, now: datetime) -> Row:
    name, meaning = NAMES[expected.missing]
    smalls = [_window(expected, channel, now)]
    if not expected.closed:
        smalls.insert(0, _usually(expected))
    return Row(
        Form.HOLLOW,
        Words(
            "ring",
            Text(name),
            tone="none",
            detail=Text(meaning),
            smalls=tuple(smalls),
            warnings=_overdue(expected, now),
        ),
        standing=STANDING[expected.stage],
        closing=_closing(expected, now),
    )


def _usually(expected: Expected) -> Text:
    usual = expected.usual
    if usual is None:
        return Text(f"How long it usually takes is not known yet: that needs {FEWEST} messages.")
    within = clock.duration(usual.most)
    return Text(
        f"{USUALLY[expected.missing]} {within} for ",
        route_name(usual.route),
        f" (half within {clock.duration(usual.half)}; from {sample_words(usual)}).",
    )


def _window(expected: Expected, channel: str, now: datetime) -> Text:
    name = channel_name(channel)
    if expected.deadline is None:
        return Text("8x8 names no deadline for it on ", name, ".")
    window = f"the {WINDOWS[expected.missing]} window"
    deadline = clock.day_and_clock(expected.deadline)
    when = clock.ago(expected.deadline, now)
    if expected.closed:
        return Text("It will not come any more: on ", name, f" {window} closed {deadline}.")
    return Text("On ", name, f" {window} closes {when}, {deadline}.")


def _overdue(expected: Expected, now: datetime) -> tuple[str, ...]:
    if expected.stage is not Stage.OVERDUE or expected.due is None:
        return ()
    since = clock.day_and_clock(expected.due)
    return (f"Overdue since {since}, {clock.ago(expected.due, now)}.",)


def _closing(expected: Expected, now: datetime) -> str:
    if expected.deadline is None:
        return ""
    verb = "closed" if expected.closed else "closes"
    return f"{verb} {clock.ago(expected.deadline, now)}"
