"""Read the data files and refuse a bad one with its file, code and field."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from support_portal.reason_codes.rows import MalformedData, Row
from support_portal.reason_codes.verdicts import Retry, Verdict, Whose

_FILE_FIELDS = {
    "title",
    "label",
    "context",
    "source",
    "source_date",
    "verdicts_from",
    "codes",
}
_VERDICT_FIELDS = {"whose", "retry", "retry_after", "headline", "next_step", "customer_text"}
_CODE_FIELDS = {"code", "name", "detail", "text", "source", "maps_to"} | _VERDICT_FIELDS
_WRITTEN_RETRIES = tuple(retry for retry in Retry if retry is not Retry.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reason:
    """The meaning of one number in one table."""

    registry: str
    code: int
    name: str
    detail: str
    source: str
    source_date: date
    verdict: Verdict
    maps_to: tuple[str, int] | None

    @property
    def text(self) -> str:
        """Return name and detail as one line, as the client document prints them."""
        return f"{self.name}, {self.detail}" if self.detail else self.name


@dataclass(frozen=True, slots=True)
class Registry:
    """One table of codes, and where its numbers are read."""

    key: str
    title: str
    label: str
    context: str
    source: str
    source_date: date
    codes: Mapping[int, Reason]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A place where the documents disagree with their own tables."""

    registries: frozenset[str]
    codes: frozenset[int]  # empty: the whole table
    text: str
    source: str
    source_date: date

    def concerns(self, keys: Sequence[str], number: int) -> bool:
        """Tell whether this is about ``number`` read in one of these tables."""
        return not self.registries.isdisjoint(keys) and (not self.codes or number in self.codes)


@dataclass(frozen=True, slots=True)
class _Table:
    head: Row
    rows: Mapping[int, Row]


def load_registries(folder: Path, keys: Sequence[str]) -> dict[str, Registry]:
    """Read one file for each key; the result keeps the order of ``keys``."""
    tables = {key: _read_table(folder, key) for key in keys}
    return {key: _registry(key, tables) for key in keys}


def load_contradictions(folder: Path, keys: Sequence[str]) -> tuple[Contradiction, ...]:
    """Read contradictions.toml, whose entries may name only these tables."""
    head = Row("contradictions", "", _read_toml(folder, "contradictions"))
    head.refuse_unknown({"contradictions"})
    return tuple(_contradiction(row, keys) for row in head.rows("contradictions"))


def _contradiction(row: Row, keys: Sequence[str]) -> Contradiction:
    row.refuse_unknown({"registries", "codes", "text", "source", "source_date"})
    named = row.texts("registries")
    for key in named:
        if key not in keys:
            row.refuse("registries", f"there is no table {key!r}")
    return Contradiction(
        registries=frozenset(named),
        codes=frozenset(row.integers("codes")),
        text=row.text("text"),
        source=row.text("source"),
        source_date=row.date("source_date"),
    )


def _read_toml(folder: Path, key: str) -> dict[str, object]:
    try:
        return tomllib.loads((folder / f"{key}.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MalformedData(key, "", "", "the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MalformedData(key, "", "", f"not valid TOML: {error}") from error


def _read_table(folder: Path, key: str) -> _Table:
    head = Row(key, "", _read_toml(folder, key))
    head.refuse_unknown(_FILE_FIELDS)
    rows: dict[int, Row] = {}
    for entry in head.rows("codes"):
        code = entry.integer("code")
        row = entry.about(f"code {code}")
        row.refuse_unknown(_CODE_FIELDS)
        if code in rows:
            row.refuse("code", "listed twice")
        rows[code] = row
    return _Table(head, rows)


def _registry(key: str, tables: Mapping[str, _Table]) -> Registry:
    head = tables[key].head
    return Registry(
        key=key,
        title=head.text("title"),
        label=head.text("label"),
        context=head.text("context"),
        source=head.text("source"),
        source_date=head.date("source_date"),
        codes=MappingProxyType(
            {code: _reason(key, code, tables) for code in tables[key].rows},
        ),
    )


def _reason(key: str, code: int, tables: Mapping[str, _Table]) -> Reason:
    head, row = tables[key].head, tables[key].rows[code]
    reason = Reason(
        registry=key,
        code=code,
        name=row.text("name"),
        detail=row.text("detail", default=""),
        source=row.text("source", default=head.text("source")),
        source_date=head.date("source_date"),
        verdict=_verdict(_verdict_row(key, code, tables)),
        maps_to=_maps_to(row),
    )
    if row.text("text", default=reason.text) != reason.text:
        row.refuse("text", "differs from name and detail")
    return reason


def _maps_to(row: Row) -> tuple[str, int] | None:
    target = row.table("maps_to")
    if target is None:
        return None
    target.refuse_unknown({"registry", "code"})
    return target.text("registry"), target.integer("code")


def _verdict_row(key: str, code: int, tables: Mapping[str, _Table]) -> Row:
    """Return the row that says the verdict: its own, or the one it borrows from."""
    table = tables[key]
    row = table.rows[code]
    lender = table.head.text("verdicts_from", default="")
    if row.has_any(_VERDICT_FIELDS):
        return row
    if target := _maps_to(row):
        return _lent(row, "maps_to", *target, tables)
    if lender:
        return _lent(row, "verdicts_from", lender, code, tables)
    return row  # without a verdict: _verdict says which field is missing


def _lent(row: Row, field: str, key: str, code: int, tables: Mapping[str, _Table]) -> Row:
    if key not in tables:
        row.refuse(field, f"there is no table {key!r}")
    lender = tables[key].rows.get(code)
    if lender is None or not lender.has_any(_VERDICT_FIELDS):
        row.refuse(field, f"{key} has no verdict for {code}")
    return lender


def _verdict(row: Row) -> Verdict:
    retry = row.choice("retry", _WRITTEN_RETRIES)
    retry_after = row.text("retry_after", default="")
    if (retry is Retry.LATER) != bool(retry_after):
        row.refuse("retry_after", "belongs to retry = 'later', and only there")
    steps = row.texts("next_step")
    if not 1 <= len(steps) <= 3:
        row.refuse("next_step", f"1 to 3 steps, not {len(steps)}")
    return Verdict(
        whose=row.choice("whose", tuple(Whose)),
        retry=retry,
        retry_after=retry_after,
        headline=row.text("headline"),
        next_step=steps,
        customer_text=row.text("customer_text"),
    )
