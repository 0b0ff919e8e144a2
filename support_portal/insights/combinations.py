"""The combinations of traits that are counted, and the limit of their number.

What is counted is foreign text, which could make any number of combinations.  Of each kind at most
MOST are told apart in full.  What comes beyond loses its group, country, operator and status, and
beyond twice as many everything but its kind: it is still counted, as ANY.  Combinations are never
deleted, so a rebuild folds as the drain did.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count

from support_portal.core.bulk import insert_missing
from support_portal.core.durable import wait_for_disk
from support_portal.events.identity import digest
from support_portal.events.tally import ErrorTraits, Traits
from support_portal.insights.models import ANY, Combination, Kind

MOST = 20_000
ANY_COUNTRY = "**"  # as long as a country


class Combined(NamedTuple):
    """The columns of a Combination but its key; what does not apply to a kind is empty."""

    kind: str
    code: int | None = None
    registry: str = ""
    group_id: int = 0
    state: str = ""
    sub_account: str = ""
    channel: str = ""
    country: str = ""
    operator: str = ""
    http_status: int | None = None

    @property
    def key(self) -> int:
        """Return the key of the row."""
        *others, status = self
        return digest(*others) if status is None else digest(*self)  # as before there was a status

    @property
    def folded(self) -> bool:
        """Tell whether this stands for several combinations."""
        return self.country == ANY_COUNTRY


def combined(traits: Traits) -> Combined:
    """Return the columns for ``traits``."""
    if isinstance(traits, ErrorTraits):
        return Combined(Kind.ERROR.value, **traits._asdict())
    return Combined(Kind.MESSAGE.value, **traits._asdict())


class Known:
    """The combinations that this process has seen stored."""

    def __init__(self) -> None:
        self.by_key: dict[int, Combined] | None = None
        self.of_kind: Counter[str] = Counter()

    def forget(self) -> None:
        """Read them again next time."""
        self.by_key = None

    def read(self) -> dict[int, Combined]:
        """Return all combinations by their keys."""
        if self.by_key is None:
            rows = Combination.objects.values_list("id", *Combined._fields)
            found = {key: Combined(*columns) for key, *columns in rows}
            self.of_kind = Counter(columns.kind for columns in found.values())
            self.by_key = found  # when all are read, for other threads look here meanwhile
        return self.by_key

    def add(self, stored: Mapping[int, Combined]) -> None:
        """Remember combinations whose rows are on disk."""
        known = self.read()
        for key, columns in stored.items():
            if key not in known:
                known[key] = columns
                self.of_kind[columns.kind] += 1

    def named(self, keys: Collection[int]) -> dict[int, Combined]:
        """Return the combinations with these keys, reading those that another process added."""
        known = self.read()
        missing = [key for key in keys if key not in known]
        if missing:
            rows = Combination.objects.filter(id__in=missing).values_list("id", *Combined._fields)
            self.add({key: Combined(*columns) for key, *columns in rows})
        return {key: known[key] for key in keys if key in known}


known = Known()


def keep(many: Iterable[Traits]) -> dict[Traits, int]:
    """Return the key under which each is counted, and store what is new, in the caller's transaction."""
    full = {traits: combined(traits) for traits in many}
    stored, held = _stored(columns.key for columns in full.values())
    fresh: dict[int, Combined] = {}
    keys: dict[Traits, int] = {}
    for traits, told in full.items():
        columns = _admitted(told, stored, fresh, held)
        keys[traits] = key = columns.key
        if key not in stored and key not in fresh:
            fresh[key] = columns
            held[columns.kind] += 1
    insert_missing(
        Combination, ("id", *Combined._fields), [(key, *each) for key, each in fresh.items()]
    )
    if fresh:  # a batch that is rolled back takes its combinations along
        wait_for_disk()
        transaction.on_commit(partial(known.add, fresh))
    return keys


def _stored(wanted: Iterable[int]) -> tuple[Container[int], Counter[str]]:
    """Return the keys of what is stored, and the number of each kind.

    Where some are wanted that this process has not seen, another one may have stored them: with a
    number of its own each process would fold near the limit as no other does.
    """
    seen = known.read()
    if all(key in seen for key in wanted):
        return seen, known.of_kind.copy()
    by_kind = Combination.objects.order_by().values_list("kind").annotate(number=Count("id"))
    held = Counter(dict(by_kind))
    if held == known.of_kind:
        return seen, held
    # Some of these may be of this transaction, so they are remembered when it has ended well.
    transaction.on_commit(known.forget)
    return set(Combination.objects.values_list("id", flat=True)), held


def _admitted(
    full: Combined, stored: Container[int], fresh: Container[int], held: Mapping[str, int]
) -> Combined:
    """Return ``full``, or what it is folded into when there are too many."""
    number = held.get(full.kind, 0)
    for most, columns in ((MOST, full), (2 * MOST, _narrowed(full))):
        if number < most or columns.key in stored or columns.key in fresh:
            return columns
    return Combined(full.kind, None, ANY, 0, ANY, ANY, ANY, ANY_COUNTRY, ANY)


def _narrowed(full: Combined) -> Combined:
    return full._replace(group_id=0, country=ANY_COUNTRY, operator=ANY, http_status=None)
