"""What an exported file is called: what was filtered, and when."""

import re
from datetime import UTC, datetime

from django.http import QueryDict

from support_portal.insights.models import Kind

LONGEST = 80  # of the filter's part
_PLURAL = {Kind.ERROR: "errors", Kind.MESSAGE: "messages"}
# No control characters, no way out of a folder, nothing that a shell or a system takes for its own.
_UNSAFE = re.compile(r"[^A-Za-z0-9.+-]+")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::\d\d)?(?:\.\d+)?(?:Z|\+00:00)?")


def file_name(kind: Kind, query: str, now: datetime, ending: str) -> str:
    """Return the name: kind, filter and time of the export in UTC, in plain letters."""
    filtered = [
        f"{_plain(name)}-{_plain(value)}"
        for name, values in QueryDict(query).lists()
        for value in map(str, values)
    ]
    about = "_".join(filtered)[:LONGEST].strip("_-.")
    at = now.astimezone(UTC).strftime("%Y-%m-%d-%H%MZ")
    return "_".join(part for part in (_PLURAL[kind], about, at) if part) + f".{ending}"


def _plain(text: str) -> str:
    return _UNSAFE.sub("-", _MOMENT.sub(r"\1-\2\3", text)).strip("-.")
