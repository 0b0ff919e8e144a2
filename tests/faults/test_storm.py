"""Every kind of fault, once each in random order, under traffic with repeats, twins and poison."""

import random
from collections.abc import Iterator

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.conftest import require_installed
from tests.faults.storm import in_random_order, kinds_for, storm
from tests.own import PAIRS, OwnStack, can_mount, own_stack
from tests.traffic import Traffic

SEED = 20261127
DISK_MEGABYTES = 400
# What may end by itself, for the supervisor to start it again: a child of the web server takes the
# server along, a database without disk gives up, and so does a worker whose broker is a folder that
# was removed under it.
MAY_FOLLOW = {"web", "database", "worker"}


@pytest.fixture(params=sorted(PAIRS))
def portal(request: pytest.FixtureRequest) -> Iterator[OwnStack]:
    """Return a stack with its own servers, on a disk that can be filled where that is possible."""
    require_installed(request.param)
    with own_stack(request.param, disk=DISK_MEGABYTES if can_mount() else 0) as made:
        yield made


@pytest.mark.faults
def test_nothing_is_lost_or_doubled_whatever_breaks(portal: OwnStack) -> None:
    traffic = Traffic(SEED, repeats=0.05, nonsense=0.01, following=0.3)
    kinds = kinds_for(portal)

    with storm(portal, traffic) as running:
        for kind in in_random_order(kinds, len(kinds), random.Random(SEED)):
            running.lull()
            running.strike(kind)

    assert check(running.senders.postings, found(portal)) == Findings()
    assert set(running.supervisor.revived) <= MAY_FOLLOW
