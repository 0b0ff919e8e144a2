"""Moments in the spellings of payloads, logs, mails and web servers. Without a zone they are UTC."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import Thing
from support_portal.payloads.times import checked, parse_time

_ISO = re.compile(
    r"([0-9](?<![0-9].)[0-9]{3})([-/])([0-9]{2})\2([0-9]{2})(?:[T_]| {1,2}+)([0-9]{2}:[0-9]{2})(:[0-9]{2})?+"
    r"([.,][0-9]{1,9}+)?+( ?Z| ?[+-][0-9]{2}:?[0-9]{2}| ?UTC| ?GMT)?(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(
    r"20(?<![0-9A-Za-z]20)[0-9]{6}T[0-9]{6}(?:\.[0-9]{1,6})?Z(?![0-9A-Za-z])", re.ASCII
)
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_MAIL = re.compile(
    rf"[0-9](?<![0-9].)[0-9]? {_MONTH} 20[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}} (?:[+-][0-9]{{4}}|GMT|UTC)",
    re.ASCII,
)
_WEB_SERVER = re.compile(
    rf"[0-9](?<![0-9].)[0-9]/{_MONTH}/20[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}} [+-][0-9]{{4}}",
    re.ASCII,
)
_EPOCH = re.compile(
    r"[\"']?\s{0,3}[:=]?\s{0,3}[\"']?([0-9]{10}(?:[0-9]{3}|\.[0-9]{1,6})?)(?![0-9A-Za-z.-])",
    re.ASCII,
)
_SMPP = re.compile(r":([0-9]{10}|[0-9]{12})(?![0-9])", re.ASCII)
_SMPP_LABELS = frozenset(("submitdate", "donedate"))
_SMPP_FORMATS = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S"}
_MILLISECONDS_LENGTH = 13


def times(scan: Scan) -> Iterator[Thing]:
    """Yield the moments that are told to the minute at least."""
    for pattern, read, sign in _SHAPES:
        for found in scan.found(pattern, scan.text, (sign,)):
            yield from _thing(found, read, "")
    for label in scan.labels:
        if label.kind == "time":
            pattern, read = (_SMPP, _smpp) if label.squeezed in _SMPP_LABELS else (_EPOCH, _epoch)
            if moment := pattern.match(scan.text, label.end):
                yield from _thing(moment, read, label.text)


def _thing(
    found: re.Match[str], read: Callable[[re.Match[str]], datetime], told: str
) -> Iterator[Thing]:
    try:
        moment = checked(read(found).astimezone(UTC))
    except (ValueError, OverflowError):
        return
    value = moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    yield Thing("time", value, *found.span(1 if told else 0), told)


def _iso(found: re.Match[str]) -> datetime:
    year, _, month, day, clock, seconds, fraction, zone = found.groups()
    zone = (zone or "").strip().upper()
    zone = "Z" if zone in ("UTC", "GMT") else zone
    fraction = (fraction or "").replace(",", ".")
    return parse_time(f"{year}-{month}-{day}T{clock}{seconds or ':00'}{fraction}{zone}")


def _compact(found: re.Match[str]) -> datetime:
    return datetime.strptime(found[0][:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _mail(found: re.Match[str]) -> datetime:
    return parsedate_to_datetime(found[0])


def _web_server(found: re.Match[str]) -> datetime:
    return datetime.strptime(found[0], "%d/%b/%Y:%H:%M:%S %z")


def _epoch(found: re.Match[str]) -> datetime:
    seconds = float(found[1]) / (1000 if len(found[1]) == _MILLISECONDS_LENGTH else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _smpp(found: re.Match[str]) -> datetime:
    return datetime.strptime(found[1], _SMPP_FORMATS[len(found[1])]).replace(tzinfo=UTC)


_SHAPES = (
    (_ISO, _iso, ":"),
    (_COMPACT, _compact, "Z"),
    (_MAIL, _mail, ":"),
    (_WEB_SERVER, _web_server, ":"),
)
