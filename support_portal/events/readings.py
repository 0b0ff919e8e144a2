"""What the code of a stored record means: its kind chooses the registry."""

from support_portal.events.models import ErrorEvent, Happening, Message
from support_portal.reason_codes import Context, Reading, decode

CONTEXTS = frozenset(Context)


def of_error(error: ErrorEvent) -> Reading:
    """Decode the code of an API error."""
    return decode(Context.API_ERROR, error.channel, error.code)


def of_happening(happening: Happening) -> Reading | None:
    """Decode the code of a happening by the kind it is."""
    if happening.code is None or happening.context not in CONTEXTS:
        return None
    return decode(Context(happening.context), happening.channel, happening.code)


def of_message(message: Message) -> Reading | None:
    """Decode the code of a failed message by the kind of receipt it came with."""
    if message.error_code is None:
        return None
    known = message.error_context in CONTEXTS
    context = Context(message.error_context) if known else Context.BARE
    return decode(context, message.channel, message.error_code)
