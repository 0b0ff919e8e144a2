"""One item of the quarantine."""

import re
from uuid import UUID

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest import quarantine
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.quarantine_models import QuarantineStep
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import notes, page, words
from tests.dashboard.rows import GOOD

BAD = GOOD.replace(b'"timestamp":"2020-12-22T05:52:01.85Z"', b'"timestamp":"yesterday"')
ACTIONS = {
    "replay": {},
    "edit": {"do": "send", "text": "x"},
    "discard": {"why": "noise"},
    "restore": {},
    "download": {"why": "to look at it"},
}


@pytest.fixture
def lead_client(lead: User, client_for: ClientFor) -> Client:
    """Return a client signed in as a lead who looks after all sub-accounts."""
    return client_for(lead)


def set_aside(body: bytes = BAD) -> QuarantineEntry:
    receive(body, source="hook", sender="8x8")
    drain()
    return QuarantineEntry.objects.get()


def at(entry: QuarantineEntry, action: str = "") -> str:
    return f"/intake/quarantine/{entry.id}/{action}"


def history(html: str) -> list[str]:
    found = re.findall(r'id="history".*?<ul class="lines">(.*?)</ul>', html, re.DOTALL)
    return [words(line) for line in re.findall(r"<div>(.*?)<small>", found[0], re.DOTALL)]


@pytest.mark.django_db
def test_the_page_says_why_and_marks_the_place(agent_client: Client) -> None:
    entry = set_aside()

    html = page(agent_client.get(at(entry)))

    assert "timestamp cannot be read" in words(html)
    assert re.findall(r'<mark class="place">(.*?)</mark>', html) == ["&quot;yesterday&quot;"]
    assert history(html) == ["The item was set aside"]


@pytest.mark.django_db
def test_numbers_are_masked_and_what_is_hostile_is_text(agent_client: Client) -> None:
    entry = set_aside("call +12025550123 <script>alert(1)</script> \u202e\x00".encode())

    html = page(agent_client.get(at(entry)))

    assert "12025550123" not in html
    assert "+•••••••0123 &lt;script&gt;alert(1)&lt;/script&gt; \\u202e\\x00" in html
    assert "<script>alert" not in html


@pytest.mark.django_db
def test_an_item_that_no_key_opens_says_so(lead_client: Client) -> None:
    entry = set_aside()
    QuarantineEntry.objects.update(body=b"\x01\x03oldrest")
    no_key = "The text cannot be shown: the key that sealed it is not in the ring."

    shown = lead_client.get(at(entry))
    answers = [
        lead_client.post(at(entry, action), ACTIONS[action], follow=True)
        for action in ("replay", "download")
    ]
    edited = lead_client.get(at(entry, "edit"), follow=True)

    assert no_key in words(page(shown))
    assert [notes(answer) for answer in [*answers, edited]] == [[no_key]] * 3
    assert QuarantineEntry.objects.waiting().count() == 1


@pytest.mark.django_db
def test_an_unknown_item_is_not_found(lead_client: Client) -> None:
    nowhere = f"/intake/quarantine/{UUID(int=1)}/"

    assert lead_client.get(nowhere).status_code == 404
    assert [lead_client.post(nowhere + each).status_code for each in ACTIONS] == [404] * 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "all_of_them", "allowed"),
    [
        (Role.VIEWER, True, {"download"}),
        (Role.AGENT, True, {"download"}),
        (Role.LEAD, True, {"replay", "edit", "discard", "restore", "download"}),
        (Role.ADMINISTRATOR, True, {"replay", "edit", "discard", "restore", "download"}),
        (Role.VIEWER, False, set()),
        (Role.AGENT, False, set()),
        (Role.LEAD, False, {"replay"}),
        (Role.ADMINISTRATOR, False, {"replay", "edit", "discard", "restore", "download"}),
    ],
)
def test_who_may_do_what(
    client_for: ClientFor, role: Role, all_of_them: bool, allowed: set[str]
) -> None:
    team = Team.objects.create(name="A desk", all_sub_accounts=all_of_them, sub_accounts=["one"])
    client = client_for(User.objects.create_user("somebody", role=role, team=team))
    entry = set_aside()

    shown = page(client.get(at(entry)))
    answers = {
        action: client.post(at(entry, action), form).status_code for action, form in ACTIONS.items()
    }

    assert {action for action, status in answers.items() if status != 403} == allowed
    offered = {action for action in ACTIONS if at(entry, action) in shown}
    assert offered == allowed - {"restore"}
    assert ("yesterday" in shown) == ("download" in allowed)


@pytest.mark.django_db
@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "edit"])
def test_actions_take_a_post(lead_client: Client, action: str) -> None:
    assert lead_client.get(at(set_aside(), action)).status_code == 405


@pytest.mark.django_db
def test_what_is_still_not_understood_waits_as_before(lead_client: Client) -> None:
    entry = set_aside()

    response = lead_client.post(at(entry, "replay"), follow=True)

    assert notes(response) == ["It is still not understood, and waits as before."]
    entry.refresh_from_db()
    assert (entry.state, entry.attempts, Delivery.objects.count()) == ("waiting", 1, 1)


