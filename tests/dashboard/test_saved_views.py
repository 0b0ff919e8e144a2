"""Saved views: over a list, in an address, kept by several people."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Team, User
from support_portal.browsing import views as saving
from support_portal.browsing.models import SavedView, Scope
from support_portal.insights.models import Kind
from support_portal.insights.rebuilding import days, rebuild_day
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import errors, ids, links, notes, page, words
from tests.dashboard.rows import error, save_errors

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


def form(**values: Any) -> dict[str, Any]:
    given = {
        "name": "Asia, today",
        "time": "24h",
        "scope": "mine",
        "kind": "error",
        "query": "country=PH,SG&code=1300",
    }
    return given | values


@pytest.fixture(autouse=True)
def _no_counts_left() -> None:
    cache.clear()


def keep(person: User, **values: Any) -> SavedView:
    given: dict[str, Any] = {
        "name": "Mine",
        "kind": Kind.ERROR,
        "query": "code=1300",
        "scope": Scope.MINE,
        "pinned": True,
    }
    return saving.save(person, **given | values)


def tabs(response: Any) -> list[str]:
    nav = part(page(response), r'<nav class="tabs[^>]*>(.*?)</nav>')
    return [words("<a " + link) for link in nav.split("<a ")[1:]]


def current(response: Any) -> str:
    return said(page(response), r'<nav class="tabs.*?aria-current="page">(.*?)</a>')


def test_a_list_is_kept_under_a_name(agent_client: Client, agent: User) -> None:
    response = agent_client.post("/views/new", form(pinned="on"))

    assert response["Location"] == "/errors/?view=asia-today"
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.pinned, view.version) == ("Asia, today", agent, True, 1)
    assert view.query == "code=1300&country=PH%2CSG&last=24h"


def test_the_form_shows_what_the_list_showed_and_guesses_that_a_range_moves_along(
    agent_client: Client,
) -> None:
    day = "from=2026-11-19T13:00:00Z&to=2026-11-20T13:00:00Z"

    html = page(agent_client.get(f"/views/new?kind=error&{day}&code=1300&sort=code&cursor=x"))

    assert part(html, r'name="time" value="([^"]*)"[^>]*checked') == "24h"
    assert "sort=code" in part(html, r'name="query" value="([^"]*)"')
    assert "cursor" not in part(html, r'name="query" value="([^"]*)"')


@time_machine.travel(NOW, tick=False)
def test_a_view_opens_with_absolute_times_and_as_its_tab(agent_client: Client, agent: User) -> None:
    keep(agent, name="Today", query="code=1300&last=24h&sort=code")
    save_errors(error(1), error(2, code=7), error(3, occurred_at=NOW.replace(day=1)))

    response = agent_client.get("/errors/?view=today")
    assert response["Location"] == (
        "/errors/?code=1300&sort=code&from=2026-11-19T13%3A00%3A00Z"
        "&to=2026-11-20T13%3A00%3A00Z&view=today"
    )
    shown = agent_client.get(response["Location"])

    assert len(ids(shown)) == 1
    assert current(shown) == "Today"
    assert not links(shown, "Save changes")


def test_a_view_of_everything_opens(agent_client: Client, agent: User) -> None:
    keep(agent, name="Everything", query="")

    response = agent_client.get("/errors/?view=everything")

    assert (response.status_code, current(response)) == (200, "Everything")


def test_a_view_whose_range_is_offered_no_more_opens(agent_client: Client, agent: User) -> None:
    keep(agent, name="Old", query="code=1300&last=14d")

    response = agent_client.get("/errors/?view=old", follow=True)

    assert (response.status_code, current(response)) == (200, "Old")
    assert agent_client.get("/views/").status_code == 200


def test_a_view_of_messages_opens_the_messages(agent_client: Client, agent: User) -> None:
    keep(agent, kind=Kind.MESSAGE, name="Sent", query="state=sent")

    assert agent_client.get("/errors/?view=sent")["Location"] == "/messages/?state=sent&view=sent"


@pytest.mark.parametrize("slug", ["nothing", "x" * 5000, "%00", "../admin", "<script>", "a&view=b"])
def test_a_view_that_is_not_there_is_said_and_the_list_works(
    slug: str, agent_client: Client
) -> None:
    save_errors(error())

    response = agent_client.get(f"/errors/?view={slug}", follow=True)

    assert response.status_code == 200
    assert len(ids(response)) == 1
    assert notes(response)[0].startswith("There is no view “")


def test_a_view_of_somebody_else_is_not_there(agent_client: Client, lead: User) -> None:
    keep(lead, name="Secret")

    response = agent_client.get("/errors/?view=secret", follow=True)

    assert "or it is not yours" in notes(response)[0]
    assert agent_client.get("/views/secret/").status_code == 404
    assert agent_client.post("/views/secret/remove").status_code == 404
    assert agent_client.post("/views/secret/restore").status_code == 302
    assert "Secret" not in page(agent_client.get("/views/"))


def test_a_team_has_what_is_shared_with_it(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    keep(lead, name="Ours", scope=Scope.TEAM)
    other = User.objects.create_user("zoe", team=Team.objects.create(name="Other"))

    assert "Ours" in tabs(agent_client.get("/errors/"))
    assert "Ours" not in tabs(client_for(other).get("/errors/"))


def test_viewers_keep_views_and_do_not_change_those_of_the_team(
    viewer: User, lead: User, client_for: ClientFor
) -> None:
    keep(lead, name="Ours", scope=Scope.TEAM)
    client = client_for(viewer)

    assert client.post("/views/new", form(scope="team")).status_code == 422
    assert client.post("/views/new", form()).status_code == 302
    assert client.post("/views/ours/remove").status_code == 403
    assert client.post("/views/ours/", form(base=1)).status_code == 403
    assert client.get("/errors/?view=ours").status_code == 302


def test_two_views_of_a_name_have_two_addresses(agent: User) -> None:
    slugs = [
        keep(agent, name=name).slug for name in ("Asia", "Asia", "新しい", "New", "8x8s problem")
    ]

    assert slugs == ["asia", "asia-2", "view", "new-2", "8x8s-problem-2"]


def test_of_two_editors_the_second_is_told(agent_client: Client, agent: User, lead: User) -> None:
    view = keep(agent, name="Ours", scope=Scope.TEAM)
    saving.change(
        view, by=lead, base=1, name="Theirs", query="code=7", scope=Scope.TEAM, pinned=True
    )

    late = agent_client.post("/views/ours/", form(name="Mine", scope="team", base=1))

    assert late.status_code == 422
    assert (
        "lead was quicker. Nothing was saved. The view is now called “ Theirs ”" in notes(late)[0]
    )
    assert SavedView.objects.get().name == "Theirs"
    assert 'name="base" value="2"' in page(late)
    again = agent_client.post("/views/ours/", form(name="Mine", scope="team", base=2))
    assert again.status_code == 302
    assert SavedView.objects.get().name == "Mine"


def test_a_filter_that_was_changed_can_be_saved_into_its_view(
    agent_client: Client, agent: User
) -> None:
    keep(agent, name="Mine", query="code=1300")

    shown = agent_client.get("/errors/?code=1002&view=mine")
    (address,) = links(shown, "Save changes")
    html = page(agent_client.get(address))

    assert current(shown) == "Mine changed"
    assert part(html, r'name="query" value="([^"]*)"') == "code=1002"


def test_whoever_takes_every_filter_away_sees_the_whole_list(
    agent_client: Client, agent: User
) -> None:
    keep(agent, name="Mine", query="code=1300")

    response = agent_client.get("/errors/?view=mine&code=&from=&to=")

    assert response["Location"] == "/errors/"


def test_a_removed_view_can_be_taken_back(agent_client: Client, agent: User) -> None:
    keep(agent)

    removed = agent_client.post("/views/mine/remove", follow=True)
    assert "Mine" not in tabs(agent_client.get("/errors/"))
    assert 'action="/views/mine/restore"' in page(removed)
    agent_client.post("/views/mine/restore")

    assert "Mine" in tabs(agent_client.get("/errors/"))


def test_viewers_take_no_view_of_the_team_back(
    viewer: User, lead: User, client_for: ClientFor
) -> None:
    saving.remove(keep(lead, name="Ours", scope=Scope.TEAM))
    own = keep(viewer)
    saving.remove(own)
    client = client_for(viewer)

    assert client.post("/views/ours/restore").status_code == 403
    assert client.post("/views/mine/restore").status_code == 302

    assert SavedView.objects.get(removed_at=None) == own


def test_an_editor_is_told_that_a_view_was_pinned_meanwhile(
    agent_client: Client, agent: User, lead: User
) -> None:
    view = keep(agent, name="Ours", scope=Scope.TEAM, pinned=False)
    saving.pin(view, by=lead, pinned=True)

    late = agent_client.post("/views/ours/", form(name="Ours", scope="team", base=1))

    assert "lead was quicker" in notes(late)[0]
    assert SavedView.objects.get().pinned


def test_whoever_is_overtaken_while_saving_sees_what_is_there_now(
    agent_client: Client, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = keep(agent)
    change = saving.change

    def late(*args: Any, **values: Any) -> None:
        change(view, by=agent, base=1, name="Theirs", query="", scope=Scope.MINE, pinned=True)
        change(*args, **values)

    monkeypatch.setattr(saving, "change", late)

    response = agent_client.post("/views/mine/", form(base=1))

    assert "now called “ Theirs ”" in notes(response)[0]
    assert 'name="base" value="2"' in page(response)


def test_removed_views_are_forgotten_after_a_week(agent: User) -> None:
    saving.remove(keep(agent))
    now = timezone.now()

    assert saving.prune(now) == 0
    assert saving.prune(now + saving.KEPT) == 1


def test_views_are_pinned_to_the_tabs(agent_client: Client, agent: User) -> None:
    keep(agent, pinned=False)
    assert tabs(agent_client.get("/errors/")) == [
        "All errors",
        "8x8’s problem",
        "Not in the tables",
        "Commented",
    ]

    agent_client.post("/views/mine/pin", {"pinned": "yes"})

    assert tabs(agent_client.get("/errors/"))[1] == "Mine"


def test_nobody_keeps_too_many(agent_client: Client, agent: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(saving, "MOST", 1)
    keep(agent)

    response = agent_client.post("/views/new", form())

    assert response.status_code == 422
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"time": "1y"},
        {"scope": "all"},
        {"query": "code=abc"},
        {"query": "x" * 5000},
        {"query": "&".join(f"sub_account={number}{'新' * 90}" for number in range(10))},
        {"name": "a\x00b"},
    ],
)
def test_bad_input_is_said_in_the_form(values: dict[str, str], agent_client: Client) -> None:
    response = agent_client.post("/views/new", form(**values))

    assert response.status_code == 422
    assert 'class="err"' in page(response)
    assert errors(response)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("address", ["/views/new", "/views/new?kind=x", "/views/counts?kind=%00"])
def test_a_form_of_no_list_does_not_exist(address: str, agent_client: Client) -> None:
    assert agent_client.get(address).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_tabs_are_counted_by_the_counts_and_agree_with_the_lists(
    agent_client: Client, agent: User
) -> None:
    keep(agent, name="Today", query="code=1300&last=24h")
    save_errors(*(error(number, code=(1300, 2000, 77777)[number % 3]) for number in range(1, 9)))
    for day in days():
        rebuild_day(day)

    quick = agent_client.get("/errors/")
    asks = part(page(quick), r'id="views" hx-get="([^"]*)"').replace("&amp;", "&")
    counted = agent_client.get(asks)

    assert tabs(quick) == ["All errors", "Today", "8x8’s problem", "Not in the tables", "Commented"]
    assert tabs(counted) == [
        "All errors", "Today 2", "8x8’s problem 3", "Not in the tables 3", "Commented",
    ]  # fmt: skip
    for slug, number in (("today", 2), ("8x8s-problem", 3), ("not-in-the-tables", 3)):
        assert len(ids(agent_client.get(f"/errors/?view={slug}", follow=True))) == number
