"""The pages of inquiries: list, adding, and the page with letter and evidence."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.core.env import Zendesk
from support_portal.inquiries import sending, services
from support_portal.inquiries.models import Inquiry, Letter, Way
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, errors, links, notes, page, rows, words
from tests.dashboard.rows import ERROR_ID, NOON, UMID, error, save_errors
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.inquiries.rows import FIRST, SECOND, failed_message, inquiry_of, wanted


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    """Let the samples be fresh whenever the tests run."""
    with time_machine.travel(NOON + timedelta(hours=1)):
        yield


LINE = f"error_id {ERROR_ID}"
FORM = {
    "to": "cpaas-support@8x8.com",
    "kind": "api_error",
    "severity": "p2",
    "request_type": "api",
    "subject": "Typed subject",
    "question": "Typed question?",
    "body": "",
    "ruled_out": "",
    "expectation": "",
    "base": "1",
}


def address(inquiry: Inquiry, rest: str = "") -> str:
    return f"/inquiries/{inquiry.pk}/{rest}"


def test_the_first_press_starts_an_inquiry(agent_client: Client) -> None:
    save_errors(error())
    assert "Add to inquiry" in page(agent_client.get(f"/errors/{ERROR_ID}/"))

    response = agent_client.post("/inquiries/add", {"wanted": LINE}, follow=True)
    inquiry = Inquiry.objects.get()

    assert response.redirect_chain[0][0].startswith(address(inquiry, "?added="))
    assert "Error 1300 (Not found), 1 request, PH" in page(response)
    assert words(rows(response)[0][1]).startswith("1cc1eda1 …d35a")


def test_with_drafts_there_is_a_choice_and_the_one_on_the_same_cluster_is_proposed(
    agent: User, agent_client: Client
) -> None:
    same = inquiry_of(agent, FIRST, group_id=4)
    other = inquiry_of(agent, SECOND, code=1002, group_id=5)
    save_errors(error(group_id=4))

    html = page(agent_client.post("/inquiries/add", {"wanted": LINE}))
    assert f'value="{same.pk}" checked autofocus' in html
    assert html.index(same.reference) < html.index("A new inquiry") < html.index(other.reference)

    response = agent_client.post("/inquiries/add", {"wanted": LINE, "into": same.pk}, follow=True)
    assert "1 added." in notes(response)
    assert same.evidence.count() == 2


def test_a_message_and_an_id_that_is_not_held_are_added(agent_client: Client) -> None:
    failed_message()
    assert f'value="umid {UMID}"' in page(agent_client.get(f"/messages/{UMID}/"))
    assert f'value="{LINE}"' in page(agent_client.get(f"/errors/{ERROR_ID}/"))

    agent_client.post("/inquiries/add", {"wanted": f"umid {UMID}\n{LINE} 2020-12-22T05:52:01.85Z"})

    found = {row.record_id: row.held for row in Inquiry.objects.get().evidence.all()}
    assert found == {UMID: True, ERROR_ID: False}


def test_a_time_that_was_pasted_goes_along(agent_client: Client) -> None:
    response = agent_client.post("/lookup", {"q": f"errorId {ERROR_ID} at 2020-12-22T05:52:01.85Z"})

    assert f"{LINE} 2020-12-22T05:52:01.850000Z" in page(response)


def test_ticked_rows_of_a_result_page_are_added_or_all(agent_client: Client) -> None:
    save_errors(error(1), error(2))
    html = page(agent_client.post("/lookup", {"q": f"{FIRST} {SECOND} {UMID}"}))
    lines = [f"1 error_id {FIRST}", f"2 error_id {SECOND}", f"3 uuid {UMID}"]
    assert "\n".join(lines) in html

    post = {"evidence": "\n".join(lines), "into": "new"}
    agent_client.post("/inquiries/add", post | {"row": ["2", f"3 uuid {UMID}"]})
    agent_client.post("/inquiries/add", post)

    first, second = Inquiry.objects.order_by("pk")
    assert {row.record_id for row in first.evidence.all()} == {SECOND, UMID}
    assert second.evidence.count() == 3


@pytest.mark.parametrize(
    "sent", ["", "error_id", "error_id no-id", f"nonsense {ERROR_ID}", "\x00", "error_id 1cc1eda1"]
)
def test_nothing_to_add_is_said(agent_client: Client, sent: str) -> None:
    response = agent_client.post("/inquiries/add", {"wanted": sent}, follow=True)

    assert notes(response) == ["Choose an error, a message or an id first."]
    assert Inquiry.objects.count() == 0


@pytest.mark.parametrize("into", ["0", "99", "x", "²", "9" * 30])
def test_an_inquiry_that_is_not_there_is_no_place_to_add_to(
    agent: User, agent_client: Client, into: str
) -> None:
    inquiry_of(agent, FIRST)

    response = agent_client.post("/inquiries/add", {"wanted": LINE, "into": into})

    assert notes(response) == ["That inquiry is not there any more."]


def test_saving_keeps_what_was_typed(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)

    response = agent_client.post(address(inquiry), FORM, follow=True)

    assert notes(response)[0] == "Saved."
    assert "Typed question?" in page(response)
    inquiry.refresh_from_db()
    assert (inquiry.version, inquiry.severity, inquiry.subject) == (2, "p2", "Typed subject")


def test_the_second_of_two_sees_what_the_first_wrote_and_may_save_over_it(
    agent: User, lead: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    services.save(inquiry, {"question": f"Theirs {HOSTILE}"}, lead, base=1)

    response = agent_client.post(address(inquiry), FORM)
    html = page(response)

    assert response.status_code == 422
    assert "Somebody was quicker." in html
    assert (f"Theirs {SHOWN}" in html, HOSTILE in html) == (True, False)
    assert "Typed question?" in html
    assert 'name="base" value="2"' in html
    agent_client.post(address(inquiry), FORM | {"base": "2"})
    inquiry.refresh_from_db()
    assert inquiry.question == "Typed question?"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("to", "else@example.com", "Select a valid choice. else@example.com is not one of the available choices."),
        ("subject", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("question", "x" * 4001, "Ensure this value has at most 4000 characters (it has 4001)."),
        ("body", "a\x00b", "Null characters are not allowed."),
        ("kind", "nonsense", "Select a valid choice. nonsense is not one of the available choices."),
    ],
)  # fmt: skip
def test_bad_input_is_said_beside_the_field(
    agent: User, agent_client: Client, field: str, value: str, said: str
) -> None:
    inquiry = inquiry_of(agent, FIRST)

    response = agent_client.post(address(inquiry), FORM | {field: value})

    assert response.status_code == 422
    assert errors(response) == [said]


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_saves_nothing(
    agent: User, agent_client: Client, base: str
) -> None:
    inquiry = inquiry_of(agent, FIRST)

    response = agent_client.post(address(inquiry), FORM | {"base": base})

    assert "The form was not complete." in page(response)
    inquiry.refresh_from_db()
    assert inquiry.version == 1


def test_evidence_is_removed_and_refreshed(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST, SECOND)

    gone = agent_client.post(address(inquiry, "remove"), {"record": [str(FIRST), "x"]}, follow=True)
    assert "1 piece removed." in notes(gone)
    same = agent_client.post(address(inquiry, "refresh"), follow=True)
    assert notes(same) == [
        "Nothing has changed since the evidence was added. What you typed stays."
    ]


def test_what_was_sent_cannot_be_changed(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)
    Inquiry.objects.update(state="sent")

    html = page(agent_client.get(address(inquiry)))
    assert 'id="inquiry-form"' not in html
    for rest in ("remove", "refresh"):
        response = agent_client.post(address(inquiry, rest), {"record": str(FIRST)}, follow=True)
        assert notes(response)[0].startswith("It has been sent")
    response = agent_client.post(address(inquiry), FORM)
    assert notes(response)[0].startswith("It was sent meanwhile.")
    Inquiry.objects.update(state="solved")
    response = agent_client.post(
        "/inquiries/add", {"wanted": LINE, "into": inquiry.pk}, follow=True
    )
    assert notes(response)[0].startswith(f"{inquiry.reference} is solved.")


def test_texts_of_others_are_escaped_everywhere(agent: User, agent_client: Client) -> None:
    save_errors(error(1, sub_account=HOSTILE, message=HOSTILE, path=f"/{HOSTILE}"))
    inquiry = services.start(agent, wanted(FIRST))
    said = dict.fromkeys(("subject", "question", "body", "ruled_out", "expectation"), HOSTILE)
    services.save(inquiry, said, agent, base=1)

    for where in (address(inquiry), "/inquiries/", address(inquiry, "letter/text/")):
        html = page(agent_client.get(where))
        assert (SHOWN in html, HOSTILE in html) == (True, False)


def test_the_letter_and_the_evidence_are_downloaded(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST, sub_account="=cmd()")

    text = agent_client.get(address(inquiry, "letter/markdown/"), HTTP_ACCEPT="text/plain")
    csv = agent_client.get(address(inquiry, "evidence.csv"))
    ndjson = agent_client.get(address(inquiry, "evidence.ndjson"))

    assert page(text).startswith("### Error 1300")
    assert page(csv).splitlines()[1].startswith(f"{FIRST},,,{FIRST},2026-11-20T11:59:59Z,1300,")
    assert ",'=cmd()," in page(csv)
    assert json.loads(page(ndjson))["errorId"] == str(FIRST)
    assert csv["Content-Disposition"] == f'attachment; filename="{inquiry.reference}-evidence.csv"'
    for rest in ("letter/pdf/", "evidence.xml"):
        assert agent_client.get(address(inquiry, rest)).status_code == 404


def test_the_list_shows_open_ones_mine_and_all(
    agent: User, lead: User, agent_client: Client
) -> None:
    assert empty(agent_client.get("/inquiries/")) == ["No inquiries here"]
    mine = inquiry_of(agent, FIRST)
    theirs = services.start(lead, [])
    closed = services.start(agent, [])
    Inquiry.objects.filter(pk=closed.pk).update(state="closed")

    def shown(query: str) -> list[str]:
        return [row[0] for row in rows(agent_client.get(f"/inquiries/{query}"))]

    assert shown("") == [theirs.reference, mine.reference]
    assert shown("?mine=1") == [mine.reference]
    assert shown("?mine=1&show=all") == [closed.reference, mine.reference]
    assert shown("?show=all&sort=number") == [mine.reference, theirs.reference, closed.reference]
    assert rows(agent_client.get("/inquiries/"))[1][8] == "1"
    assert "<html" not in page(agent_client.get("/inquiries/", HTTP_HX_REQUEST="true"))


@pytest.mark.parametrize("many", [1, 40])
def test_a_list_of_any_length_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(many):
        services.start(agent, [])
    agent_client.get("/inquiries/")

    with django_assert_num_queries(7):
        agent_client.get("/inquiries/")


@pytest.mark.parametrize("many", [1, 1000])
def test_a_page_with_any_evidence_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: Any
) -> None:
    inquiry = inquiry_of(agent, *(UUID(int=number) for number in range(1, many + 1)))
    agent_client.get(address(inquiry))

    with django_assert_num_queries(18):
        html = page(agent_client.get(address(inquiry)))

    assert ("The newest 50 of 1,000" in html) == (many == 1000)


def test_viewers_read_and_write_nothing(viewer: User, agent: User, client_for: ClientFor) -> None:
    inquiry = inquiry_of(agent, FIRST)
    client = client_for(viewer)

    assert "Add to inquiry" not in page(client.get(f"/errors/{FIRST}/"))
    html = page(client.get(address(inquiry)))
    assert 'id="inquiry-form"' not in html
    assert "Error 1300" in html
    for where in (
        "/inquiries/add",
        address(inquiry),
        address(inquiry, "remove"),
        address(inquiry, "refresh"),
    ):
        assert client.post(where, {"wanted": LINE}).status_code == 403


def test_an_inquiry_with_foreign_evidence_is_not_there(agent: User, client_for: ClientFor) -> None:
    inquiry = inquiry_of(agent, FIRST, sub_account="south")
    team = Team.objects.create(name="North", sub_accounts=["north"])
    client = client_for(User.objects.create_user("nora", role=Role.AGENT, team=team))

    for rest in ("", "letter/text/", "evidence.csv"):
        assert client.get(address(inquiry, rest)).status_code == 404
    assert client.post(address(inquiry, "remove")).status_code == 404
    assert rows(client.get("/inquiries/?show=all")) == []
    assert client.get(f"/inquiries/{'9' * 25}/").status_code == 404


def test_a_withdrawn_letter_with_foreign_evidence_is_not_there(
    agent: User, client_for: ClientFor
) -> None:
    save_errors(error(SECOND.int, sub_account="south"))
    inquiry = inquiry_of(agent, FIRST, sub_account="north")
    services.add(inquiry, wanted(SECOND), agent)
    letter = sending.send(inquiry, Way.EML, agent)
    sending.withdraw(letter, agent)
    services.remove(inquiry, [SECOND], agent)
    own = sending.send(inquiry, Way.EML, agent)
    team = Team.objects.create(name="North", sub_accounts=["north"])
    client = client_for(User.objects.create_user("nora", role=Role.AGENT, team=team))

    html = page(client.get(address(inquiry)))
    assert f'id="letter-{own.pk}"' in html
    assert str(SECOND) not in html
    assert client.get(address(inquiry, f"letters/{own.pk}.eml")).status_code == 200
    assert client.get(address(inquiry, f"letters/{letter.pk}.eml")).status_code == 404
    assert client.post(address(inquiry, f"letters/{letter.pk}/act")).status_code == 404
    assert str(SECOND) in page(client_for(agent).get(address(inquiry)))


def test_nobody_lets_an_address_pass_that_is_not_in_the_settings(
    agent: User, agent_client: Client, settings: Any
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    settings.INQUIRY_RECIPIENTS = ["else@8x8.example"]

    html = page(agent_client.get(address(inquiry)))
    assert "It may not go to this address" in html
    assert "Let it pass" not in html


def test_the_shell_counts_open_inquiries(agent: User, agent_client: Client) -> None:
    assert links(agent_client.get("/codes/"), "Inquiries") == ["/inquiries/"]
    inquiry_of(agent, FIRST)

    assert 'title="Inquiries that are open">1<' in page(agent_client.get("/codes/"))


LEAK = {"body": "Call +63 917 123 4567"}


def checks(response: Any) -> list[str]:
    """Return what the checks say, each with its details."""
    listed = page(response).split('<ul class="lines checks"')[1].split("</ul>")[0]
    return [words(each).lstrip("> ") for each in listed.split("<li data-s=")[1:]]


def test_nothing_leaves_while_a_check_blocks(agent: User, agent_client: Client) -> None:
    inquiry = services.save(inquiry_of(agent, FIRST), LEAK, agent, base=1)

    shown = agent_client.get(address(inquiry))
    assert "One thing to mend before it leaves. A whole phone number ." in notes(shown)
    assert "+63…67 in your words" in checks(shown)[0]
    for rest in ("letter/text/", "letter/markdown/", "evidence.csv", "evidence.ndjson"):
        response = agent_client.get(address(inquiry, rest), HTTP_ACCEPT="text/plain", follow=True)
        assert notes(response)[0].startswith(
            "It stays here until this is mended or set aside: A whole"
        )


def test_a_check_is_mended_by_its_button(agent: User, agent_client: Client) -> None:
    inquiry = services.save(inquiry_of(agent, FIRST), LEAK | {"question": ""}, agent, base=1)

    for how in ("clean", "ask"):
        response = agent_client.post(address(inquiry, "mend"), {"how": how}, follow=True)
    inquiry.refresh_from_db()

    assert (inquiry.body, inquiry.question[:11]) == ("Call +63••••••4567", "What caused")
    assert "nothing keeps it here" in page(response)
    assert agent_client.post(address(inquiry, "mend"), {"how": "x"}).status_code == 400


def test_a_check_is_set_aside_with_a_reason(agent: User, agent_client: Client) -> None:
    inquiry = services.save(inquiry_of(agent, FIRST), LEAK, agent, base=1)
    found = page(agent_client.get(address(inquiry))).split('name="mark" value="')[1][:64]

    refused = agent_client.post(address(inquiry, "aside"), {"mark": found}, follow=True)
    assert notes(refused)[0] == "Say why the check is set aside."
    response = agent_client.post(
        address(inquiry, "aside"), {"mark": found, "reason": f"Ours {HOSTILE}"}, follow=True
    )

    assert f"set aside by agent : Ours {HOSTILE}" in checks(response)[0]
    assert (SHOWN in page(response), HOSTILE in page(response)) == (True, False)
    assert agent_client.get(address(inquiry, "evidence.csv")).status_code == 200
    gone = agent_client.post(address(inquiry, "aside"), {"mark": "x", "reason": "y"}, follow=True)
    assert notes(gone)[0] == "That is not found any more."


def test_the_time_of_what_is_not_held_is_typed(agent_client: Client) -> None:
    agent_client.post("/inquiries/add", {"wanted": LINE})
    inquiry = Inquiry.objects.get()
    assert "Sample 1: no time" in checks(agent_client.get(address(inquiry)))[0]

    known = {"record": str(ERROR_ID), "at": "yesterday", "code": "1300"}
    refused = agent_client.post(address(inquiry, "tell"), known)
    assert refused.status_code == 422
    assert len(errors(refused)) == 1
    response = agent_client.post(
        address(inquiry, "tell"), known | {"at": "2026-11-20 11:00:05"}, follow=True
    )

    assert rows(response)[0][3] == "2026-11-20 11:00:05.00"
    assert "API 1300" in rows(response)[0][2]
    assert "nothing keeps it here" in page(response)


def test_a_letter_is_sent_as_a_file_and_shown_for_ever(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST, message=HOSTILE)
    response = agent_client.post(address(inquiry, "send"), {"way": "eml"}, follow=True)
    letter = Letter.objects.get()

    assert response.redirect_chain == [(address(inquiry) + "#sent", 302)]
    assert letter.checksum in page(response)
    assert 'id="inquiry-form"' not in page(response)
    assert (SHOWN in page(response), HOSTILE in page(response)) == (True, False)
    file = agent_client.get(address(inquiry, f"letters/{letter.pk}.eml"))
    assert file["Content-Type"] == "message/rfc822"
    assert f"Subject: [{inquiry.reference}] Error 1300".encode() in file.content
    Letter.objects.update(text="forged")
    assert "does not fit what is stored" in page(agent_client.get(address(inquiry)))
    assert agent_client.get(address(inquiry, f"letters/{letter.pk}.eml")).status_code == 404


@pytest.mark.parametrize(
    ("way", "status", "said"),
    [("copy", 302, ""), ("mailto", 302, ""), ("smtp", 302, "No mail server"), ("pigeon", 400, "")],
)
def test_ways_to_send(agent: User, agent_client: Client, way: str, status: int, said: str) -> None:
    inquiry = inquiry_of(agent, FIRST)

    response = agent_client.post(address(inquiry, "send"), {"way": way})
    html = page(agent_client.get(address(inquiry)))

    assert response.status_code == status
    assert said in html
    assert Letter.objects.count() == (way in ("copy", "mailto"))
    assert ('href="mailto:cpaas-support@8x8.com?subject=' in html) == (way == "mailto")


BUTTON = "Send as a Zendesk request"


def test_the_button_for_a_zendesk_is_there_when_one_is_set_up(
    agent: User, agent_client: Client, settings: Any
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    assert BUTTON not in page(agent_client.get(address(inquiry)))
    response = agent_client.post(address(inquiry, "send"), {"way": "zendesk"}, follow=True)
    assert notes(response)[0] == "No Zendesk is set up on this portal."

    settings.ZENDESK = Zendesk("https://8x8.zendesk.com", "a@b.example", "token")
    assert BUTTON in page(agent_client.get(address(inquiry)))
    response = agent_client.post(address(inquiry, "send"), {"way": "zendesk"}, follow=True)
    assert notes(response)[0] == "It is frozen and on its way."
    assert "The letter to <bdi>8x8.zendesk.com</bdi>" in page(response)
    assert "Waits to be sent" in page(response)


@pytest.mark.parametrize(
    ("state", "said"),
    [("sent", "Request #7 in 8x8's Zendesk"), ("unknown", "For request #7 in 8x8's Zendesk")],
)
def test_the_request_that_a_letter_became_is_linked(
    agent: User, agent_client: Client, settings: Any, state: str, said: str
) -> None:
    settings.ZENDESK = Zendesk("https://8x8.zendesk.com", "a@b.example", "token")
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.ZENDESK, agent)
    Letter.objects.update(state=state, request=7, problem=f"Zendesk answered 422 {HOSTILE}")

    shown = agent_client.get(address(inquiry))

    assert links(shown, "#7") == ["https://8x8.zendesk.com/hc/requests/7"]
    assert said in words(page(shown))
    assert (SHOWN in page(shown), HOSTILE in page(shown)) == (True, False)


def test_of_a_letter_that_waits_it_is_said_that_zendesk_may_have_it(
    agent: User, agent_client: Client, settings: Any
) -> None:
    settings.ZENDESK = Zendesk("https://8x8.zendesk.com", "a@b.example", "token")
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.ZENDESK, agent)
    assert "Zendesk may have it." not in page(agent_client.get(address(inquiry)))

    Letter.objects.update(handed_at=NOON)
    assert "Zendesk may have it." in page(agent_client.get(address(inquiry)))


def test_a_blocked_letter_does_not_go_to_a_zendesk(
    agent: User, agent_client: Client, settings: Any
) -> None:
    settings.ZENDESK = Zendesk("https://8x8.zendesk.com", "a@b.example", "token")
    inquiry = services.save(inquiry_of(agent, FIRST), LEAK, agent, base=1)

    response = agent_client.post(address(inquiry, "send"), {"way": "zendesk"}, follow=True)

    assert notes(response)[0].startswith("It stays here until")
    assert Letter.objects.count() == 0


def test_a_blocked_letter_is_not_sent(agent: User, agent_client: Client) -> None:
    inquiry = services.save(inquiry_of(agent, FIRST), LEAK, agent, base=1)

    response = agent_client.post(address(inquiry, "send"), {"way": "eml"}, follow=True)

    assert notes(response)[0].startswith("It stays here until")
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    ("state", "word", "acts"),
    [
        ("waiting", "Waits to be sent", ["withdraw"]),
        ("trying", "Is being sent", []),
        ("failed", "Not sent", ["again", "withdraw"]),
        ("unknown", "Not known whether it was sent", ["confirm", "again", "withdraw"]),
        ("sent", "Sent", ["withdraw"]),
    ],
)
def test_how_a_letter_stands_and_what_can_be_done(
    agent: User, agent_client: Client, state: str, word: str, acts: list[str]
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    agent_client.post(address(inquiry, "send"), {"way": "eml"})
    Letter.objects.update(state=state, way="smtp", problem=f"451 {HOSTILE}")
    key = Letter.objects.get().pk

    html = page(agent_client.get(address(inquiry)))
    assert f"<bdi>{word}</bdi>" in html
    assert re.findall(r'name="act" value="(\w+)"', html) == acts
    assert (f"451 {SHOWN}" in html, HOSTILE in html) == (True, False)
    for act in acts[:1]:
        agent_client.post(address(inquiry, f"letters/{key}/act"), {"act": act})
        assert Letter.objects.get().state != state
    response = agent_client.post(address(inquiry, f"letters/{key}/act"), {"act": "burn"})
    assert response.status_code == 400


def test_an_act_that_comes_too_late_is_said(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)
    agent_client.post(address(inquiry, "send"), {"way": "eml"})
    key = Letter.objects.get().pk

    for act in ("again", "confirm"):
        response = agent_client.post(
            address(inquiry, f"letters/{key}/act"), {"act": act}, follow=True
        )
        assert "It is not waiting for that." in notes(response)
    assert (
        agent_client.post(address(inquiry, "letters/999/act"), {"act": "again"}).status_code == 404
    )


def test_a_withdrawn_letter_makes_a_draft_again(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)
    agent_client.post(address(inquiry, "send"), {"way": "copy"})
    key = Letter.objects.get().pk

    response = agent_client.post(
        address(inquiry, f"letters/{key}/act"), {"act": "withdraw"}, follow=True
    )

    assert 'id="inquiry-form"' in page(response)
    assert "Withdrawn" in page(response)


TRACK = {"state": "answered", "ticket": "4711", "due_on": "2026-12-01", "cause": "", "fix": ""}


def a_sent_one(agent: User, **values: Any) -> Inquiry:
    inquiry = inquiry_of(agent, FIRST, **values)
    sending.send(inquiry, Way.COPY, agent)
    inquiry.refresh_from_db()
    return inquiry


def test_what_became_of_it_is_kept(agent: User, agent_client: Client) -> None:
    inquiry = a_sent_one(agent)

    response = agent_client.post(address(inquiry, "track"), TRACK | {"base": "1"}, follow=True)

    assert "Saved." in notes(response)
    html = words(page(response))
    assert "8x8's ticket 4711" in html
    assert "next step 1 Dec 2026" in html
    assert 'name="due_on" value="2026-12-01"' in page(response)  # else saving again would lose it
    assert "sent → answered" in html


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("state", "draft", "Select a valid choice. draft is not one of the available choices."),
        ("state", "solved", "Choose the cause: it is counted, and found under the code."),
        ("due_on", "soon", "Enter a valid date."),
        ("ticket", "x" * 61, "Ensure this value has at most 60 characters (it has 61)."),
    ],
)
def test_bad_tracking_is_said_beside_the_field(
    agent: User, agent_client: Client, field: str, value: str, said: str
) -> None:
    inquiry = a_sent_one(agent)

    response = agent_client.post(address(inquiry, "track"), TRACK | {"base": "1", field: value})

    assert response.status_code == 422
    assert errors(response) == [said]


def test_what_the_second_did_not_touch_stays_as_the_first_left_it(
    agent: User, agent_client: Client
) -> None:
    inquiry = a_sent_one(agent)
    opened = agent_client.get(address(inquiry))
    seen = dict(re.findall(r'name="(initial-\w+)" value="([^"]*)"', page(opened)))
    seen |= {name.removeprefix("initial-"): value for name, value in seen.items()}
    agent_client.post(address(inquiry, "track"), TRACK | {"base": "1", "due_on": "2026-12-24"})

    response = agent_client.post(address(inquiry, "track"), seen | {"base": "1", "cause": "Mine"})
    shown = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page(response)))
    agent_client.post(
        address(inquiry, "track"), seen | shown | {"state": "answered", "cause": "Mine"}
    )

    inquiry.refresh_from_db()
    assert response.status_code == 422
    assert (str(inquiry.due_on), inquiry.cause, inquiry.ticket) == (
        "2026-12-24",
        "Mine",
        TRACK["ticket"],
    )


def test_of_two_who_track_the_second_learns_of_the_first(agent: User, agent_client: Client) -> None:
    inquiry = a_sent_one(agent)
    agent_client.post(address(inquiry, "track"), TRACK | {"base": "1"})

    response = agent_client.post(address(inquiry, "track"), TRACK | {"base": "1", "ticket": "Mine"})

    assert response.status_code == 422
    assert "Somebody was quicker: it is answered now." in page(response)
    assert 'value="Mine"' in page(response)
    Inquiry.objects.update(ticket="4711001")  # as a mail taught it
    response = agent_client.post(address(inquiry, "track"), TRACK | {"base": "1", "ticket": ""})
    assert 'value="4711001"' in page(response)
    again = TRACK | {"base": "2", "ticket": "Mine"}
    assert agent_client.post(address(inquiry, "track"), again).status_code == 302


def test_a_draft_is_closed_without_sending_and_opened_again(
    agent: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    for base, state in ((1, "closed"), (2, "draft")):
        post = TRACK | {"base": base, "state": state}
        assert agent_client.post(address(inquiry, "track"), post).status_code == 302
        inquiry.refresh_from_db()
        assert inquiry.state == state


def test_a_reply_is_kept_escaped_and_makes_it_answered(agent: User, agent_client: Client) -> None:
    inquiry = a_sent_one(agent)
    said = {
        "sender": HOSTILE,
        "text": f"{HOSTILE}\nSee https://8x8.example/x and javascript:alert(1)",
    }

    response = agent_client.post(address(inquiry, "reply"), said, follow=True)
    html = page(response)

    assert (SHOWN in html, HOSTILE in html) == (True, False)
    assert '<a class="link" href="https://8x8.example/x" rel="noopener nofollow ugc">' in html
    assert 'href="javascript' not in html
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.version) == ("answered", 2)
    empty_one = agent_client.post(address(inquiry, "reply"), {"text": " "})
    assert errors(empty_one) == ["This field is required."]


def test_when_8x8_answered_is_noted_and_lies_in_the_past(agent: User, agent_client: Client) -> None:
    inquiry = a_sent_one(agent)
    Inquiry.objects.update(sent_at=NOON)
    said = {"text": "We look.", "at": (NOON + timedelta(hours=2)).isoformat()}
    assert errors(agent_client.post(address(inquiry, "reply"), said)) == [
        "That time has not come yet."
    ]
    assert inquiry.replies.count() == 0

    at = NOON + timedelta(minutes=5)
    agent_client.post(address(inquiry, "reply"), said | {"at": at.isoformat()})

    inquiry.refresh_from_db()
    assert inquiry.answered_at == inquiry.replies.get().at == at


def test_viewers_do_not_track(viewer: User, agent: User, client_for: ClientFor) -> None:
    inquiry = a_sent_one(agent)
    client = client_for(viewer)

    assert 'id="tracking"' not in page(client.get(address(inquiry)))
    for rest in (
        "track",
        "reply",
        "send",
        f"letters/{Letter.objects.get().pk}/act",
        "aside",
        "tell",
        "mend",
    ):
        assert client.post(address(inquiry, rest), TRACK).status_code == 403


def test_what_was_answered_is_not_taken_back(agent: User, agent_client: Client) -> None:
    inquiry = a_sent_one(agent)
    key = Letter.objects.get().pk
    agent_client.post(address(inquiry, "reply"), {"text": "We looked."})

    assert 'value="withdraw"' not in page(agent_client.get(address(inquiry)))
    response = agent_client.post(
        address(inquiry, f"letters/{key}/act"), {"act": "withdraw"}, follow=True
    )
    assert "Its inquiry went on: the letter stays as it is." in notes(response)
    assert Letter.objects.get().state == "sent"


def opened(response: Any) -> dict[str, str]:
    """Return what the form of a page would send."""
    html = page(response)
    hidden = re.findall(r'<textarea name="(was_\w+)" hidden>\n(.*?)</textarea>', html, re.DOTALL)
    kept = re.findall(r'name="(keep_\w+)" value="(\w+)" checked', html)
    base = re.search(r'name="base" value="(\d+)"', html)
    assert base is not None
    return {name: unescape(value) for name, value in [*hidden, *kept]} | {"base": base[1]}


def test_of_two_editors_the_later_one_chooses_field_by_field(
    agent: User, lead: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    form = FORM | opened(agent_client.get(address(inquiry)))
    theirs = {"subject": "Their subject", "body": "Their words", "expectation": HOSTILE}
    services.save(inquiry, theirs, lead, base=1)

    mine = form | {"subject": "My subject", "question": "My question?", "expectation": ""}
    response = agent_client.post(address(inquiry), mine | {"body": form["was_body"]})
    again = FORM | mine | opened(response)

    assert response.status_code == 422
    assert {name: value for name, value in again.items() if name.startswith("keep_")} == {
        "keep_subject": "mine",  # both changed it
        "keep_body": "theirs",  # they alone did
        "keep_expectation": "mine",
    }
    html = page(response)
    assert (SHOWN in html, HOSTILE in html) == (True, False)
    for mine_or_theirs, subject in (("theirs", "Their subject"), ("mine", "My subject")):
        inquiry.refresh_from_db()
        post = again | {"keep_subject": mine_or_theirs, "base": inquiry.version}
        assert agent_client.post(address(inquiry), post).status_code == 302
        inquiry.refresh_from_db()
        assert inquiry.subject == subject
        assert (inquiry.body, inquiry.question) == ("Their words", "My question?")


def test_a_third_editor_in_between_is_seen_as_well(
    agent: User, lead: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    form = FORM | opened(agent_client.get(address(inquiry))) | {"body": "Mine"}
    services.save(inquiry, {"body": "Second"}, lead, base=1)
    response = agent_client.post(address(inquiry), form)
    services.save(inquiry, {"body": "Third"}, lead, base=2)

    response = agent_client.post(address(inquiry), form | opened(response))

    assert "<strong>Theirs</strong> <bdi" in page(response)
    assert "Third" in page(response)
    inquiry.refresh_from_db()
    assert inquiry.body == "Third"
