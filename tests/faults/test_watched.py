"""Whoever watches an id is told soon after it came, and once, whoever dies meanwhile."""

import json
from functools import partial

import pytest

from tests.faults.sending import ACCEPTED
from tests.own import OwnStack
from tests.stack import SECRET, wait_until
from tests.traffic import Client

WITHIN = 5.0  # seconds from the POST to the notice
TRIES = 5
KILLS = 4
WATCHED = [f"9e30c7aa-41b2-4c1e-9d03-{number:012x}" for number in range(80)]
OPEN_WATCHES = f"""
import django; django.setup()
from support_portal.accounts.models import Team, User
from support_portal.watches.services import Wanted, watch
team = Team.objects.create(name="Support", all_sub_accounts=True)
for name in ("agent", "lead"):
    person = User.objects.create_user(name, team=team)
    watch(person, [Wanted("error_id", id) for id in {WATCHED!r}])
"""


def post(portal: OwnStack, error_id: str) -> None:
    """Report an error, as one of our services does."""
    error = {
        "code": 1300,
        "message": "Not found",
        "errorId": error_id,
        "timestamp": "2026-07-20T05:52:01.85Z",
    }
    client = Client(portal.port, headers={"Authorization": f"Bearer {SECRET}"})
    answer = client.post(json.dumps(error).encode())
    client.close()
    assert answer.status == ACCEPTED


def has_told(portal: OwnStack, count: int) -> bool:
    return portal.count("notices_notice") >= count


@pytest.mark.faults
def test_the_bell_rings_within_five_seconds_of_the_post(portal: OwnStack) -> None:
    portal.run(OPEN_WATCHES)
    portal.start_everything(workers=2)
    first, *others = WATCHED[: TRIES + 1]
    post(portal, first)
    wait_until(partial(has_told, portal, 2), seconds=30, what="workers that look")

    for number, error_id in enumerate(others, start=2):
        post(portal, error_id)
        wait_until(partial(has_told, portal, 2 * number), seconds=WITHIN, what="the bell")

    assert portal.count("notices_notice") == 2 * (TRIES + 1)


@pytest.mark.faults
def test_everybody_is_told_once_however_often_workers_are_killed(portal: OwnStack) -> None:
    portal.run(OPEN_WATCHES)
    portal.start_everything(workers=2)
    names = ["worker", "worker-2"]

    for number, error_id in enumerate(WATCHED, start=1):
        post(portal, error_id)
        if number % (len(WATCHED) // KILLS) == 0:
            told = portal.count("notices_notice")
            wait_until(partial(has_told, portal, told + 1), seconds=30, what="another notice")
            killed = names[number % 2]
            portal.kill(killed)
            portal.relaunch(killed)
    wait_until(partial(has_told, portal, 2 * len(WATCHED)), seconds=60, what="every notice")

    told_for = "SELECT user_id, link, count(*) FROM notices_notice GROUP BY user_id, link"
    rows = portal.database.query(told_for)
    people = sorted({row[0] for row in rows})
    assert sorted(rows) == [
        (person, f"/e/{error_id}", 1) for person in people for error_id in WATCHED
    ]
    assert len(people) == 2
    assert portal.count("watches_watch", "state = 'arrived'") == 2 * len(WATCHED)
