"""What lists are filtered by: the names of fields in addresses and in the query line, and their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from support_portal.browsing import codes, values
from support_portal.browsing.values import Refused, Value, cut
from support_portal.insights.models import Kind

MOST = 50  # values of one field
MOST_WORDS = 10  # words to look for
TEXT = "text"
ALL = "all"  # instead of a begin
LONGEST = 500  # characters of one field that holds a list
Chosen: TypeAlias = Mapping[str, tuple[Value, ...]]  # by the names of fields


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a list is filtered by."""

    name: str
    label: str
    read: Callable[[str], Value]
    column: str = ""  # of the records; "" where it is about the reading of a code
    in_one: bool = False  # all values stand in one parameter of the address, parted by commas
    example: str = ""


def _one_of(name: str, known: Mapping[str, str]) -> Callable[[str], Value]:
    """Return a reader of the words that are the keys of ``known``, which have canonical spellings."""

    def read(text: str) -> Value:
        if found := known.get(text.casefold()):
            return found
        raise Refused(f"“{cut(text)}” is no {name}. There are: {', '.join(known)}.")

    return read


def _tables(kind: Kind) -> Mapping[str, str]:
    return {key: key for key in (*codes.tables_of(kind), codes.UNLISTED)}


COMMENTS = "comments"
HAS = "has"
_WHOSE = {word: verdict.value for word, verdict in codes.WHOSE.items()}


def _common(kind: Kind, key: str, code: str) -> list[Field]:
    return [
        Field("code", "Code", values.code, code, in_one=True, example="code:1300,2000..2099"),
        Field("table", "Table", _one_of("code table", _tables(kind)), example="table:api_error"),
        Field("whose", "Whose", _one_of("answer to whose", _WHOSE), example="whose:recipient"),
        Field("sub_account", "Sub-account", values.word, "sub_account", example="sub:northwind_ph"),
        Field("channel", "Channel", values.word, "channel", example="-channel:sms"),
        Field("country", "Country", values.country, "country", in_one=True, example="country:PH"),
        Field(
            HAS, "Has", _one_of("thing to have", {COMMENTS: COMMENTS}), key, example="has:comments"
        ),
        Field(TEXT, "Text", values.phrase, example='"not found" -expired'),
    ]


_ERROR = [
    *_common(Kind.ERROR, "error_id", "code"),
    Field(
        "http", "HTTP status", values.http_status, "http_status", in_one=True, example="http:4xx"
    ),
    Field("group", "Group", values.group, "group_id", in_one=True),
]
_MESSAGE = [
    *_common(Kind.MESSAGE, "umid", "error_code"),
    Field("state", "State", values.word, "state", example="state:undelivered"),
    Field("operator", "Operator", values.word, "operator", example='operator:"Example Mobile"'),
]
FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    Kind.ERROR: {field.name: field for field in _ERROR},
    Kind.MESSAGE: {field.name: field for field in _MESSAGE},
}
TIMES: Mapping[Kind, str] = {Kind.ERROR: "occurred_at", Kind.MESSAGE: "state_at"}
# Traits that are counted; what is filtered by anything else is not (insights.asking).
COUNTED = frozenset(
    {"code", "group", "sub_account", "channel", "country", "http", "state", "operator"}
)
LATELY_COUNTED = frozenset({"http"})  # not before everything was counted anew (asking.VERSION)
# Fields whose index is in order of time, the narrowest first.
IN_TIME: Mapping[Kind, tuple[str, ...]] = {
    Kind.ERROR: ("group", "code", "sub_account"),
    Kind.MESSAGE: ("code", "state", "sub_account", "channel"),
}
# Where the trait has another name.
TRAITS: Mapping[str, str] = {"group": "group_id", "http": "http_status"}
# In the query line: what a field is written as, and what else is read.
SHORT: Mapping[str, str] = {"sub_account": "sub"}
NAMES: Mapping[str, str] = {
    "sub": "sub_account",
    "subaccount": "sub_account",
    "from": "since",
    "to": "until",
    "status": "http",
    "codes": "code",
}
