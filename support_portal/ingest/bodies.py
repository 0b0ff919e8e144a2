"""Reading a request body: bounded, decompressed, and text at least in part."""

import io
import zlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from support_portal.ingest.callers import Refused

GZIP = 16 + zlib.MAX_WBITS


def read_body(request: HttpRequest) -> bytes:
    """Return the body as it was before compression; Refused when too large or broken."""
    limit = settings.INTAKE_BODY_LIMIT
    try:
        body = request.body
    except RequestDataTooBig:
        raise Refused(413, f"The body is larger than {limit:,} bytes.") from None
    except UnreadablePostError:
        raise Refused(400, "The connection ended before the whole body had come.") from None
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused(415, f"Content-Encoding {encoding[:40]!r} is not read; use gzip or none.")
    return _gunzip(body, limit)


def _gunzip(body: bytes, limit: int) -> bytes:
    """Decompress no more than ``limit`` bytes, so that a bomb costs no more than an honest body.

    Gzip files may be joined end to end; what follows the first part is part of the body.
    """
    text = b""
    while body or not text:
        stream = zlib.decompressobj(GZIP)
        try:
            text += stream.decompress(body, limit + 1 - len(text))
        except zlib.error:
            raise Refused(400, "The body is said to be gzip and is not.") from None
        if len(text) > limit:
            raise Refused(413, f"The body is larger than {limit:,} bytes once decompressed.")
        if not stream.eof:
            raise Refused(400, "The gzip body ends too early.")
        body = stream.unused_data
    return text


def has_text(body: bytes) -> bool:
    """Tell whether at least one line of ``body`` is text that could hold an event."""
    return any(map(_is_text, io.BytesIO(body)))


def _is_text(line: bytes) -> bool:
    try:
        return bool(line.decode().strip("\x00\ufeff \t\r\n"))
    except UnicodeDecodeError:
        return False
