"""Reason codes: what a number means where it was read, and what to do about it."""

from support_portal.reason_codes.catalogue import preload, reasons_for, registries, registry
from support_portal.reason_codes.loading import Contradiction, Reason, Registry
from support_portal.reason_codes.lookup import search
from support_portal.reason_codes.reading import Context, Reading, decode, look_up
from support_portal.reason_codes.rows import MalformedData
from support_portal.reason_codes.verdicts import Retry, Verdict, Whose

__all__ = [
    "Context",
    "Contradiction",
    "MalformedData",
    "Reading",
    "Reason",
    "Registry",
    "Retry",
    "Verdict",
    "Whose",
    "decode",
    "look_up",
    "preload",
    "reasons_for",
    "registries",
    "registry",
    "search",
]
