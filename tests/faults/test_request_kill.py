"""The worker is killed while it hands a letter to a Zendesk: one request comes of it."""

from functools import partial

import pytest

from tests.inquiries.zendesk_server import Fault, Server, Stalls, running
from tests.own import OwnStack
from tests.processes import PYTHON, Program, wait_until

A_LETTER = """
import django; django.setup()
from support_portal.accounts.models import Role, Team, User
from support_portal.inquiries import sending
from support_portal.inquiries.models import Way
from tests.inquiries.rows import FIRST, inquiry_of
team = Team.objects.create(name="Support", all_sub_accounts=True)
person = User.objects.create_user("ana", role=Role.AGENT, team=team)
sending.send(inquiry_of(person, FIRST), Way.ZENDESK, person)
"""
ONE_LOOK = """
import django; django.setup()
from support_portal.inquiries.posting import post_next
post_next()
"""
AS_IF_LATER = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from support_portal.inquiries.models import Letter
Letter.objects.update(due_at=timezone.now() - timedelta(seconds=1))
"""


@pytest.mark.faults
@pytest.mark.parametrize(
    ("where", "fault", "left_in"),
    [
        ("uploads", Stalls(), "trying"),  # the first file is on its way
        ("requests", Stalls(), "handing"),  # the files are there, the request is not
        ("requests", Stalls(done=True), "handing"),  # the request is there
    ],
)
def test_a_worker_that_is_killed_makes_no_second_request(
    portal: OwnStack, where: str, fault: Fault, left_in: str
) -> None:
    with running() as server:
        site = server.signed_in
        portal.environment["PORTAL_8X8_ZENDESK"] = (
            f"http://{site.user}:{site.token}@127.0.0.1:{server.server_address[1]}"
        )
        portal.run(A_LETTER)
        server.faults[where] = [fault]
        _dies_when_asked(portal, server)
        assert portal.database.query("SELECT state FROM inquiries_letter") == [(left_in,)]

        portal.run(AS_IF_LATER)
        portal.run(ONE_LOOK)

    assert portal.database.query("SELECT state, request FROM inquiries_letter") == [
        ("sent", 35_436)
    ]
    assert list(server.requests) == [35_436]
    assert len(server.keys) == 1


def _dies_when_asked(portal: OwnStack, server: Server) -> None:
    portal.launch("sender", Program((*PYTHON, "-c", ONE_LOOK), portal.environment))
    wait_until(
        partial(server.reached.acquire, blocking=False), seconds=30, what="Zendesk being asked"
    )
    portal.kill("sender")
