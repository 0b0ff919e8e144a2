"""The sample payloads and what the manifest expects of them."""

import json
from pathlib import Path
from typing import Any

from support_portal.payloads import Record, parse

FOLDER = Path(__file__).parent.parent / "data" / "payloads"
OUR_FOLDER = FOLDER.parent / "shapes"  # shapes that the manifest names without a sample


def read(name: str) -> bytes:
    """Return the bytes of one sample."""
    return (FOLDER / name).read_bytes()


def one(raw: bytes) -> Record:
    """Return the only record in ``raw``."""
    (record,) = parse(raw)
    return record


def manifest_entries() -> list[dict[str, Any]]:
    """Return all entries of the manifest."""
    entries: list[dict[str, Any]] = json.loads(read("manifest.json"))["files"]
    return entries
