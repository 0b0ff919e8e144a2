"""Reading a request body: bounded, decompressed, and text at least in part."""

import gzip
import io
import zlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

from support_portal.ingest.callers import Refused
from support_portal.ingest.calls import Asked

CUT = "The connection ended before the whole body had come."
TOO_LARGE = "The body is larger than {limit:,} bytes."


def read_body(request: Asked) -> bytes:
    """Return the body as it was before compression; Refused when too large or broken."""
    limit = settings.INTAKE_BODY_LIMIT
    body = _in_chunks(request, limit) if _is_chunked(request) else _at_once(request, limit)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise Refused(415, f"Content-Encoding {encoding[:40]!r} is not read; use gzip or none.")
    return _gunzip(body, limit)


def _is_chunked(request: Asked) -> bool:
    return bool(request.headers.get("Transfer-Encoding")) and not request.META.get("CONTENT_LENGTH")


def _in_chunks(request: Asked, limit: int) -> bytes:
    """Read what Django takes for an empty body because its length was not announced."""
    if not request.META.get("wsgi.input_terminated"):
        raise Refused(400, "Send the body with a Content-Length.")
    try:
        body: bytes = request.META["wsgi.input"].read(limit + 1)
    except OSError:
        raise Refused(400, CUT) from None
    if len(body) > limit:
        raise Refused(413, TOO_LARGE.format(limit=limit))
    return body


def _at_once(request: Asked, limit: int) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig:
        raise Refused(413, TOO_LARGE.format(limit=limit)) from None
    except UnreadablePostError:
        raise Refused(400, CUT) from None
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and len(body) < int(announced):
        raise Refused(400, CUT)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    """Decompress no more than ``limit`` bytes, so that a bomb costs no more than an honest body.

    Files may be joined end to end: what follows the first part is part of the body.
    """
    try:
        with gzip.open(io.BytesIO(body)) as stream:
            text = stream.read(limit + 1)
    except EOFError:
        raise Refused(400, "The gzip body ends too early.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise Refused(400, "The body is said to be gzip and is not.") from None
    if len(text) > limit:
        raise Refused(413, f"The body is larger than {limit:,} bytes once decompressed.")
    return text


def has_text(body: bytes) -> bool:
    """Tell whether at least one line of ``body`` is text that could hold an event."""
    return any(map(_is_text, io.BytesIO(body)))


def _is_text(line: bytes) -> bool:
    try:
        return bool(line.decode().strip("\x00\ufeff \t\r\n"))
    except UnicodeDecodeError:
        return False
