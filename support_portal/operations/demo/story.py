"""The two weeks as lines of an archive: what reached us, newest first, without a database.

The same ``now`` and seed give the same lines, to the byte.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

import msgspec

from support_portal.operations.demo import clock, shapes
from support_portal.operations.demo.chance import Weighted, between
from support_portal.operations.demo.faults import Fault, Trouble
from support_portal.operations.demo.lives import Fate, Observed
from support_portal.operations.demo.messages import Desk, Sent, all_sent
from support_portal.operations.demo.shapes import Payload
from support_portal.operations.demo.world import Range, World, errors, plots, world

SEED = 20260723
LINES_A_BODY = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery of 8x8 or of our services, with the time it was first received."""

    received_at: float
    told: Observed | Payload

    @property
    def payload(self) -> Payload:
        """Return what was posted; a receipt is drawn up on demand, so that two weeks take little room."""
        return shapes.receipt(self.told) if isinstance(self.told, Observed) else self.told

    def encode(self) -> bytes:
        """Return the line as the archive holds it."""
        envelope = {"receivedAt": clock.plain(self.received_at), "delivery": self.payload}
        return msgspec.json.encode(envelope)


@dataclass(frozen=True)
class Story:
    """Everything that was told, and what the comments need to point at it."""

    lines: list[Line]  # newest first
    sent: list[Sent]
    faults: list[Fault]  # newest first

    @property
    def slice_count(self) -> int:
        """Return how many bodies the lines fill."""
        return -(-len(self.lines) // LINES_A_BODY)

    def slice(self, number: int) -> list[Line]:
        """Return the lines of one body; slice 0 is the newest."""
        return self.lines[number * LINES_A_BODY : (number + 1) * LINES_A_BODY]


def body(lines: Iterable[Line]) -> bytes:
    """Return ``lines`` as one NDJSON body, oldest first as in an archive."""
    ordered = sorted(lines, key=lambda line: line.received_at)
    return b"".join(line.encode() + b"\n" for line in ordered)


def tell(now: datetime, seed: int = SEED) -> Story:
    """Return the two weeks that end at ``now``."""
    end = now.timestamp()
    dice = Random(seed)
    shape = world()
    desk = Desk(dice, shape)
    sent = all_sent(desk, end)
    trouble = Trouble(desk, errors(), sent)
    faults = [fault for fault in _faults(trouble, shape, end) if fault.moment < end]
    lines = [*_receipt_lines(dice, shape, sent), *_fault_lines(dice, shape, faults)]
    known = [line for line in lines if line.received_at < end]
    known.sort(key=lambda line: line.received_at, reverse=True)
    faults.sort(key=lambda fault: fault.moment, reverse=True)
    return Story(known, sent, faults)


def _faults(trouble: Trouble, shape: World, end: float) -> Iterator[Fault]:
    yield from trouble.everyday(end)
    for burst in shape.bursts:
        yield from trouble.burst(burst, end)


def _receipt_lines(dice: Random, shape: World, sent: list[Sent]) -> Iterator[Line]:
    fate = Fate(dice, plots(), shape.incident)
    delays = Weighted((delay, delay.weight) for delay in shape.delays)
    for message in sent:
        for seen in fate.life(message):
            arrived = seen.moment + _delay(dice, delays)
            yield Line(arrived, seen)
            if dice.random() < shape.repeat_share:
                yield from _repeats(dice, shape, arrived, seen)


def _delay(dice: Random, delays: Weighted[Range]) -> float:
    drawn = delays.draw(dice)
    return between(dice, drawn.low, drawn.high)


def _repeats(dice: Random, shape: World, arrived: float, seen: Observed) -> Iterator[Line]:
    """Yield what 8x8 posts again when it got no answer: the same payload after each pause."""
    for pause in shape.retry_after[: dice.randint(1, 3)]:
        arrived += pause + dice.random() * 0.2
        yield Line(arrived, seen)


def _fault_lines(dice: Random, shape: World, faults: list[Fault]) -> Iterator[Line]:
    wrapped = [
        fault for fault in faults if "context" in fault.payload and fault.status != fault.code
    ]
    told_otherwise = {fault.error_id for fault in dice.sample(wrapped, shape.variants)}
    for fault in faults:
        arrived = fault.moment + between(dice, 0.05, 2.0)
        yield Line(arrived, fault.payload)
        if dice.random() < shape.error_repeat_share:
            yield Line(arrived + between(dice, 1.0, 30.0), fault.payload)
        if fault.error_id in told_otherwise:
            yield Line(arrived + 60, _retold(fault))


def _retold(fault: Fault) -> Payload:
    """Return the same error as a careless log has it: the HTTP status where the code belongs."""
    message = f"HTTP {fault.status}, copied from the gateway log"
    return {
        "code": fault.status,
        "message": message,
        "errorId": fault.error_id,
        "timestamp": fault.stamp,
    }
