"""Recording what happened: in bulk, and so that twice is the same as once."""

from collections.abc import Sequence

from support_portal.events import error_store, receipt_store
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.payloads import ApiError, Receipt


def record(errors: Sequence[Arrived[ApiError]], receipts: Sequence[Arrived[Receipt]]) -> Recorded:
    """Store what is new and count what is repeated, in the caller's transaction.

    The caller lets one batch in at a time (the drain holds a lock), because rows are read before
    they are written.  Raises DataError or IntegrityError when the database refuses a row.
    """
    counted = Recorded()
    error_store.store(errors, counted)
    receipt_store.store(receipts, counted)
    return counted
