"""The quarantine by groups: the list, a group, and passes over many items."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from support_portal.accounts.models import Team, User
from support_portal.ingest import quarantine, runs
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.quarantine_models import QuarantineGroup, QuarantineRun, QuarantineState
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, links, notes, page, rows, words
from tests.dashboard.rows import GOOD

BAD_CODE = GOOD.replace(b"1300", b'"x"')
WAITING = QuarantineState.WAITING


@pytest.fixture
def nonsense(db: None) -> list[QuarantineEntry]:
    """Two items that are not JSON and one without a usable code, in the quarantine."""
    for body in (b"nonsense 12025550123", b"nor this <script>alert(1)</script>", BAD_CODE):
        receive(body, source="api", sender="dispatch")
    drain()
    return list(QuarantineEntry.objects.waiting())


def group(reason: str) -> QuarantineGroup:
    return QuarantineGroup.objects.get(reason=reason)


def facts(html: str) -> dict[str, str]:
    """Return the facts of a page."""
    found = re.findall(r"<dt>(.*?)</dt><dd.*?><bdi>(.*?)</bdi>", html, re.DOTALL)
    return {words(label): words(value) for label, value in found}


@pytest.mark.usefixtures("nonsense")
def test_what_is_alike_is_one_row_with_its_count_and_what_it_looks_like(
    agent_client: Client,
) -> None:
    response = agent_client.get("/intake/quarantine/")

    found = sorted(row[:5] for row in rows(response))
    assert found == [
        ["Not JSON", "2", "The payload stops being JSON near character ….", "API", "dispatch"],
        ["The code is no number", "1", "JSON context error", "API", "dispatch"],
    ]
    assert links(response, "Not JSON") == [
        "?reason=not_json",
        f"/intake/quarantine/groups/{group('not_json').id}/",
    ]


@pytest.mark.usefixtures("nonsense")
def test_the_list_is_narrowed_by_reason_and_by_state(agent_client: Client) -> None:
    quarantine.discard(QuarantineEntry.objects.get(reason="bad_code").id, by="Ana", why="noise")

    waiting = agent_client.get("/intake/quarantine/?reason=not_json")
    discarded = agent_client.get("/intake/quarantine/?state=discarded")

    assert [row[0] for row in rows(waiting)] == ["Not JSON"]
    assert [row[:2] for row in rows(discarded)] == [["The code is no number", "1"]]
    assert links(discarded, "Waits") == ["/intake/quarantine/"]


@pytest.mark.usefixtures("nonsense")
def test_a_forged_cursor_shows_the_whole_quarantine(agent_client: Client) -> None:
    assert len(rows(agent_client.get("/intake/quarantine/?cursor=x"))) == 2


@pytest.mark.usefixtures("nonsense")
@pytest.mark.parametrize(
    "query", ["reason=%00", "reason=" + "x" * 5000, "reason=a b", "state=gone"]
)
def test_a_strange_query_is_said_and_shows_nothing(agent_client: Client, query: str) -> None:
    response = agent_client.get(f"/intake/quarantine/?{query}")

    assert empty(response) == ["Nothing to show"]
    assert "is not understood" in notes(response)[0]


def test_an_empty_quarantine_says_that_all_was_understood(agent_client: Client) -> None:
    assert empty(agent_client.get("/intake/quarantine/")) == ["The quarantine is empty"]


@pytest.mark.usefixtures("nonsense")
def test_the_page_says_words_for_reasons_it_does_not_know(agent_client: Client) -> None:
    QuarantineGroup.objects.update(reason="solar_flare")

    assert links(agent_client.get("/intake/"), "solar flare") == [
        "/intake/quarantine/?reason=solar_flare"
    ]
    assert "solar flare" in words(page(agent_client.get("/intake/quarantine/?reason=solar_flare")))


@pytest.mark.usefixtures("nonsense")
def test_a_group_opens_to_its_items(agent_client: Client) -> None:
    response = agent_client.get(f"/intake/quarantine/groups/{group('not_json').id}/")

    assert sorted(row[2:] for row in rows(response)) == [
        ["The payload stops being JSON near character 0.", "20", "0", "item 1"],
        ["The payload stops being JSON near character 0.", "34", "0", "item 1"],
    ]
    assert agent_client.get(f"/intake/quarantine/groups/{UUID(int=1)}/").status_code == 404


def test_groups_and_items_are_paged_without_losing_one(agent_client: Client, db: None) -> None:
    for number in range(30):
        receive(b'{"key_%c": 1}' % (97 + number % 26), source="api", sender=f"s{number}")
    for _ in range(30):
        receive(b'{"same": 1}', source="hook")
    drain()

    first = agent_client.get("/intake/quarantine/?per_page=25")
    second = agent_client.get(links(first, "Older")[0])
    same = QuarantineGroup.objects.get(source="hook")
    items = agent_client.get(f"/intake/quarantine/groups/{same.id}/?per_page=25")
    more = agent_client.get(links(items, "Older")[0])

    senders = [row[4] for row in rows(first) + rows(second)]
    assert sorted(senders) == sorted(["", *(f"s{number}" for number in range(30))])
    assert len({row[1] for row in rows(items) + rows(more)}) == 30


def test_the_pages_take_the_same_queries_for_one_and_for_many_items(agent_client: Client) -> None:
    taken = []
    for numbers in (range(1), range(1, 60)):
        for number in numbers:
            receive(b"nonsense", source="api", sender=f"s{number}")
            receive(b"nonsense", source="hook")
        drain()
        same = QuarantineGroup.objects.get(source="hook")
        for page_of in ("/intake/quarantine/", f"/intake/quarantine/groups/{same.id}/"):
            agent_client.get(page_of)
            with CaptureQueriesContext(connection) as queries:
                agent_client.get(page_of)
            taken.append(len(queries))

    assert taken[:2] == taken[2:]
    assert max(taken) < 15


@pytest.mark.usefixtures("nonsense")
@pytest.mark.parametrize(
    ("form", "looked_at"),
    [({"all": "yes"}, 3), ({"reason": "not_json"}, 2), ({"group": "not_json"}, 2)],
)
def test_a_lead_replays_all_a_reason_or_a_group(
    lead: User, client_for: ClientFor, form: dict[str, str], looked_at: int
) -> None:
    if "group" in form:
        form = {"group": str(group(form["group"]).id)}

    response = client_for(lead).post("/intake/quarantine/replay", form, follow=True)

    run = QuarantineRun.objects.get()
    assert response.redirect_chain == [(f"/intake/quarantine/runs/{run.id}/", 302)]
    assert (run.by, run.state, run.seen, run.still) == ("lead", "done", looked_at, looked_at)
    assert facts(page(response))["Still not"] == str(looked_at)


@pytest.mark.usefixtures("nonsense")
@pytest.mark.parametrize("form", [{}, {"reason": "\x00"}, {"all": "no"}])
def test_a_form_that_names_nothing_replays_nothing(
    lead: User, client_for: ClientFor, form: dict[str, str]
) -> None:
    response = client_for(lead).post("/intake/quarantine/replay", form, follow=True)

    assert notes(response) == ["Nothing was chosen, so nothing was sent."]
    assert QuarantineRun.objects.count() == 0


@pytest.mark.usefixtures("nonsense")
def test_a_group_that_is_not_there_is_not_found(lead: User, client_for: ClientFor) -> None:
    for name in (str(UUID(int=1)), "nonsense"):
        response = client_for(lead).post("/intake/quarantine/replay", {"group": name})
        assert response.status_code == 404


@pytest.mark.usefixtures("nonsense")
def test_others_may_not_replay_and_see_no_button(agent_client: Client) -> None:
    refused = agent_client.post("/intake/quarantine/replay", {"all": "yes"})

    assert refused.status_code == 403
    assert empty(refused) == ["This is not open to you"]
    assert QuarantineRun.objects.count() == 0
    assert "/intake/quarantine/replay" not in page(agent_client.get("/intake/quarantine/"))


def test_replaying_takes_a_post(lead: User, client_for: ClientFor) -> None:
    assert client_for(lead).get("/intake/quarantine/replay").status_code == 405


@pytest.mark.usefixtures("nonsense")
def test_what_is_understood_after_an_upgrade_is_sent_again(
    lead: User, client_for: ClientFor
) -> None:
    entry = QuarantineEntry.objects.get(reason="bad_code")
    QuarantineEntry.objects.filter(id=entry.id).update(body=receive(GOOD, source="api").body)
    Delivery.objects.all().delete()

    client_for(lead).post("/intake/quarantine/replay", {"reason": "bad_code"})
    run = QuarantineRun.objects.get()
    assert (run.state, run.changed) == ("settling", 1)
    runs.push(run.id, seconds=5)
    response = client_for(lead).get(f"/intake/quarantine/runs/{run.id}/")

    found = facts(page(response))
    assert (found["Sent again"], found["Now recorded"], found["Still not"]) == ("1", "1", "0")


@pytest.mark.usefixtures("nonsense")
def test_discarding_a_group_shows_the_exact_number_first(lead: User, client_for: ClientFor) -> None:
    address = f"/intake/quarantine/groups/{group('not_json').id}/discard"
    asked = client_for(lead).get(address)

    done = client_for(lead).post(address, {"expected": "2", "why": "an old test"}, follow=True)

    assert "Discard 2 items" in words(page(asked))
    assert facts(page(done))["Discarded"] == "2"
    assert (group("not_json").waiting, group("not_json").discarded) == (0, 2)


@pytest.mark.usefixtures("nonsense")
def test_a_group_that_grew_since_is_asked_about_again(lead: User, client_for: ClientFor) -> None:
    address = f"/intake/quarantine/groups/{group('not_json').id}/discard"

    response = client_for(lead).post(address, {"expected": "1", "why": "an old test"})

    assert response.status_code == 422
    assert notes(response) == [
        "The number has changed. It is 2 items now. Look again, then discard."
    ]
    assert "an old test</textarea>" in page(response)
    assert group("not_json").discarded == 0


@pytest.mark.usefixtures("nonsense")
@pytest.mark.parametrize("why", ["", " \n\t"])
def test_nothing_is_discarded_without_a_reason(lead: User, client_for: ClientFor, why: str) -> None:
    address = f"/intake/quarantine/groups/{group('not_json').id}/discard"

    response = client_for(lead).post(address, {"expected": "2", "why": why})

    assert response.status_code == 422
    assert "Say why." in page(response)
    assert group("not_json").discarded == 0


@pytest.mark.usefixtures("nonsense")
def test_a_discarded_group_is_restored(lead: User, client_for: ClientFor) -> None:
    address = f"/intake/quarantine/groups/{group('not_json').id}/"
    client_for(lead).post(address + "discard", {"expected": "2", "why": "by mistake"})
    shown = client_for(lead).get(address + "?state=discarded")

    client_for(lead).post(address + "restore")

    assert "Restore all 2" in words(page(shown))
    assert (group("not_json").waiting, group("not_json").discarded) == (2, 0)


@pytest.mark.usefixtures("nonsense")
def test_a_pass_shows_how_far_it_is_and_is_stopped(lead: User, client_for: ClientFor) -> None:
    run = runs.begin(runs.RunKind.REPLAY, by="Ana")
    address = f"/intake/quarantine/runs/{run.id}/"

    running = client_for(lead).get(address)
    part = client_for(lead).get(address, headers={"HX-Request": "true"})
    stopped = client_for(lead).post(address + "cancel", follow=True)

    assert "0 of 3 looked at" in words(page(running))
    assert 'hx-trigger="every 2s"' in page(part)
    assert "<html" not in page(part)
    assert notes(stopped) == ["It was stopped. What it has done stays done."]
    assert facts(page(stopped))["Stopped by"] == "lead"
    assert 'hx-trigger="every' not in page(stopped)
    assert group("not_json").waiting == 2


@pytest.mark.usefixtures("nonsense")
def test_only_who_may_begin_a_pass_may_stop_it(agent_client: Client) -> None:
    run = runs.begin(runs.RunKind.REPLAY, by="Ana")

    response = agent_client.post(f"/intake/quarantine/runs/{run.id}/cancel")

    assert response.status_code == 403
    assert QuarantineRun.objects.get().under_way


@pytest.mark.usefixtures("nonsense")
def test_a_lead_of_some_sub_accounts_replays_and_does_not_discard(client_for: ClientFor) -> None:
    team = Team.objects.create(name="Island desk", sub_accounts=["northwind_id_lastmile"])
    lead = User.objects.create_user("island", team=team, role="lead")
    address = f"/intake/quarantine/groups/{group('not_json').id}/"

    shown = page(client_for(lead).get(address))

    assert client_for(lead).post(address + "discard").status_code == 403
    assert client_for(lead).post(address + "restore").status_code == 403
    assert client_for(lead).post("/intake/quarantine/replay", {"all": "yes"}).status_code == 302
    assert ("Replay all 2" in words(shown), "Discard…" in words(shown)) == (True, False)
