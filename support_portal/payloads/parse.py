"""One payload to its records, mostly one. The only exception that leaves here is Unrecognised."""

from support_portal.payloads import shapes, values
from support_portal.payloads.api_errors import read_error
from support_portal.payloads.decoding import decode
from support_portal.payloads.fast import read_usual
from support_portal.payloads.receipts import CONTEXTS, STATUS_CHANGED, read_receipt
from support_portal.payloads.records import Record
from support_portal.payloads.wire import Error, Wire


def parse(raw: bytes) -> tuple[Record, ...]:
    """Return the records in ``raw``, at least one, or raise Unrecognised."""
    usual = read_usual(raw)
    return (usual,) if usual is not None else parse_patiently(raw)


def parse_patiently(raw: bytes) -> tuple[Record, ...]:
    """Return what ``parse`` returns, field by field, each in whatever form it comes."""
    wire = decode(raw)
    if isinstance(wire.error, Error) and not _is_event(wire):
        return (read_error(wire.error, wire.context),)
    if wire.error_id is not None:
        return (read_error(wire, wire.context),)
    if not _is_event(wire):
        return shapes.read_shape(raw)
    return _read_event(wire, raw)


def _is_event(wire: Wire) -> bool:
    return wire.namespace is not None or wire.event_type is not None


def _read_event(wire: Wire, raw: bytes) -> tuple[Record, ...]:
    context = CONTEXTS.get(values.text(wire.namespace).lower())
    if context and values.text(wire.event_type).lower() == STATUS_CHANGED:
        return (read_receipt(wire, context),)
    if wire.namespace is None and shapes.is_account_event(raw):
        raise shapes.account_event()
    raise shapes.name_event(wire)
