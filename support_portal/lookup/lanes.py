"""The lanes of a message as machines are told of them: what is odd, and what should still come."""

from support_portal.events.expectations import Expected
from support_portal.events.timeline import Lane, Step, Timeline
from support_portal.events.usual import Usual
from support_portal.lookup import shapes
from support_portal.lookup.answers import time


def of(story: Timeline) -> shapes.LanesShape:
    """Return what a message waits for, and its steps by channel, the same status told once."""
    return {
        "expected": expected(story.expected),
        "lanes": [_lane(lane) for lane in story.lanes],
    }


def expected(told: Expected | None) -> shapes.ExpectedShape | None:
    """Return a receipt that has not come: since when, when it usually comes, until when it can."""
    if told is None:
        return None
    return {
        "missing": told.missing,
        "stage": told.stage,
        "since": time(told.since),
        "due": time(told.due),
        "deadline": time(told.deadline),
        "usual": _usual(told.usual),
    }


def _usual(told: Usual | None) -> shapes.UsualShape | None:
    if told is None:
        return None
    return {
        "channel": told.route.channel,
        "country": told.route.country or None,
        "operator": told.route.operator or None,
        "samples": told.samples,
        "p50_seconds": told.half.total_seconds(),
        "p95_seconds": told.most.total_seconds(),
        "began_at": time(told.began_at),
        "ended_at": time(told.ended_at),
    }


def _lane(told: Lane) -> shapes.LaneShape:
    return {
        "channel": told.channel or None,
        "reports_nothing_further": told.mute,
        "expected": expected(told.expected),
        "steps": [_step(step) for step in told.steps],
    }


def _step(told: Step) -> shapes.StepShape:
    return {
        "state": told.state,
        "detail": told.detail or None,
        "occurred_at": time(told.occurred_at),
        "received_at": time(told.received_at),
        "came": told.came,
        "provisional": told.provisional,
        "flags": list(told.flags),
        "times_the_usual": round(told.slow.times, 1) if told.slow else None,
    }
