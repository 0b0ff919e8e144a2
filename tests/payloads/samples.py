"""The sample payloads and what the manifest expects of them."""

import json
from pathlib import Path
from typing import Any

from support_portal.payloads import Record, parse

FOLDER = Path(__file__).parent.parent / "data" / "payloads"


def read(name: str) -> bytes:
    """Return the bytes of one sample."""
    return (FOLDER / name).read_bytes()


def one(raw: bytes) -> Record:
    """Return the only record in ``raw``."""
    (record,) = parse(raw)
    return record


def manifest(kind: str) -> list[dict[str, Any]]:
    """Return the manifest's entries of one kind."""
    entries = json.loads(read("manifest.json"))["files"]
    return [entry for entry in entries if entry["kind"] == kind]
