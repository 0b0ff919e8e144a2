"""What the code of a stored record means: its kind chooses the registry."""

from support_portal.events.models import ErrorEvent, Happening, Message
from support_portal.reason_codes import Context, Reading, decode

CONTEXTS = frozenset(Context)
ERROR = Context.API_ERROR.value


def of_error(error: ErrorEvent) -> Reading:
    """Decode the code of an API error."""
    return of_code(ERROR, error.channel, error.code)


def of_happening(happening: Happening) -> Reading | None:
    """Decode the code of a happening by the kind it is."""
    if happening.code is None or happening.context not in CONTEXTS:
        return None
    return decode(Context(happening.context), happening.channel, happening.code)


def of_message(message: Message) -> Reading | None:
    """Decode the code of a failed message by the kind of receipt it came with."""
    if message.error_code is None:
        return None
    return of_code(message.error_context, message.channel, message.error_code)


def of_code(context: str, channel: str, code: int) -> Reading:
    """Decode a code by the word of Context that was stored with it; other words tell nothing."""
    known = context in CONTEXTS
    return decode(Context(context) if known else Context.BARE, channel, code)
