"""One event that cannot be recorded costs itself, and neither its neighbours nor the intake."""

from contextlib import closing

import pytest

from tests.faults.checking import Findings, Posting, check, found, quarantine
from tests.faults.poison import LIMITED, REFUSED, STUMBLED, Poisoned, refuse_poison
from tests.faults.senders import Senders
from tests.own import OwnStack
from tests.stack import wait_until
from tests.traffic import Body, Line

SEED = 20261128
NEIGHBOURS = 20
MOST_ATTEMPTS = 5
SECONDS = 60.0


def _around(traffic: Poisoned, *poison: Line) -> Body:
    """Return a body in which each poison stands among good events."""
    lines: list[Line] = []
    for line in poison:
        lines += [*(traffic.receipt() for _ in range(NEIGHBOURS)), line]
    return Body((*lines, *(traffic.error() for _ in range(NEIGHBOURS))))


def _take(portal: OwnStack, bodies: list[Body], *, seconds: float = SECONDS) -> list[Posting]:
    """Post ``bodies``, and wait until nothing of them waits."""
    portal.start_everything()
    senders = Senders(portal, Poisoned(SEED))
    with closing(senders.connect()) as client:
        assert [senders.post(body, client) for body in bodies] == [202] * len(bodies)
    wait_until(portal.settled, seconds=seconds, what="an empty inbox")
    return senders.postings


def _most_attempts(portal: OwnStack) -> int:
    return int(portal.database.query("SELECT max(attempts) FROM ingest_delivery")[0][0])


@pytest.mark.faults
def test_what_the_database_refuses_and_what_is_no_json_is_set_aside_and_neighbours_land(
    portal: OwnStack,
) -> None:
    traffic = Poisoned(SEED)
    refuse_poison(portal.database)
    refused, cut = traffic.refused(REFUSED), Line(traffic.error().text[:150], None)
    bodies = [_around(traffic), _around(traffic, refused, cut), _around(traffic)]

    postings = _take(portal, bodies)

    assert check(postings, found(portal)) == Findings()
    assert sorted(quarantine(portal)) == [("not_json", cut.text), ("refused", refused.text)]
    assert _most_attempts(portal) <= MOST_ATTEMPTS


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["postgresql-redis"], indirect=True)
def test_a_delivery_over_which_the_drain_stumbles_is_set_aside_and_other_deliveries_land(
    portal: OwnStack,
) -> None:
    traffic = Poisoned(SEED)
    refuse_poison(portal.database)
    stumbling = traffic.refused(STUMBLED)
    bodies = [_around(traffic), Body((stumbling,)), _around(traffic)]

    postings = _take(portal, bodies)

    assert check(postings, found(portal)) == Findings()
    assert [body for _, body in quarantine(portal)] == [stumbling.text]
    assert _most_attempts(portal) <= MOST_ATTEMPTS


@pytest.mark.faults
@pytest.mark.parametrize("code", [STUMBLED, LIMITED])
@pytest.mark.parametrize("portal", ["postgresql-redis"], indirect=True)
def test_what_makes_the_drain_stumble_is_set_aside_and_its_neighbours_in_the_same_body_land(
    portal: OwnStack, code: int
) -> None:
    traffic = Poisoned(SEED)
    refuse_poison(portal.database)
    stumbling = traffic.refused(code)

    postings = _take(portal, [_around(traffic, stumbling)], seconds=20)

    assert check(postings, found(portal)) == Findings()
    assert [body for _, body in quarantine(portal)] == [stumbling.text]
