"""Every call that machines may make, declared once: OpenAPI and its page are made of this."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from support_portal.api import (
    codes,
    comments,
    deliveries,
    errors,
    health,
    inquiries,
    lookup,
    messages,
)
from support_portal.api import inquiry_answers as told
from support_portal.ingest import views
from support_portal.lookup import shapes

READS = "records:read"
SENDS = "events:write"
OTHER_METHOD = {405: "Another method is asked for."}
ABSENT = {503: "The database does not answer, so nothing was done. Ask again."}
WITH_TOKEN = {
    **OTHER_METHOD,
    **ABSENT,
    401: "There is no token, or it is not alive.",
    403: "The token lacks the scope.",
    429: "The token is over its quota; Retry-After says for how long.",
}
WITH_BODY = {
    400: "The body is not what is asked for.",
    413: "The body is too large.",
    415: "The encoding of the body is not read.",
}
NOT_HELD = {404: "It is not held, or not for this token."}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the address."""

    name: str
    what: str
    where: str = "path"
    schema: str = "string"
    always: bool = False  # asked for, though it is no part of the path

    @property
    def required(self) -> bool:
        """Tell whether the call needs it."""
        return self.always or self.where == "path"


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, and what is answered."""

    method: str
    path: str
    view: Callable[..., Any]
    answer: Any  # its type; None: a plain text
    status: int = 200
    scope: str = ""  # "": open to all
    parameters: tuple[Parameter, ...] = ()
    body: Any = None  # its type
    body_words: str = ""
    body_types: tuple[str, ...] = ("application/json",)
    refusals: tuple[dict[int, str], ...] = ()
    also: tuple[int, ...] = ()  # other statuses with the same answer

    @property
    def name(self) -> str:
        """Return a name that no other call has."""
        words = self.path.replace("/api/v1", "").replace("{", "").replace("}", "").split("/")
        return "_".join([self.method.lower(), *filter(None, words)])

    @property
    def answer_name(self) -> str:
        """Return what its answer is called, "" for a plain text."""
        return self.answer.__name__ if self.answer else ""

    @property
    def words(self) -> str:
        """Say what it does, as its view does."""
        return (self.view.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()

    @property
    def problems(self) -> dict[int, str]:
        """Return the statuses of refusals, with their reasons."""
        return dict(sorted(chain.from_iterable(each.items() for each in self.refusals)))


REFERENCE = Parameter("reference", "What it is called, for example INQ-12")
OWN_NAME = Parameter("Idempotency-Key", "Your own name for this call", "header", always=True)
CALLS = (
    Call(
        "POST",
        "/api/v1/events",
        views.events,
        shapes.KeptAnswer,
        status=202,
        scope=SENDS,
        body=Any,
        body_words="One event, an array of them, or NDJSON; see the README for its shapes.",
        body_types=("application/json", "application/x-ndjson"),
        refusals=(WITH_TOKEN, WITH_BODY),
    ),
    Call(
        "POST",
        "/hooks/8x8/{key}/",
        views.hook,
        shapes.KeptAnswer,
        parameters=(Parameter("key", "The secret part of the webhook address"),),
        body=Any,
        body_words="Whatever 8x8 posts.",
        refusals=(
            {401: "The address or its Authorization value is not known.", **OTHER_METHOD, **ABSENT},
            WITH_BODY,
        ),
    ),
    Call(
        "POST",
        "/api/v1/lookup",
        lookup.lookup,
        shapes.LookupAnswer,
        scope=READS,
        body=lookup.Question,
        body_words="A text with anything in it: a log, a mail, a list of ids.",
        refusals=(WITH_TOKEN, WITH_BODY),
    ),
    Call(
        "GET",
        "/api/v1/errors/{error_id}",
        errors.detail,
        shapes.ErrorAnswer,
        scope=READS,
        parameters=(Parameter("error_id", "The errorId, in any dress"),),
        refusals=(WITH_TOKEN, NOT_HELD),
    ),
    Call(
        "GET",
        "/api/v1/messages/{umid}",
        messages.detail,
        shapes.MessageAnswer,
        scope=READS,
        parameters=(Parameter("umid", "The umid, in any dress"),),
        refusals=(WITH_TOKEN, NOT_HELD),
    ),
    Call(
        "GET",
        "/api/v1/codes/{registry}/{code}",
        codes.detail,
        shapes.CodeAnswer,
        scope=READS,
        parameters=(
            Parameter("registry", "The key of the table, for example api_error"),
            Parameter("code", "The number", schema="integer"),
        ),
        refusals=(WITH_TOKEN, NOT_HELD),
    ),
    Call(
        "GET",
        "/api/v1/deliveries/{delivery}",
        deliveries.detail,
        shapes.DeliveryAnswer,
        scope=f"{READS} or {SENDS}",
        parameters=(
            Parameter("delivery", "The id that the intake answered with"),
            Parameter("after", "Items in quarantine behind this position", "query", "integer"),
        ),
        refusals=(WITH_TOKEN, NOT_HELD, {400: "The position is no whole number."}),
    ),
    Call(
        "GET",
        "/api/v1/inquiries",
        inquiries.listed,
        told.InquiriesAnswer,
        scope=inquiries.READS,
        parameters=(
            Parameter("state", "One or several, with commas", "query"),
            Parameter("kind", "One or several, with commas", "query"),
            Parameter("author", "The user name of who started it", "query"),
            Parameter("ticket", "8x8's number for it", "query"),
            Parameter("record", "The id of a record that is evidence in it", "query"),
            Parameter("limit", "How many a page, 1 to 100; usually 50", "query", "integer"),
            Parameter("cursor", "What next of the page before said", "query"),
        ),
        refusals=(WITH_TOKEN, {400: "A filter is not understood."}),
    ),
    Call(
        "POST",
        "/api/v1/inquiries",
        inquiries.start,
        told.InquiryAnswer,
        status=201,
        also=(200,),
        scope=inquiries.WRITES,
        parameters=(OWN_NAME,),
        body=inquiries.NewInquiry,
        body_words="The user name of the person it is for, and the records it is about.",
        refusals=(
            WITH_TOKEN,
            WITH_BODY,
            {
                409: "It was started before, and holds by now what the token may not read.",
                422: "The Idempotency-Key was sent with another call before.",
            },
        ),
    ),
    Call(
        "GET",
        "/api/v1/inquiries/{reference}",
        inquiries.detail,
        told.InquiryAnswer,
        scope=inquiries.READS,
        parameters=(REFERENCE,),
        refusals=(WITH_TOKEN, NOT_HELD),
    ),
    Call(
        "POST",
        "/api/v1/inquiries/{reference}/evidence",
        inquiries.add,
        told.AddedAnswer,
        scope=inquiries.WRITES,
        parameters=(REFERENCE,),
        body=inquiries.MoreEvidence,
        body_words="The user name of the person on whose behalf, and the records.",
        refusals=(WITH_TOKEN, WITH_BODY, NOT_HELD, {409: "It is no draft any more."}),
    ),
    Call(
        "GET",
        "/api/v1/comments",
        comments.listed,
        comments.CommentsAnswer,
        scope=comments.READS,
        parameters=(
            Parameter(
                "kind",
                "What it is about: error, message, incident, code or inquiry",
                "query",
                always=True,
            ),
            Parameter(
                "key",
                "Its id; of a code its table and number: api_error/1300",
                "query",
                always=True,
            ),
            Parameter("limit", "How many a page, 1 to 100; usually 50", "query", "integer"),
            Parameter("cursor", "What next of the page before said", "query"),
        ),
        refusals=(WITH_TOKEN, NOT_HELD, {400: "A parameter is not understood."}),
    ),
    Call(
        "POST",
        "/api/v1/comments",
        comments.say,
        comments.CommentAnswer,
        status=201,
        also=(200,),
        scope=comments.WRITES,
        parameters=(OWN_NAME,),
        body=comments.NewComment,
        body_words="What it is about, who says it, and plain text of up to 10,000 characters.",
        refusals=(
            WITH_TOKEN,
            WITH_BODY,
            NOT_HELD,
            {422: "The Idempotency-Key was sent with another call before."},
        ),
    ),
    Call("GET", "/healthz", health.healthz, None, refusals=(OTHER_METHOD,)),
    Call(
        "GET", "/readyz", health.readyz, shapes.ReadyAnswer, also=(503,), refusals=(OTHER_METHOD,)
    ),
)