@pytest.mark.django_db
def test_what_is_understood_now_is_recorded_and_the_history_says_so(lead_client: Client) -> None:
    entry = set_aside()
    QuarantineEntry.objects.update(body=sealing.seal(GOOD))

    response = lead_client.post(at(entry, "replay"), follow=True)
    drain()

    assert notes(response) == ["It is understood now, and goes through the intake again."]
    assert history(page(lead_client.get(at(entry)))) == [
        "lead sent it through the intake again: 1 recorded",
        "The item was set aside",
    ]
    assert ErrorEvent.objects.count() == 1


@pytest.mark.django_db
def test_an_edited_text_is_checked_and_sent_and_the_item_stays_as_it_came(
    lead_client: Client,
) -> None:
    entry = set_aside()

    form = page(lead_client.get(at(entry, "edit")))
    mended = lead_client.post(
        at(entry, "edit"), {"do": "send", "text": GOOD.decode(), "why": "8x8 sent a word"}
    )
    drain()

    assert "yesterday" in form
    delivery = Delivery.objects.get(source="edited")
    assert mended["Location"] == f"/intake/deliveries/{delivery.id}/"
    assert (delivery.sender, delivery.received_at) == (entry.sender, entry.received_at)
    assert (delivery.recorded, delivery.quarantined) == (1, 0)
    entry.refresh_from_db()
    assert (entry.state, sealing.unseal(entry.body)) == ("edited", BAD)
    html = page(lead_client.get(at(entry)))
    assert history(html)[0] == "lead sent an edited text in its place: 1 recorded"
    assert f"/intake/deliveries/{delivery.id}/" in html
    assert "“<bdi>8x8 sent a word</bdi>”" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.decode(), "This is understood."),
        (
            "nonsense",
            "This is not understood either. The payload stops being JSON near character 0.",
        ),
        ("", "This is not understood either. The payload is empty."),
        ("\ud800", "This is not understood either."),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_the_parser_says_what_it_thinks_before_anything_is_sent(
    lead_client: Client, text: str, said: str, htmx: bool
) -> None:
    entry = set_aside()
    headers = {"HX-Request": "true"} if htmx else {}
    encoded = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    response = lead_client.post(
        at(entry, "edit"), {"do": "check", "text": encoded}, headers=headers
    )

    assert response.status_code == 200
    assert notes(response)[0].startswith(said)
    assert ("<html" in page(response)) == (not htmx)
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_a_text_that_would_come_back_is_not_sent(lead_client: Client) -> None:
    entry = set_aside()

    response = lead_client.post(at(entry, "edit"), {"do": "send", "text": "<b>still\r\nbad"})

    assert response.status_code == 422
    assert "&lt;b&gt;still\nbad</textarea>" in page(response)
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_of_two_leads_the_later_one_sees_what_the_first_did(lead_client: Client) -> None:
    entry = set_aside()
    quarantine.discard(entry.id, by="Ana", why="noise")

    answers = {
        action: lead_client.post(at(entry, action), form)
        for action, form in (ACTIONS | {"edit": {"do": "send", "text": GOOD.decode()}}).items()
        if action in ("replay", "edit", "discard")
    }

    assert {action: answer.status_code for action, answer in answers.items()} == {
        "replay": 409, "edit": 409, "discard": 409,
    }  # fmt: skip
    assert {
        re.sub(r"discarded.*", "discarded", notes(answer)[0]) for answer in answers.values()
    } == {
        "Nothing was done. Ana was quicker: discarded",
        "Nothing was sent. Ana was quicker: discarded",
    }
    assert GOOD.decode().replace('"', "&quot;") in page(answers["edit"])
    assert [step.by for step in QuarantineStep.objects.all()] == ["Ana"]


@pytest.mark.django_db
def test_a_discarded_item_says_who_and_why_and_is_restored(lead_client: Client) -> None:
    entry = set_aside()

    refused = lead_client.post(at(entry, "discard"), {"why": "  "})
    lead_client.post(at(entry, "discard"), {"why": "<b>noise</b>\x00"})
    discarded = page(lead_client.get(at(entry)))
    lead_client.post(at(entry, "restore"))
    twice = lead_client.post(at(entry, "restore"))

    assert (refused.status_code, "Say why." in page(refused)) == (422, True)
    assert "“<bdi>&lt;b&gt;noise&lt;/b&gt;\ufffd</bdi>”" in discarded
    assert twice.status_code == 409
    assert history(page(lead_client.get(at(entry)))) == [
        "lead let it wait again",
        "lead discarded it",
        "The item was set aside",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "ending"),
    [(BAD, "json"), (b"<a>\xc3", "xml"), (b"plain", "txt"), (b"\x00\xff\xfe", "bin")],
)
def test_a_download_is_the_bytes_as_they_came_and_is_written_down(
    agent_client: Client, body: bytes, ending: str
) -> None:
    entry = set_aside(body)

    refused = agent_client.post(at(entry, "download"), {"why": ""})
    response = agent_client.post(at(entry, "download"), {"why": "a ticket of 8x8 asks for it"})

    assert (refused.status_code, "Say why." in page(refused)) == (422, True)
    assert response.content == body
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == f'attachment; filename="item-{entry.id}.{ending}"'
    steps = QuarantineStep.objects.values_list("kind", "by", "why")
    assert list(steps) == [("downloaded", "agent", "a ticket of 8x8 asks for it")]


@pytest.mark.django_db
def test_a_long_item_is_not_edited_here(lead_client: Client) -> None:
    entry = set_aside(b"x" * 600_000)

    response = lead_client.get(at(entry, "edit"), follow=True)

    assert notes(response) == [
        "It is too long to be edited here. Download it, mend it, and send the file."
    ]
