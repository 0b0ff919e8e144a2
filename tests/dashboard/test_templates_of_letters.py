"""The pages where leads write the templates of letters."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import User
from support_portal.inquiries import templating
from support_portal.inquiries.models import LetterTemplate
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import errors, notes, page, words
from tests.dashboard.rows import NOON
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.inquiries.rows import FIRST, inquiry_of

PAGE = "/inquiries/templates/api_error/"
FORM = {
    "subject": "Error: {Codes}", "question": "What is {codes}?", "unlisted": "",
    "expectation": "An answer.", "reason": "shorter", "base": "0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=1)):
        yield


@pytest.fixture
def lead_client(lead: User, client_for: ClientFor) -> Client:
    return client_for(lead)


def test_a_lead_writes_a_template_and_new_drafts_read_so(
    agent: User, agent_client: Client, lead_client: Client
) -> None:
    before = inquiry_of(agent, FIRST)

    response = lead_client.post(PAGE, FORM, follow=True)

    assert "Version 1 counts for new drafts from now on." in notes(response)
    assert "What is code 1300 (Not found)?" in page(response)
    listed = words(page(agent_client.get("/inquiries/templates/")))
    assert "API error What is {codes}? version 1, lead" in listed
    html = page(agent_client.get(f"/inquiries/{before.pk}/"))
    assert "Use version 1" in html
    agent_client.post(f"/inquiries/{before.pk}/mend", {"how": "adopt"})
    html = page(agent_client.get(f"/inquiries/{before.pk}/"))
    assert "version 1 of the template" in html
    assert "Use version" not in html


def test_a_preview_saves_nothing_and_keeps_what_was_typed(lead_client: Client) -> None:
    typed = FORM | {
        "question": f"{HOSTILE} about {{codes}}?",
        "unlisted": "{codes} is in no table.",
    }

    response = lead_client.post(PAGE, typed | {"act": "preview"})
    html = page(response)

    assert response.status_code == 200
    assert not LetterTemplate.objects.exists()
    assert html.count("Preview, not saved") == 2
    assert (SHOWN in html, HOSTILE in html) == (True, False)
    assert "about code 1300 (Not found)?" in html
    assert "code 4242 is in no table." in html


def test_what_is_no_template_is_refused_beside_its_field(lead_client: Client) -> None:
    for act in ("", "preview"):
        response = lead_client.post(
            PAGE, FORM | {"question": "{nothing}", "subject": "", "act": act}
        )

        assert response.status_code == 422
        assert errors(response) == [
            "Write something: a letter without it is not sent.",
            "Line 1: there is no variable {nothing}.",
        ]
        assert ">\n{nothing}</textarea>" in page(response)


def test_of_two_leads_the_second_sees_what_the_first_changed(lead_client: Client) -> None:
    lead_client.post(PAGE, FORM)

    response = lead_client.post(PAGE, FORM | {"question": "What was {codes}?"})

    assert response.status_code == 409
    changed = re.search(r'role="status">.*?<dd.*?>(.*?)</dd>', page(response), re.DOTALL)
    assert changed is not None
    assert changed[1] == "<bdi>What <del>was</del><ins>is</ins> {codes}?</bdi>"
    assert ">\nWhat was {codes}?</textarea>" in page(response)
    again = FORM | {"question": "What was {codes}?", "base": "1"}
    assert lead_client.post(PAGE, again).status_code == 302


def test_history_shows_what_changed_and_takes_back(lead_client: Client) -> None:
    lead_client.post(PAGE, FORM)
    lead_client.post(PAGE, FORM | {"question": "What was {codes}?", "base": "1", "reason": HOSTILE})

    html = page(lead_client.get(PAGE))
    assert "What <del>is</del><ins>was</ins> {codes}?" in html
    assert (SHOWN in html, HOSTILE in html) == (True, False)
    response = lead_client.post(PAGE + "restore", {"number": "1", "base": "2"}, follow=True)
    assert "It is version 3 now, and counts for new drafts." in notes(response)
    assert said(page(response), r'id="versions".*?<li>(.*?)<small>') == (
        "Version 3 counts now as in version 1"
    )
    late = lead_client.post(PAGE + "restore", {"number": "0", "base": "2"}, follow=True)
    assert "Somebody changed it in the meantime. Read it again, then decide." in notes(late)
    lead_client.post(PAGE + "restore", {"number": "0", "base": "3"})
    assert templating.current("api_error").built_in
    for number in ("99", "x", ""):
        bad = lead_client.post(PAGE + "restore", {"number": number, "base": "4"})
        assert bad.status_code == 404


def test_agents_read_templates_and_write_none(agent_client: Client) -> None:
    html = page(agent_client.get(PAGE))

    assert "disabled" in html
    assert 'value="preview"' not in html
    assert agent_client.post(PAGE, FORM).status_code == 403
    assert agent_client.post(PAGE + "restore", {"number": "0", "base": "0"}).status_code == 403
    assert agent_client.get("/inquiries/templates/none/").status_code == 404


@pytest.mark.parametrize(
    "kind", ["api_error", "failed_delivery", "missing_receipts", "latency", "wrong_charge"]
)
def test_every_built_in_template_can_be_saved_as_it_is(
    kind: str, lead_client: Client, lead: User
) -> None:
    version = templating.current(kind)
    form = {name: getattr(version.template, name) for name in templating.FIELDS}

    response = lead_client.post(f"/inquiries/templates/{kind}/", form | {"base": "0"})

    assert response.status_code == 302
    saved: Any = templating.current(kind)
    assert saved.template == version.template
