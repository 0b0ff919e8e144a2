"""Phone numbers, codes and HTTP statuses."""

import re
from collections.abc import Iterator
from http import HTTPStatus

from support_portal.payloads.phones import leading_number
from support_portal.payloads.recognise.contexts import Contexts
from support_portal.payloads.recognise.gaps import TIES
from support_portal.payloads.recognise.labels import Label
from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import Thing

_FLAGS = re.IGNORECASE | re.ASCII
_PHONE = re.compile(r"\+(?<![0-9A-Za-z]\+)[1-9][0-9 ().-]{5,22}[0-9](?![0-9A-Za-z•*])", re.ASCII)
_GAP = rf"(?:/[0-9.]{{1,3}}+)?+{TIES}"
# Not part of a longer number, no process id of a log ("ERROR 4211 ---"), and no count.
_BEHIND = (
    r"(?![0-9a-z_]|[.:,/-][0-9]|\s{1,2}---"
    r"|\s{0,2}(?:times|ms|sec|seconds|min|minutes|hours|days|of\s[0-9]|rows|messages|records|retries|errors"
    r"|requests|customers|more|in\s[0-9]|%))"
)
_LABELLED_NUMBER = re.compile(rf"{_GAP}(-?[0-9]{{1,10}}){_BEHIND}", _FLAGS)
_NEXT_NUMBER = re.compile(
    rf"\s{{0,2}}+(?:,|/|&|and|or)\s{{0,2}}+(?:(?:and|or)\s)?+(-?[0-9]{{1,6}}+){_BEHIND}", _FLAGS
)
_LABELLED_PHONE = re.compile(rf"{_GAP}((?:00)?[1-9][0-9]{{7,14}})(?![0-9a-z_.•*-])", _FLAGS)
# Keys that hold other things as often: only with all digits of an international number.
_ADDRESSED = re.compile(
    r"(?<![a-z0-9])(?:to|from|recipient|sender)\"?\s{0,3}[:=]\s{0,3}[\"\[]{0,2}([1-9][0-9]{9,14})(?![0-9a-z_.•*-])",
    _FLAGS,
)
# Codes of other kinds: "country code 65", "verification code 482913", "your code is 482913".
_OTHER_CODES = (
    *("country", "area", "calling", "dial", "dialling", "dialing", "zip", "postal", "post"),
    *("verification", "confirmation", "activation", "authentication", "auth", "security", "access"),
    *("pin", "otp", "login", "one-time", "passcode", "invite", "referral", "qr", "bar", "short"),
    *("order", "product", "item", "tracking", "booking", "reservation", "voucher", "coupon"),
    *("promo", "discount", "currency", "language", "template", "color", "source", "key", "exit"),
    *("operator", "mcc", "mnc", "network"),
)
_YOURS = re.compile(r"\byour (?:\w{1,20}+ ){0,3}+\Z", re.ASCII)
_LONGEST_BEFORE = 70
_TIED = frozenset(" _-")
_WITH_PHRASE = re.compile(
    r"([1-5](?<![0-9A-Za-z.:/-].)[0-9]{2}) (?:"
    + "|".join(
        sorted({re.escape(s.phrase) for s in HTTPStatus if s.phrase.isascii()}, reverse=True)
    )
    + r")\b",
    re.ASCII,
)
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 599
_LOWEST_ERROR_STATUS = 400
_NUMBERED = frozenset(("code", "http_status"))
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)


def phones(scan: Scan) -> Iterator[Thing]:
    """Yield numbers with a plus sign, and those that a label tells."""
    for found in _PHONE.finditer(scan.text):
        label = scan.label(*found.span())
        told = label.text if label and label.kind == "phone" else ""
        yield from _phone(found[0], found.start(), told)
    for label, start, end in scan.cells:
        if label.kind == "phone":
            yield from _phone(scan.text[start:end], start, label.text)
    for label in scan.labels:
        labelled = _LABELLED_PHONE.match(scan.text, label.end) if label.kind == "phone" else None
        if labelled:
            yield from _phone(labelled[1], labelled.start(1), label.text)
    for found in _ADDRESSED.finditer(scan.text):
        yield from _phone(found[1], found.start(1), "")


def _phone(written: str, start: int, told: str) -> Iterator[Thing]:
    number, length = leading_number(written)
    if number:
        yield Thing("phone", number, start, start + length, told)


def codes(scan: Scan) -> Iterator[Thing]:
    """Yield the codes and HTTP statuses that a label or their phrase tells."""
    contexts = Contexts(scan.lower)
    for label, start, end in _numbers(scan, contexts):
        number = int(scan.text[start:end])
        if kind := _kind(label, number):
            context, channel = contexts.of(label, start) if kind == "code" else ("", "")
            yield Thing(kind, str(number), start, end, label.text, context, channel)
    for found in _WITH_PHRASE.finditer(scan.text):
        yield Thing("http_status", found[1], *found.span(1), "")


def _numbers(scan: Scan, contexts: Contexts) -> Iterator[tuple[Label, int, int]]:
    """Yield the numbers under and behind the labels of codes and statuses, and their places."""
    labels = [
        label
        for label in scan.labels
        if label.kind in _NUMBERED and not _is_other(scan.lower, label.start)
    ]
    yield from _in_columns(scan, contexts, {label.start for label in labels})
    for label in labels:
        found = _LABELLED_NUMBER.match(scan.text, label.end)
        while found:
            yield label, *found.span(1)
            plural = label.squeezed.endswith("s") and label.kind == "code"
            found = _NEXT_NUMBER.match(scan.text, found.end()) if plural else None


def _in_columns(
    scan: Scan, contexts: Contexts, heads: set[int]
) -> Iterator[tuple[Label, int, int]]:
    """Yield the numbers below the heads that stand at ``heads``.

    A long table repeats few codes often: what a column has told is not told again, unless words
    beside it may say more of it.
    """
    told: set[tuple[int, str]] = set()
    for label, start, end in scan.cells:
        if label.start in heads:
            written = (label.start, scan.text[start:end])
            if written in told and not contexts.is_marked(start):
                continue
            told.add(written)
            if _WHOLE.fullmatch(written[1]):
                yield label, start, end


def _kind(label: Label, number: int) -> str:
    """Tell a code from an HTTP status; "" where the number can be neither."""
    is_status = _LOWEST_STATUS <= number <= _HIGHEST_STATUS
    if label.kind == "http_status":
        # The answer to a call flow request has codes below zero under the same name.
        if label.squeezed == "statuscode" and number < 0:
            return "code"
        return "http_status" if is_status else ""
    if label.squeezed == "error" and is_status and number >= _LOWEST_ERROR_STATUS:
        return "http_status"
    return "code"


def _is_other(lower: str, place: int) -> bool:
    """Tell whether the words before "code" at ``place`` make it one of another kind."""
    before = lower[max(0, place - _LONGEST_BEFORE) : place]
    if before[-1:] in _TIED and before[:-1].endswith(_OTHER_CODES):
        return True
    return "your " in before and _YOURS.search(before) is not None
