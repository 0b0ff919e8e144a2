"""A disk without space: nothing is promised, and when there is space again nothing has to be done."""

import resource
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.faults.checking import Findings, check, found
from tests.faults.conftest import require_installed
from tests.faults.senders import Senders
from tests.own import OwnStack, can_mount, own_stack
from tests.stack import wait_until
from tests.traffic import Client, Traffic

SEED = 20261130
MEGABYTES = 250
SECONDS = 60.0
REFUSALS = 20
LARGE = 300  # events
MOST_BODIES = 1_000  # more than fit into what a database has set apart


def _fill(senders: Senders, client: Client) -> list[int]:
    """Post until the disk is full and for a while after; return the answers."""
    answers: list[int] = []
    while answers.count(503) < REFUSALS and len(answers) < MOST_BODIES:
        answers.append(senders.post(senders.traffic.bodies(LARGE, [LARGE])[0], client))
    return answers


def _promise(senders: Senders, client: Client) -> None:
    """Post one body until it is promised."""
    body = senders.traffic.bodies(10, [10])[0]
    wait_until(
        lambda: senders.post(body, client) == 202, seconds=SECONDS, what="a promise", every=0.1
    )


def _check_refusal_and_recovery(
    portal: OwnStack, *, take: Callable[[], None], give: Callable[[], None]
) -> None:
    portal.start_everything()
    senders = Senders(portal, Traffic(SEED))
    with closing(senders.connect()) as client:
        _promise(senders, client)
        wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")
        take()
        full = _fill(senders, client)
        give()
        _promise(senders, client)
    wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")

    assert full.count(503) == REFUSALS
    assert set(full) <= {202, 503}
    assert check(senders.postings, found(portal)) == Findings()
    assert portal.ended() == []


@pytest.mark.faults
@pytest.mark.parametrize("pair", ["sqlite", "postgresql-redis"])
def test_a_full_disk_is_answered_with_503_and_forgotten_when_there_is_space(pair: str) -> None:
    require_installed(pair)
    if not can_mount():
        pytest.skip("only root may make the small disk that is filled here")
    with own_stack(pair, disk=MEGABYTES) as portal:
        assert portal.disk is not None
        _check_refusal_and_recovery(portal, take=portal.disk.fill, give=portal.disk.free)


@pytest.mark.faults
@pytest.mark.parametrize("pair", ["sqlite", "postgresql-redis"])
def test_beat_that_starts_while_the_disk_is_full_goes_on(pair: str) -> None:
    require_installed(pair)
    if not can_mount():
        pytest.skip("only root may make the small disk that is filled here")
    with own_stack(pair, disk=MEGABYTES) as portal:
        assert portal.disk is not None
        portal.start_everything()
        senders = Senders(portal, Traffic(SEED))
        with closing(senders.connect()) as client:
            _promise(senders, client)
        wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")
        portal.kill("beat")
        portal.disk.fill()

        portal.relaunch("beat")

        wait_until(
            lambda: "the last runs of the schedule are not noted" in portal.log("beat").read_text(),
            seconds=SECONDS,
            what="an attempt to write on the full disk",
        )
        portal.disk.free()
        with closing(senders.connect()) as client:
            _promise(senders, client)
        wait_until(portal.settled, seconds=SECONDS, what="an empty inbox")
        assert check(senders.postings, found(portal)) == Findings()
        assert portal.ended() == []


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["sqlite"], indirect=True)
def test_files_that_may_not_grow_are_answered_with_503_and_forgotten_when_they_may(
    portal: OwnStack,
) -> None:
    def allow(size: int) -> None:
        for name in ("web", "worker", "beat"):
            for pid in portal.members(name):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    _check_refusal_and_recovery(
        portal, take=lambda: allow(2**20), give=lambda: allow(resource.RLIM_INFINITY)
    )
