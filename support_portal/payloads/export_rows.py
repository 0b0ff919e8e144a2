"""A row of a log export to receipts, or to the inbound message that it tells of."""

from collections.abc import Mapping

from support_portal.payloads import values
from support_portal.payloads.csv_rows import Export, read_row
from support_portal.payloads.phones import normalise, own_end
from support_portal.payloads.receipts import CHATAPPS, SMS, status_code
from support_portal.payloads.records import Happening, Receipt, Record, Unrecognised

_INBOUND = {"0", "inbound"}
_OUTBOUND = {"1", "outbound"}
_READ = "read"
Row = Mapping[str, str]


def read_export_row(raw: bytes) -> tuple[Record, ...]:
    """Return what one row (under its header) says, or raise Unrecognised."""
    export, row = read_row(raw)
    direction = row["direction"].strip().lower()
    if direction in _INBOUND:
        return (_inbound(row, export),)
    if direction not in _OUTBOUND:
        raise Unrecognised("bad_row", "The direction of the row is neither inbound nor outbound.")
    status = _status(row, export)
    read = _read_at(row, status)
    return (status, read) if read else (status,)


def _status(row: Row, export: Export) -> Receipt:
    state = values.text(row["status_value"], values.STATE_LENGTH)
    if not state:
        raise Unrecognised("no_state", "The row has no status_value.")
    context = SMS if export is Export.SMS else CHATAPPS
    return Receipt(
        umid=values.required_id(row["umid"], "umid", "umid"),
        state=state,
        detail=_told(row, "status_details", values.STATE_LENGTH),
        occurred_at=values.required_time(row["status_timestamp"], "status_timestamp"),
        error_code=status_code(_told(row, "status_errorcode"), context),
        error_message=_told(row, "status_errormessage", values.MESSAGE_LENGTH),
        context=context,
        channel=_channel(row, export),
        step=values.step(row.get("step")),
        sub_account=_told(row, "subaccountid"),
        batch_id=values.optional_id(row.get("batchid")),
        client_message_id=_told(row, "clientmessageid", values.ID_LENGTH),
        client_batch_id=_told(row, "clientbatchid"),
        destination=_person(row),
        source=_told(row, "source") if export is Export.SMS else "",
        operator=_told(row, "operator"),
    )


def _read_at(row: Row, status: Receipt) -> Receipt | None:
    """Return that the message was read, where the status of the row does not say so itself."""
    moment = values.optional_time(row.get("readat"))
    if moment is None or status.state == _READ:
        return None
    return Receipt(
        umid=status.umid,
        state=_READ,
        detail="",
        occurred_at=moment,
        context=status.context,
        channel=status.channel,
        step=status.step,
        sub_account=status.sub_account,
        batch_id=status.batch_id,
        client_message_id=status.client_message_id,
        client_batch_id=status.client_batch_id,
        destination=status.destination,
    )


def _inbound(row: Row, export: Export) -> Happening:
    ours = "source" if export is Export.SMS else "channelid"
    kind = "text" if export is Export.SMS else _told(row, "contenttype", values.STATE_LENGTH)
    return Happening(
        umid=values.required_id(row["umid"], "umid", "umid"),
        kind="inbound",
        occurred_at=values.required_time(row["createdat"], "createdat"),
        channel=_channel(row, export),
        sub_account=_told(row, "subaccountid"),
        own_end=own_end(row.get(ours)),
        person=_person(row),
        content=kind.lower(),
    )


def _channel(row: Row, export: Export) -> str:
    if export is Export.SMS:
        return "sms"
    return _told(row, "channeltype", values.STATE_LENGTH).lower()


def _person(row: Row) -> str:
    """Return the other end's number; exports leave the + out, and a masked number is none."""
    return normalise(values.text(row.get("msisdn") or row.get("user_msisdn")))


def _told(row: Row, name: str, limit: int = values.SHORT_LENGTH) -> str:
    return values.text(row.get(name), limit)
