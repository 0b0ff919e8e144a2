"""API errors: the four fields 8x8 answers with, alone or wrapped with their context."""

from support_portal.payloads import values
from support_portal.payloads.phones import normalise
from support_portal.payloads.records import ApiError
from support_portal.payloads.wire import Context, Error, Wire

_NOTHING_TOLD = Context()


def read_error(error: Error | Wire, context: object) -> ApiError:
    """Return the error with whatever of its context can be used."""
    error_id = values.required_id(error.error_id, "errorId", "error_id")
    number = values.code(error.code, "code")
    told = context if isinstance(context, Context) else _NOTHING_TOLD
    return ApiError(
        error_id,
        number,
        values.text(error.message, values.MESSAGE_LENGTH),
        values.required_time(error.timestamp, "timestamp"),
        values.http_status(told.http_status),
        values.text(told.method),
        values.text(told.path, values.PATH_LENGTH),
        values.text(told.sub_account_id),
        values.optional_id(told.umid),
        values.optional_id(told.batch_id),
        values.text(told.client_message_id, values.ID_LENGTH),
        values.text(told.client_batch_id),
        values.text(told.channel, values.STATE_LENGTH).lower(),
        normalise(values.text(told.destination)),
        values.text(told.service),
        values.optional_time(told.requested_at),
    )
