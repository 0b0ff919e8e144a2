"""Keeping one row for each group of errors that are alike.

What comes in is foreign: its numbers and words could make any number of groups.  So there are at
most MOST_OF_A_CODE groups of a code and MOST in all.  What is beyond them belongs to the group that
has the code alone, and beyond that to none.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from django.db import transaction

from support_portal.core.bulk import insert_missing
from support_portal.core.durable import wait_for_disk
from support_portal.events.likeness import NOT_GROUPED, VERSION, Likeness
from support_portal.events.models import ErrorGroup

MOST_OF_A_CODE = 200
MOST = 20_000
FIELDS = ("group_id", "version", "code", "endpoint", "wording")


class Known:
    """The groups that this process has seen stored; a group is never deleted."""

    def __init__(self) -> None:
        self.groups: set[int] | None = None
        self.of_code: Counter[int] = Counter()

    def forget(self) -> None:
        """Read them again next time."""
        self.groups = None

    def read(self) -> set[int]:
        """Return the keys of all groups."""
        if self.groups is None:
            stored = list(ErrorGroup.objects.values_list("group_id", "code"))
            self.groups = {key for key, _ in stored}
            self.of_code = Counter(code for _, code in stored)
        return self.groups

    def add(self, fresh: Mapping[int, Likeness]) -> None:
        """Remember groups whose rows are on disk."""
        groups = self.read()
        for key, alike in fresh.items():
            if key not in groups:
                groups.add(key)
                self.of_code[alike.code] += 1


known = Known()


def keep(likenesses: Sequence[Likeness]) -> list[int]:
    """Return the key of the group of each, and store groups that are new, in the caller's transaction."""
    stored = known.read()
    of_code = known.of_code.copy()
    fresh: dict[int, Likeness] = {}
    keys: dict[Likeness, int] = {}
    for alike in likenesses:
        if alike in keys:
            continue
        admitted = _admitted(alike, stored, fresh, of_code[alike.code])
        keys[alike] = key = admitted.group_id if admitted else NOT_GROUPED
        if admitted and key not in stored and key not in fresh:
            fresh[key] = admitted
            of_code[alike.code] += 1
    insert_missing(ErrorGroup, FIELDS, [(key, VERSION, *alike) for key, alike in fresh.items()])
    if fresh:  # a batch that is rolled back takes its groups along
        wait_for_disk()
        transaction.on_commit(partial(known.add, fresh))
    return [keys[alike] for alike in likenesses]


def wording(alike: Likeness, group: int) -> str:
    """Return the wording of the group that ``alike`` was put into, "" where that has none of its own."""
    return alike.wording if alike.group_id == group else ""


def _admitted(
    alike: Likeness, stored: Collection[int], fresh: Collection[int], of_code: int
) -> Likeness | None:
    """Return ``alike``, or what it is folded into when there are too many; None beyond all limits."""
    number = len(stored) + len(fresh)
    if number < MOST and of_code < MOST_OF_A_CODE:
        return alike
    bare = Likeness(alike.code, "", "")
    for each in (alike, bare):
        if each.group_id in stored or each.group_id in fresh:
            return each
    return bare if number < 2 * MOST else None
