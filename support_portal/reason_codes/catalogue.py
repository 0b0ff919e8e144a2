"""The tables of reason codes: read once from the data files, then only looked up."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from support_portal.reason_codes.loading import (
    Contradiction,
    Reason,
    Registry,
    load_contradictions,
    load_registries,
)

DATA = Path(__file__).parent / "data"

# The order in which readings of one number are listed: the most frequent places first.
KEYS = (
    "api_error",
    "api_error_undocumented",
    "http_status",
    "http_status_oas_only",
    "sms_dlr",
    "chatapps_dlr_general",
    "chatapps_dlr_whatsapp",
    "chatapps_dlr_viber",
    "whatsapp_provider",
    "chatapps_dlr_wavecell_legacy",
    "number_lookup",
    "voice_status",
    "voice_error",
    "number_masking_error",
    "sip",
)


@cache
def registries() -> Mapping[str, Registry]:
    """Return every table by its key; the first call raises MalformedData on a bad file."""
    return MappingProxyType(load_registries(DATA, KEYS))


def preload() -> None:
    """Read every data file now, so that a malformed one stops the start and not a page."""
    _by_number()
    _contradictions()


def registry(key: str) -> Registry:
    """Return one table, or raise KeyError."""
    return registries()[key]


def reasons_for(number: int) -> tuple[Reason, ...]:
    """Return what ``number`` means in every table that has it."""
    return _by_number().get(number, ())


def contradictions_for(keys: tuple[str, ...], number: int) -> tuple[Contradiction, ...]:
    """Return where the documents contradict themselves about ``number`` in these tables."""
    return tuple(entry for entry in _contradictions() if entry.concerns(keys, number))


@cache
def _by_number() -> Mapping[int, tuple[Reason, ...]]:
    found: defaultdict[int, list[Reason]] = defaultdict(list)
    for table in registries().values():
        for number, reason in table.codes.items():
            found[number].append(reason)
    return {number: tuple(reasons) for number, reasons in found.items()}


@cache
def _contradictions() -> tuple[Contradiction, ...]:
    return load_contradictions(DATA, KEYS)
