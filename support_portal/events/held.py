"""One record by its id, for whoever may see it."""

from uuid import UUID

from support_portal.core.composed import Composed
from support_portal.events.models import ErrorEvent, Message, Reader, Seeing, listed

_errors = Composed(
    lambda id, sub_accounts: ErrorEvent.objects.visible_to(Seeing(sub_accounts)).filter(error_id=id)
)
_messages = Composed(
    lambda id, sub_accounts: Message.objects.visible_to(Seeing(sub_accounts)).filter(umid=id)
)


def error(error_id: UUID, reader: Reader) -> ErrorEvent | None:
    """Return an error, None when it is not held or not for this reader."""
    found: ErrorEvent | None = _errors.first(error_id, listed(reader))
    return found


def message(umid: UUID, reader: Reader) -> Message | None:
    """Return a message, None when it is not held or not for this reader."""
    found: Message | None = _messages.first(umid, listed(reader))
    return found
