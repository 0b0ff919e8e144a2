"""The page of errors that are alike, and the way to it."""

import re
from typing import Any

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import ErrorEvent
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import links, page
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, sent
from tests.dashboard.sending import an_error as errors

pytestmark = pytest.mark.django_db
ADDRESS = f"/errors/{ERROR_ID}/"


def an_error(number: int = 1, message: str = "", **changes: Any) -> Any:
    """Return one of several errors."""
    return errors(number, **changes) | ({"message": message} if message else {})


def group_page() -> str:
    return f"/errors/groups/{ErrorEvent.objects.get(pk=ERROR_ID).group_id}/"


def test_an_error_leads_to_those_that_are_alike(agent_client: Client) -> None:
    sent(an_error(), an_error(2), an_error(3), an_error(4, code=1002))

    assert links(agent_client.get(ADDRESS), "Those that are") == [group_page()]
    html = page(agent_client.get(group_page()))

    assert set(re.findall(r"/errors/(1cc1eda1-[0-9a-f-]+)/", html)) == {
        ERROR_ID[:-1] + str(number) for number in (1, 2, 3)
    }
    assert said(html, r"<h1>(.*?)</h1>") == "Errors that are alike"


def test_the_group_tells_what_its_errors_share_and_where_they_are(agent_client: Client) -> None:
    sent(
        an_error(subAccountId="northwind_a", message="Object 17 wasn't found"),
        an_error(2, subAccountId="northwind_a", message="Object 18 wasn't found"),
        an_error(3, subAccountId="northwind_b", message="Object 19 wasn't found"),
    )

    html = page(agent_client.get(group_page()))

    assert said(html, r'id="subs">.*?<ul class="lines">(.*?)</ul>') in (
        "northwind_a 2 67 % northwind_b 1 33 %",
        "",  # the example is older than the days that are counted
    )
    assert said(html, r"<dt>Code</dt><dd>(.*?)</dd>") == "1300 Not found"
    assert links(agent_client.get(group_page()), "See all of them") == [
        f"/errors/?group={ErrorEvent.objects.get(pk=ERROR_ID).group_id}"
    ]


def test_who_sees_none_of_its_errors_sees_no_group(client_for: ClientFor) -> None:
    sent(an_error(subAccountId="northwind_a"))
    address = group_page()
    other = Team.objects.create(name="Other", sub_accounts=["northwind_b"])
    person = User.objects.create_user("other", role=Role.AGENT, team=other)

    assert client_for(person).get(address).status_code == 404


@pytest.mark.parametrize("key", ["1", "-5", "9" * 19, "-" + "9" * 19, "9" * 30, "x", "0"])
def test_an_absurd_group_is_not_found(agent_client: Client, key: str) -> None:
    assert agent_client.get(f"/errors/groups/{key}/").status_code == 404


def test_a_hostile_message_is_shown_as_text(agent_client: Client) -> None:
    sent(an_error(message=HOSTILE))

    html = page(agent_client.get(group_page()))

    assert HOSTILE not in html
    assert SHOWN.partition("=")[0] in html


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_of_errors_takes_the_same_queries(
    many: int, agent_client: Client, django_assert_num_queries: Any
) -> None:
    sent(an_error(), *(an_error(number) for number in range(2, many + 1)))
    address = group_page()

    with django_assert_num_queries(19):
        agent_client.get(address)
