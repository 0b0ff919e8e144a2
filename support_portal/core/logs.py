"""Log lines: one record is one line, and carries the id of its request."""

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127)} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x85: "\\x85",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


class RequestIdFilter(logging.Filter):
    """Give every record the id of the request it was made in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``request_id``; drop nothing."""
        record.request_id = request_id.get()
        return True


class OneLineFormatter(logging.Formatter):
    """Escape control characters: foreign text must not be able to forge a log line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, its traceback included."""
        return super().format(record).translate(ESCAPES)
