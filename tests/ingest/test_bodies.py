"""Bodies as they come off the wire: announced, in chunks, cut short, compressed."""

import gzip
import zlib
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.ingest.bodies import has_text, read_body
from support_portal.ingest.callers import Refused

BODY = b'{"errorId": "1cc1eda1-f5dd-ea11-8288-000000000001"}'
PACKED = gzip.compress(BODY, mtime=0)  # the same in every process that collects tests
GZIP = {"HTTP_CONTENT_ENCODING": "gzip"}
CHUNKED = {
    "CONTENT_LENGTH": "",
    "HTTP_TRANSFER_ENCODING": "chunked",
    "wsgi.input_terminated": True,
}


def request(body, **environ):
    usual = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body))}
    return WSGIRequest({"wsgi.input": BytesIO(body)} | usual | environ)


def refusal(body, **environ):
    with pytest.raises(Refused) as caught:
        read_body(request(body, **environ))
    return caught.value.status, caught.value.detail


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_a_plain_body_is_returned_as_it_is(encoding):
    assert read_body(request(BODY, HTTP_CONTENT_ENCODING=encoding)) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_gzip_body_is_decompressed(encoding):
    assert read_body(request(gzip.compress(BODY), HTTP_CONTENT_ENCODING=encoding)) == BODY


def test_gzip_files_joined_end_to_end_are_one_body():
    joined = gzip.compress(b"first\n") + gzip.compress(b"") + gzip.compress(b"second\n")

    assert read_body(request(joined, **GZIP)) == b"first\nsecond\n"


def test_an_empty_gzip_body_is_an_empty_body():
    assert read_body(request(gzip.compress(b""), **GZIP)) == b""


def test_a_body_in_chunks_is_read_although_its_length_was_not_announced():
    assert read_body(request(BODY, **CHUNKED)) == BODY


def test_a_body_in_chunks_is_refused_where_its_end_cannot_be_told():
    assert refusal(BODY, **CHUNKED | {"wsgi.input_terminated": False}) == (
        400,
        "Send the body with a Content-Length.",
    )


def test_a_body_that_ends_before_its_announced_length_is_refused():
    assert refusal(BODY, CONTENT_LENGTH="500") == (
        400,
        "The connection ended before the whole body had come.",
    )


@pytest.mark.parametrize("way", [{}, CHUNKED])
def test_a_body_over_the_limit_is_refused(settings, way):
    settings.INTAKE_BODY_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(BODY)

    assert read_body(request(BODY, **way)) == BODY
    assert refusal(BODY + b" ", **way) == (413, "The body is larger than 51 bytes.")


def test_a_bomb_is_refused_without_being_unpacked(settings):
    settings.INTAKE_BODY_LIMIT = 100_000
    bomb = gzip.compress(b"\0" * 50_000_000)

    assert len(bomb) < 100_000
    assert refusal(bomb, **GZIP) == (
        413,
        "The body is larger than 100,000 bytes once decompressed.",
    )


def test_a_gzip_body_of_just_the_limit_is_taken(settings):
    settings.INTAKE_BODY_LIMIT = 100_000
    body = b"x" * 100_000

    assert read_body(request(gzip.compress(body), **GZIP)) == body
    assert refusal(gzip.compress(body + b"x"), **GZIP)[0] == 413


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (BODY, "The body is said to be gzip and is not."),
        (zlib.compress(BODY), "The body is said to be gzip and is not."),
        (PACKED + b"more", "The body is said to be gzip and is not."),
        (PACKED[:-1], "The gzip body ends too early."),
        (PACKED[:20], "The gzip body ends too early."),
        (PACKED[:-8] + b"\0" * 8, "The body is said to be gzip and is not."),
    ],
)
def test_a_broken_gzip_body_is_refused_with_the_reason(body, detail):
    assert refusal(body, **GZIP) == (400, detail)


def is_taken(body):
    try:
        read_body(request(body, **GZIP))
    except Refused:
        return False
    return True


@given(st.binary(max_size=200))
def test_any_bytes_said_to_be_gzip_are_read_or_refused(body):
    assert is_taken(gzip.compress(body))
    assert is_taken(body) in (True, False)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", False),
        (b"\n\n\n", False),
        (b"\x00" * 10, False),
        (b"\xff\xfe\n\xff", False),
        (b"\xef\xbb\xbf\r\n", False),
        (b"{", True),
        (b"\xff\n{}", True),
        ("é".encode(), True),
    ],
)
def test_one_line_of_text_is_enough(body, answer):
    assert has_text(body) is answer
