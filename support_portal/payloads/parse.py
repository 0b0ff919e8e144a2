"""One payload to its records, mostly one. The only exception that leaves here is Unrecognised."""

from support_portal.payloads import shapes, values
from support_portal.payloads.api_errors import read_error
from support_portal.payloads.csv_rows import header_end
from support_portal.payloads.decoding import decode
from support_portal.payloads.export_rows import read_export_row
from support_portal.payloads.fast import read_usual
from support_portal.payloads.receipts import CONTEXTS, STATUS_CHANGED, read_receipt
from support_portal.payloads.records import Record, Unrecognised
from support_portal.payloads.smpp import is_smpp, read_smpp
from support_portal.payloads.wire import Error, Wire
from support_portal.payloads.xml_text import decode_xml, is_xml

_OBJECT = b"{"


def parse(raw: bytes) -> tuple[Record, ...]:
    """Return the records in ``raw``, at least one, or raise Unrecognised."""
    usual = read_usual(raw)
    return (usual,) if usual is not None else parse_patiently(raw)


def parse_patiently(raw: bytes) -> tuple[Record, ...]:
    """Return what ``parse`` returns, field by field, each in whatever form it comes."""
    if raw[:1] != _OBJECT:
        return _parse_text(raw)
    return _parse_object(decode(raw), raw)


def _parse_object(wire: Wire, raw: bytes) -> tuple[Record, ...]:
    is_event = wire.namespace is not None or wire.event_type is not None
    if isinstance(wire.error, Error) and not is_event:
        return (read_error(wire.error, wire.context),)
    if wire.error_id is not None:
        return (read_error(wire, wire.context),)
    return _parse_event(wire, raw) if is_event else shapes.read_shape(raw)


def _parse_event(wire: Wire, raw: bytes) -> tuple[Record, ...]:
    context = CONTEXTS.get(values.text(wire.namespace).lower())
    if context and values.text(wire.event_type).lower() == STATUS_CHANGED:
        return (read_receipt(wire, context),)
    return shapes.read_event(wire, raw)


def _parse_text(raw: bytes) -> tuple[Record, ...]:
    """Read what is no JSON object at first sight: XML, an SMPP receipt, a row of an export."""
    if is_xml(raw):
        return _parse_xml(decode_xml(raw))
    if is_smpp(raw):
        return read_smpp(raw)
    if header_end(raw) >= 0:
        return read_export_row(raw)
    return _parse_object(decode(raw), raw)


def _parse_xml(wire: Wire) -> tuple[Record, ...]:
    """Only receipts come as XML."""
    context = CONTEXTS.get(values.text(wire.namespace).lower())
    if context and values.text(wire.event_type).lower() == STATUS_CHANGED:
        return (read_receipt(wire, context),)
    raise Unrecognised("xml", "The payload is XML, but it is not a delivery receipt.")
