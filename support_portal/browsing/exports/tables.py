"""What is exported of errors and messages: the columns, in the words of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from django.db.models import Model

from support_portal.events.models import ErrorEvent, Message
from support_portal.insights.models import Kind

DECODED = "decoded"  # computed: what the code means
COMMENTS = "comments"  # computed: how many there are


class Form(Enum):
    """How the values of a column are written."""

    ID = auto()
    TIME = auto()
    NUMBER = auto()
    TEXT = auto()
    NUMBERS = auto()  # text in which phone numbers may stand: they are masked
    DECODED = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or member of a JSON object.

    ``title`` is its head in tables, "" where it is in JSON alone; ``path`` is where the API has it,
    parts separated by dots, "" where it is in tables alone.  ``field`` is that of the model, or of
    Decoded after a dot.
    """

    field: str
    form: Form
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Table:
    """The export of one kind of records."""

    kind: Kind
    model: type[Model]
    order: tuple[str, str]  # time and key: rows come newest first
    code: tuple[str, ...]  # the fields that say what the code means
    columns: tuple[Column, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields to read: those of the order first."""
        own = (each.field for each in self.columns if each.form is not Form.DECODED)
        wanted = [*self.order, *self.code, *own]
        return tuple(dict.fromkeys(name for name in wanted if name != COMMENTS))


def _column(field: str, form: Form, *, unit: str = "", at: str | None = None) -> Column:
    path = field if at is None else at
    name = path.rpartition(".")[2]
    return Column(field, form, f"{name} ({unit})" if unit else name, path)


def _time(field: str, at: str | None = None) -> Column:
    return _column(field, Form.TIME, unit="UTC", at=at)


_MEANING = (
    Column(DECODED, Form.DECODED, "", "decoded"),
    Column("decoded.registry", Form.DECODED, "registry", ""),
    Column("decoded.name", Form.DECODED, "meaning", ""),
    Column("decoded.whose", Form.DECODED, "whose problem", ""),
    Column("decoded.retry", Form.DECODED, "retry", ""),
)
_COMMENTS = _column(COMMENTS, Form.NUMBER, unit="count")

ERRORS = Table(
    kind=Kind.ERROR,
    model=ErrorEvent,
    order=("occurred_at", "error_id"),
    code=("code", "channel", "country"),
    columns=(
        _column("error_id", Form.ID),
        _time("occurred_at"),
        _column("code", Form.NUMBER),
        *_MEANING,
        _column("message", Form.NUMBERS),
        _column("sub_account", Form.TEXT, at="context.sub_account"),
        _column("channel", Form.TEXT, at="context.channel"),
        _column("country", Form.TEXT, at="context.country"),
        _column("destination_masked", Form.TEXT, unit="masked", at="context.destination"),
        _column("http_status", Form.NUMBER, at="context.http_status"),
        _column("method", Form.TEXT, at="context.method"),
        _column("path", Form.NUMBERS, at="context.path"),
        _column("umid", Form.ID, at="context.umid"),
        _column("batch_id", Form.ID, at="context.batch_id"),
        _column("client_message_id", Form.NUMBERS, at="context.client_message_id"),
        _column("client_batch_id", Form.NUMBERS, at="context.client_batch_id"),
        _column("service", Form.NUMBERS, at="context.service"),
        _time("requested_at", at="context.requested_at"),
        _time("received_at"),
        _column("repeats", Form.NUMBER, unit="count"),
        _COMMENTS,
    ),
)
MESSAGES = Table(
    kind=Kind.MESSAGE,
    model=Message,
    order=("state_at", "umid"),
    code=("error_code", "channel", "country", "error_context", "operator"),
    columns=(
        _column("umid", Form.ID),
        _time("state_at"),
        _column("state", Form.TEXT),
        _column("detail", Form.TEXT),
        _column("error_code", Form.NUMBER),
        *_MEANING,
        _column("channel", Form.TEXT),
        _column("channels", Form.NUMBER, unit="count"),
        _column("sub_account", Form.TEXT),
        _column("country", Form.TEXT),
        _column("operator", Form.TEXT),
        _column("destination_masked", Form.TEXT, unit="masked", at="destination"),
        _column("source", Form.NUMBERS),
        _column("batch_id", Form.ID),
        _column("client_message_id", Form.NUMBERS),
        _column("client_batch_id", Form.NUMBERS),
        _time("first_at"),
        _column("receipts", Form.NUMBER, unit="count", at="receipts_total"),
        _COMMENTS,
    ),
)
TABLES: Mapping[Kind, Table] = {Kind.ERROR: ERRORS, Kind.MESSAGE: MESSAGES}
