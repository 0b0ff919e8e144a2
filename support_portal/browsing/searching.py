"""Which errors and codes have words in their texts, without reading through the texts.

Words that all texts of a group share are in its wording, and groups are few: they are held in memory.
Words that vary are looked up by ``events.word_store``, the newest first and no more than MOST_HITS.
A word of a wording is found by its beginning, one that varies only as a whole.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from support_portal.browsing.codes import RECEIPT_TABLES
from support_portal.events.models import ErrorEvent, ErrorGroup, ErrorWord, Reader
from support_portal.events.words import key, of_wording, words
from support_portal.insights.asking import Choice, Readings
from support_portal.reason_codes import registries

MOST_HITS = 1_000
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Found:
    """The errors that have all words: whole groups, and errors of other groups."""

    groups: frozenset[int] = frozenset()
    ids: frozenset[UUID] = frozenset()
    cut: bool = False  # there are older ones among the others


class Hit(NamedTuple):
    """An error that has a word that varies."""

    error_id: UUID
    occurred_at: datetime


@dataclass
class Wordings:
    """The groups by the words of their wordings, as this process has read them."""

    number: int = -1
    by_word: dict[str, list[int]] = field(default_factory=dict)
    in_order: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Read them again next time."""
        self.number = -1

    def with_word(self, word: str) -> frozenset[int]:
        """Return the groups that have a word which begins with ``word``."""
        first = bisect_left(self.in_order, word)
        last = bisect_left(self.in_order, word + _END)
        return frozenset(key for each in self.in_order[first:last] for key in self.by_word[each])

    def up_to_date(self) -> "Wordings":
        """Read the groups where there are more than before: none is ever changed or deleted."""
        number = ErrorGroup.objects.count()
        if number != self.number:
            by_word: defaultdict[str, list[int]] = defaultdict(list)
            for group, wording in ErrorGroup.objects.values_list("group_id", "wording"):
                for word in of_wording(wording):
                    by_word[word].append(group)
            self.by_word, self.in_order, self.number = dict(by_word), sorted(by_word), number
        return self


wordings = Wordings()


def errors_with(
    wanted: Sequence[str], reader: Reader, begin: datetime | None, end: datetime | None
) -> Found:
    """Return the errors of a range that have all words of ``wanted`` (events.words.words)."""
    held = wordings.up_to_date()
    groups = {word: held.with_word(word) for word in wanted}
    whole = frozenset.intersection(*groups.values()) if groups else frozenset()
    hits, cut = _candidates(groups, begin, end)
    ids = _matching(hits, groups, whole, reader)
    return Found(whole, ids, cut)


def _candidates(
    groups: Mapping[str, frozenset[int]], begin: datetime | None, end: datetime | None
) -> tuple[set[Hit], bool]:
    """Return errors among which are all that are not found by groups alone, and whether some are missing.

    Where a word is in no wording it is enough to look at the errors that have it.
    """
    nowhere = [word for word, found in groups.items() if not found]
    found: set[Hit] = set()
    missing = False
    for word in nowhere or groups:
        hits, cut = _hits(word, begin, end)
        if nowhere and not cut:
            return set(hits), False
        found.update(hits)
        missing = missing or cut
    return found, missing


def _hits(word: str, begin: datetime | None, end: datetime | None) -> tuple[list[Hit], bool]:
    rows = ErrorWord.objects.filter(word=key(word))
    if begin is not None:
        rows = rows.filter(occurred_at__gte=begin)
    if end is not None:
        rows = rows.filter(occurred_at__lt=end)
    newest = rows.order_by("-occurred_at", "-error_id").values_list("error_id", "occurred_at")
    found = [Hit(*row) for row in newest[: MOST_HITS + 1]]
    return found[:MOST_HITS], len(found) > MOST_HITS


def _matching(
    hits: Collection[Hit],
    groups: Mapping[str, frozenset[int]],
    whole: frozenset[int],
    reader: Reader,
) -> frozenset[UUID]:
    """Return those of ``hits`` that have all words, each in the wording of the group or beside it."""
    newest = sorted(hits, key=lambda hit: hit.occurred_at, reverse=True)[:MOST_HITS]
    if not newest:
        return frozenset()
    rows = ErrorEvent.objects.visible_to(reader).filter(
        error_id__in=[hit.error_id for hit in newest]
    )
    left = {
        error_id: group
        for error_id, group in rows.values_list("error_id", "group_id")
        if group not in whole
    }
    for word, with_word in groups.items():
        beside = _having(word, [hit for hit in newest if hit.error_id in left])
        left = {
            error_id: group
            for error_id, group in left.items()
            if group in with_word or error_id in beside
        }
    return frozenset(left)


def _having(word: str, hits: Sequence[Hit]) -> frozenset[UUID]:
    """Return those of ``hits`` that have a word that varies."""
    if not hits:
        return frozenset()
    rows = ErrorWord.objects.filter(
        word=key(word),
        occurred_at__in={hit.occurred_at for hit in hits},
        error_id__in=[hit.error_id for hit in hits],
    )
    return frozenset(rows.values_list("error_id", flat=True))


def codes_with(wanted: Sequence[str], *, without: bool = False) -> Readings:
    """Return the codes of receipts whose meaning has all these words."""
    by_table = {
        table: Choice(
            frozenset(
                code
                for code, reason in registries()[table].codes.items()
                if _has(words(f"{reason.name} {reason.detail}"), wanted)
            )
        )
        for table in RECEIPT_TABLES
    }
    return Readings({table: each for table, each in by_table.items() if each.values}, without)


def _has(told: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in told) for each in wanted)
