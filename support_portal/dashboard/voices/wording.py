"""How values are said in every voice.  Times are UTC: a copy is read in another zone than the page."""

from datetime import UTC, datetime
from uuid import UUID

from support_portal.dashboard.voices.evidence import Evidence
from support_portal.reason_codes import Reading, registries


def moment(value: datetime | None) -> str:
    """Say a time in UTC, to the microsecond where there are any."""
    if value is None:
        return ""
    written = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return written.removesuffix(".000000") + " UTC"


def code(reading: Reading | None) -> str:
    """Say a code with its table and its meaning there."""
    if reading is None:
        return ""
    table = registries().get(reading.registry)
    return (
        f"{reading.code} ({table.title}: {reading.name})"
        if table
        else f"{reading.code} ({reading.name})"
    )


def identifier(value: UUID | None) -> str:
    """Say an id."""
    return "" if value is None else str(value)


def recipient(evidence: Evidence) -> str:
    """Say a masked number with its country."""
    place = f" ({evidence.country})" if evidence.country else ""
    return f"{evidence.recipient}{place}" if evidence.recipient else evidence.country


def state(name: str, detail: str) -> str:
    """Say a state as 8x8 writes it."""
    return f"{name} / {detail}" if detail else name
