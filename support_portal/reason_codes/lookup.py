"""Search the tables by words or by number."""

from support_portal.reason_codes.catalogue import registries
from support_portal.reason_codes.loading import Reason


def search(text: str, registry: str = "") -> list[Reason]:
    """Return the reasons that hold every word of ``text``; an exact number comes first.

    An empty text finds everything, an unknown registry nothing.
    """
    words = text.casefold().split()
    found = [reason for reason in _within(registry) if _holds(reason, words)]
    return sorted(found, key=lambda reason: _rank(reason, words))


def _within(registry: str) -> list[Reason]:
    tables = registries()
    keys = [registry] if registry in tables else [] if registry else list(tables)
    return [reason for key in keys for reason in tables[key].codes.values()]


def _holds(reason: Reason, words: list[str]) -> bool:
    haystack = _text(reason)
    code = str(reason.code)
    return all(code.startswith(word) or word in haystack for word in words)


def _rank(reason: Reason, words: list[str]) -> int:
    """Order by where the words were found; the sort is stable, so tables keep their order."""
    if str(reason.code) in words:
        return 0
    name = reason.name.casefold()
    return 1 if all(word in name for word in words) else 2


def _text(reason: Reason) -> str:
    verdict = reason.verdict
    parts = (reason.name, reason.detail, verdict.headline, *verdict.next_step)
    return " ".join(parts).casefold()
