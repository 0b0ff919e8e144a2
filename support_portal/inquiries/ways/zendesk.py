"""Letters as requests of a Zendesk: the files first, then the request, or a comment on an earlier one.

Zendesk knows a new request by its Idempotency-Key for two hours, and a file by its token for one.  The
key follows from the very bytes that are sent, tokens of the files included: what is sent again within
the hour is the same request, and whatever is sent anew is another one.  A comment has no key.
See https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/ and
…/ticketing/introduction/#idempotency.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils import timezone

from support_portal.inquiries.models import Inquiry, Letter, RequestType, Severity, Way
from support_portal.inquiries.ways import zendesk_api as api
from support_portal.inquiries.ways.handing import FromHereOn, NobodyKnows, NotTaken, Taken
from support_portal.notices.services import plain

SECONDS = 15.0  # for which a Zendesk that does not answer holds up the worker
LIFE = timedelta(minutes=50)  # less than that of a token, so that one lasts until it is used
PRIORITIES = {Severity.P1: "urgent", Severity.P2: "high", Severity.LOWER: "normal"}
FILES = (("evidence.csv", "text/csv", "csv"), ("evidence.ndjson", "application/x-ndjson", "ndjson"))
_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})", re.ASCII)
MAY_BE_TWO = "Zendesk took it at a later attempt and did not say whether it has an earlier one: there may be two."
AGAIN = (408, 409, 429)  # nothing was done; 409: it is busy with the same


def address(letter: Letter) -> None:
    """Say of a letter that is being frozen where it goes, and what stands in the fields of its form."""
    letter.to = settings.ZENDESK.host
    letter.request = _earlier(letter.inquiry)
    letter.form = json.dumps(_form(letter.inquiry), sort_keys=True)


def is_known_by_key(letter: Letter, now: datetime) -> bool:
    """Tell whether Zendesk takes a letter that is handed over again for the one that it may have."""
    is_new = letter.way == Way.ZENDESK and letter.request is None
    return bool(is_new and letter.handed_at and _has_files(letter, now))


def page_of(letter: Letter) -> str:
    """Return where a person finds the request; "" where there is none, or nobody could sign in."""
    site = settings.ZENDESK
    known = letter.request and letter.to == site.host and site.user
    return f"{site.origin}/hc/requests/{letter.request}" if known else ""


def who_we_are() -> str:
    """Ask Zendesk who signs in, "" for nobody; NotTaken when it takes nothing from us."""
    try:
        with api.line(time.monotonic() + SECONDS) as line:
            answer = line.ask("GET", "/api/v2/users/me.json")
    except (api.Unreachable, api.BrokeOff) as why:
        raise NotTaken(str(why)) from why
    _must_be_yes(answer)
    user = answer.said.get("user")
    mail = user.get("email") if isinstance(user, dict) else None
    return plain(mail, 254) if isinstance(mail, str) else ""


def hand_over(letter: Letter, from_here_on: FromHereOn) -> Taken:
    """Hand over the files, and then the letter."""
    if letter.to != settings.ZENDESK.host:  # nor one that waited while it changed
        raise NotTaken(f"No letter may go to {letter.to} any more.", for_good=True)
    until = time.monotonic() + SECONDS
    kept = _files(letter, until)
    content = _content(letter, kept["uploads"])
    try:
        with api.line(until) as line:
            from_here_on(**kept)
            answer = _ask(line, letter, content)
    except api.Unreachable as why:
        raise NotTaken(str(why)) from why
    return _taken(letter, answer)


def _ask(line: api.Line, letter: Letter, content: bytes) -> api.Answer:
    try:
        if letter.request:
            return line.ask("PUT", f"/api/v2/requests/{letter.request}.json", content)
        return line.ask("POST", "/api/v2/requests.json", content, key=_key(letter, content))
    except api.BrokeOff as why:
        raise NobodyKnows(
            f"Zendesk got the request and did not say whether it took it: {why}"
        ) from why


def _taken(letter: Letter, answer: api.Answer) -> Taken:
    """Return what was taken, or raise NotTaken or NobodyKnows."""
    if answer.status >= 500 and not _rolled_back(answer):
        raise NobodyKnows(f"Zendesk got the request and failed: {answer.words}")
    _must_be_yes(answer)
    request = answer.said.get("request")
    if not isinstance(request, dict):
        raise NobodyKnows(f"Zendesk got the request and answered: {answer.words}")
    number = request.get("id")
    known = type(number) is int and 0 < number < 2**63  # JSON's true is none
    twice = letter.handed_at is not None and not answer.knows_keys
    return Taken(number if known else letter.request, MAY_BE_TWO if twice else "")


def _rolled_back(answer: api.Answer) -> bool:
    """Tell whether its database gave way, which Zendesk tells from other failures by Retry-After."""
    return answer.status == 503 and answer.pause is not None


def _must_be_yes(answer: api.Answer) -> None:
    """Raise NotTaken unless something was done."""
    if not 200 <= answer.status < 300:
        again = answer.status in AGAIN or answer.status >= 500
        pause = answer.pause or timedelta(0)
        raise NotTaken(f"Zendesk answered {answer.words}", for_good=not again, pause=pause)


def _files(letter: Letter, until: float) -> dict[str, Any]:
    """Return the tokens of the files, and since when Zendesk has them: handed over now, or before.

    What Zendesk may have is asked for with the same files, or it would be another request.
    """
    now = timezone.now()
    if letter.handed_at or _has_files(letter, now):
        return {"uploads": letter.uploads, "uploaded_at": letter.uploaded_at}
    contents = [(name, kind, getattr(letter, column)) for name, kind, column in FILES]
    tokens = [_upload(name, kind, text, until) for name, kind, text in contents if text]
    return {"uploads": tokens, "uploaded_at": now}


def _has_files(letter: Letter, now: datetime) -> bool:
    return letter.uploaded_at is not None and now < letter.uploaded_at + LIFE


def _upload(name: str, kind: str, text: str, until: float) -> str:
    try:
        with api.line(until) as line:
            path = f"/api/v2/uploads.json?filename={name}"
            answer = line.ask("POST", path, text.encode(), kind=kind)
    except (api.Unreachable, api.BrokeOff) as why:
        raise NotTaken(f"Zendesk did not take {name}: {why}") from why
    _must_be_yes(answer)
    upload = answer.said.get("upload")
    token = upload.get("token") if isinstance(upload, dict) else None
    if not isinstance(token, str) or not token:
        raise NotTaken(f"Zendesk did not say what it calls {name}: {answer.words}")
    return token


def _content(letter: Letter, uploads: list[str]) -> bytes:
    """Return the request as it is handed over; every text in it is a string of JSON in ASCII."""
    comment = {"body": letter.text, "uploads": uploads}
    if letter.request:
        said: dict[str, Any] = {"comment": comment}
    else:
        said = {"subject": letter.subject, "comment": comment, **json.loads(letter.form)}
    return json.dumps({"request": said}, sort_keys=True).encode()


def _key(letter: Letter, content: bytes) -> str:
    return hashlib.sha256(letter.checksum.encode() + content).hexdigest()


def _form(inquiry: Inquiry) -> dict[str, Any]:
    """Return the fields of the form; without a user it says who asks."""
    said: dict[str, Any] = {
        "priority": PRIORITIES[Severity(inquiry.severity)],
        "type": "incident" if inquiry.request_type == RequestType.OUTAGE else "question",
    }
    words: Mapping[str, str] = {
        "account": settings.INQUIRY_ACCOUNT,
        "priority": inquiry.get_severity_display(),
        "reference": inquiry.reference,
        "request_type": inquiry.get_request_type_display(),
    }
    if settings.ZENDESK_FIELDS:
        fields = settings.ZENDESK_FIELDS.items()
        said["custom_fields"] = [{"id": number, "value": words[word]} for number, word in fields]
    if not settings.ZENDESK.user:
        name, mail = parseaddr(settings.INQUIRY_SENDER)
        said["requester"] = {"name": name or mail, "email": mail}
    return said


def _earlier(inquiry: Inquiry) -> int | None:
    """Return the request that a further letter comments on: what an earlier one became, or 8x8's ticket."""
    became = inquiry.letters.filter(way=Way.ZENDESK, to=settings.ZENDESK.host)
    number = became.exclude(request=None).order_by("-id").values_list("request", flat=True).first()
    ticket = _NUMBER.fullmatch(inquiry.ticket)
    return number or (int(ticket[1]) if ticket else None)
