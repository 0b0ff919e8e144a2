"""Recording what happened: in bulk, and so that twice is the same as once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from support_portal.events import (
    account_event_store,
    answer_times,
    error_store,
    happening_store,
    receipt_store,
)
from support_portal.events.arrivals import Arrived, Recorded, Told
from support_portal.events.signals import tallied, told
from support_portal.events.tally import Tally
from support_portal.payloads import AccountEvent, ApiError, Fact, Happening, Receipt, SendAnswer

# Held by whoever writes facts or counts of them (core.locks).
LOCK = "events.record"


def record(arrivals: Iterable[Arrived[Fact]]) -> Recorded:
    """Store what is new and count what is repeated, in the caller's transaction.

    The caller lets one batch in at a time (it holds LOCK), because rows are read before
    they are written.  Raises DataError or IntegrityError when the database refuses a row.
    """
    counted = Recorded()
    kinds: dict[type[Fact], list[Any]] = defaultdict(list)
    for arrival in arrivals:
        kinds[type(arrival.record)].append(arrival)
    tally: Tally = Counter()
    errors = error_store.store(kinds[ApiError], counted, tally)
    receipts = receipt_store.store(
        [*kinds[Receipt], *answer_times.timed(kinds[SendAnswer])], counted, tally
    )
    tallied.send(sender=None, tally=tally)
    happening_store.store(kinds[Happening], counted)
    account_event_store.store(kinds[AccountEvent], counted)
    told.send_robust(sender=None, recorded=Told(errors, receipts, kinds[Happening]))
    return counted
