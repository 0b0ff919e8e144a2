"""What the pages of files show: states in words, the columns of a table, rejects to download."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.dashboard import clock, foreign
from support_portal.dashboard.downloads import downloaded, safe_name
from support_portal.dashboard.refusals import title_of
from support_portal.ingest.files import columns, selectors
from support_portal.ingest.files.columns import ERROR, RECEIPT, Table
from support_portal.ingest.files.cutting import Shape
from support_portal.ingest.files.kinds import TYPES
from support_portal.ingest.files.models import ACTIVE, FileChunk, FileState, ImportedFile, Origin
from support_portal.ingest.files.selectors import Progress
from support_portal.ingest.files.services import first_rows
from support_portal.ingest.files.written_times import DAY_FIRST, ISO, MONTH_FIRST
from support_portal.ingest.models import QuarantineEntry

ACCEPTED = ",".join([*TYPES, ".gz"])
SAMPLE_LENGTH = 60
SAMPLES_SHOWN = 3
# State -> tone, icon, words.
STATES = {
    FileState.UPLOADING: ("none", "up", "arrives"),
    FileState.ASKING: ("warn", "unknown", "has a question"),
    FileState.WAITING: ("none", "queued", "waits"),
    FileState.READING: ("", "live", "is read"),
    FileState.RECORDING: ("", "live", "is recorded"),
    FileState.DONE: ("ok", "ok", "recorded"),
    FileState.FAILED: ("bad", "fail", "stopped"),
    FileState.CANCELLED: ("none", "x", "cancelled"),
}
# How times may be written -> words.
ORDERS = {
    ISO: "2026-11-28T05:00:00Z",
    DAY_FIRST: "28/11/2026 05:00, the day first",
    MONTH_FIRST: "11/28/2026 5:00 AM, the month first",
}
PARTLY = ("warn", "warn", "partly understood")
SHAPES = {
    Shape.LINES: "lines",
    Shape.VALUES: "JSON document",
    Shape.ARRAY: "JSON document",
    Shape.XML: "XML documents",
    Shape.TABLE: "table",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the pages show it."""

    file: ImportedFile
    progress: Progress
    tone: str
    icon: str
    words: str
    moves: bool  # it will look different in a moment
    opens: bool  # this person may read its report

    @property
    def counts(self) -> list[dict[str, str]]:
        """Return what became of the records, in words and figures."""
        told = self.progress
        figures = (told.recorded, told.repeated, told.ignored, told.quarantined)
        words = ("recorded", "repeated", "ignored by rule", "not understood")
        return [
            {"words": word, "figure": f"{figure:,}"}
            for word, figure in zip(words, figures, strict=True)
        ]

    @property
    def percent(self) -> str:
        """Return how much of a file is recorded, while that is changing."""
        moving = self.file.state in (FileState.READING, FileState.RECORDING)
        return f"{self.progress.percent} %" if moving else ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, with what it may be."""

    number: int
    name: str
    values: list[str]
    chosen: str


def shown(files: list[ImportedFile], person: User) -> list[Shown]:
    """Return files with their progress and their state in words."""
    return [_shown(each, person) for each in selectors.progress(files)]


def may_open(person: User, file: ImportedFile) -> bool:
    """Tell whether somebody may read the report: it tells of sub-accounts, whoever they belong to."""
    return person.sub_accounts is None or file.uploaded_by_id == person.pk


def may_act(person: User, file: ImportedFile) -> bool:
    """Tell whether somebody may stop a file or answer its question."""
    return person.may("upload") and may_open(person, file)


def facts(file: ImportedFile) -> list[dict[str, object]]:
    """Return what is known of a file."""
    by = file.uploaded_by.get_username() if file.uploaded_by else "not known"
    return [
        {"label": "Size", "value": filesizeformat(file.size), "note": f"{file.size:,} bytes" if file.size > 1024 else ""},
        {"label": "Holds", "value": SHAPES.get(file.shape, "not known yet")},
        {"label": "Came by", "value": "a command on the server" if file.origin == Origin.COMMAND else f"upload of {by}"},
        {"label": "Began", "value": clock.day_and_clock(file.created_at), "note": clock.utc(file.created_at)},
        {"label": "Ended", "value": clock.day_and_clock(file.finished_at) if file.finished_at else "not yet",
         "note": f"after {clock.duration(file.finished_at - file.created_at)}" if file.finished_at else ""},
        {"label": "Deliveries", "value": f"{file.bodies:,}", "cut": True},
        {"label": "SHA-256", "value": file.digest or "not known yet", "mono": True},
    ]  # fmt: skip


def reject_reasons(file: ImportedFile) -> list[dict[str, Any]]:
    """Return why records of a file were not understood, the most frequent reason first."""
    rows = (
        QuarantineEntry.objects.filter(delivery_id__in=selectors.deliveries_with_rejects(file))
        .order_by()
        .values_list("reason")
        .annotate(total=Count("id"))
        .order_by("-total", "reason")
    )
    return [{"title": title_of(reason), "total": total} for reason, total in rows]


def question(
    file: ImportedFile, chosen: Sequence[str] = (), order: str | None = None
) -> dict[str, Any]:
    """Return what a person is asked about a file before it is read, with the answers so far."""
    asked: dict[str, Any] = {"earlier": selectors.earlier(file), "columns": []}
    if not file.table or Table.read(file.table).is_export:
        return asked
    table = Table.read(file.table)
    rows = first_rows(file, table)
    return asked | {
        "columns": _columns(table, rows, chosen),
        "groups": [("A receipt", RECEIPT), ("An API error", ERROR)],
        "orders": ORDERS,
        "order": columns.guess_order(table, rows) if order is None else order,
    }


def answers(request: HttpRequest, file: ImportedFile) -> list[str]:
    """Return what the form says of each column."""
    names = file.table.get("names", [])
    return [request.POST.get(f"column-{number}", "") for number in range(len(names))]


def can_retry(file: ImportedFile) -> bool:
    """Tell whether the bytes of a file that stopped are still there."""
    return file.state == FileState.FAILED and FileChunk.objects.filter(file=file).exists()


def download(file: ImportedFile, *, as_lines: bool) -> StreamingHttpResponse:
    """Return the rejects of a file: as they came, or as NDJSON with the reasons."""
    kind = "text/plain; charset=utf-8" if as_lines else "application/x-ndjson"
    ending = "txt" if as_lines else "ndjson"
    pieces = _as_they_came(file) if as_lines else _with_reasons(file)
    response = StreamingHttpResponse(pieces, status=HTTPStatus.OK, content_type=kind)
    return downloaded(response, f"{safe_name(file.name)[:150]}.rejects.{ending}")


def _shown(progress: Progress, person: User) -> Shown:
    file = progress.file
    state = FileState(file.state)
    tone, icon, words = STATES[state]
    if state == FileState.DONE and progress.quarantined:
        tone, icon, words = PARTLY
    moves = state in ACTIVE or state == FileState.UPLOADING
    return Shown(file, progress, tone, icon, words, moves, may_open(person, file))


def _columns(table: Table, rows: Sequence[Sequence[str]], chosen: Sequence[str]) -> list[Column]:
    """Return the columns to confirm, with a guess."""
    told = chosen or columns.guess(table, rows)
    return [
        Column(
            number,
            name[:SAMPLE_LENGTH],
            [foreign.mask_numbers(row[number])[:SAMPLE_LENGTH] for row in rows[:SAMPLES_SHOWN]],
            told[number],
        )
        for number, name in enumerate(table.names)
    ]


def _as_they_came(file: ImportedFile) -> Iterator[bytes]:
    for _, text in _rejects(file):
        yield text.rstrip(b"\r\n") + b"\n"


def _with_reasons(file: ImportedFile) -> Iterator[bytes]:
    for entry, text in _rejects(file):
        told = {
            "reason": entry.reason,
            "detail": entry.detail,
            "delivery": str(entry.delivery_id),
            "position": entry.position,
            "text": text.decode(errors="backslashreplace"),
        }
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _rejects(file: ImportedFile) -> Iterator[tuple[QuarantineEntry, bytes]]:
    for entry in selectors.rejects(file):
        try:
            yield entry, sealing.unseal(entry.body)
        except sealing.Unsealable as why:
            yield entry, f"[cannot be unsealed: {why}]".encode()
