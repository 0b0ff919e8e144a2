"""What stands around every page, the start page, and pages for what went wrong."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from support_portal.accounts.models import User
from support_portal.core.logs import request_id
from support_portal.dashboard import clock, deaf, pieces
from support_portal.dashboard.templatetags.portal import initials, zone_label
from support_portal.dashboard.views import problems
from support_portal.ingest.models import Delivery
from support_portal.ingest.services import receive
from support_portal.reason_codes import Context, decode
from tests.dashboard.reading import empty, ids, notes, page, words
from tests.dashboard.rows import ERROR_ID, NOON, error, message, save_errors, save_messages

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_every_page_has_one_way_to_everything(agent_client: Client) -> None:
    html = page(agent_client.get("/errors/"))

    nav = re.search(r'<nav class="nav".*?</nav>', html, re.DOTALL)
    assert nav
    assert re.findall(r'<a [^>]*?href="([^"]*)"', nav[0]) == [
        "/",
        "/errors/",
        "/messages/",
        "/codes/",
        "/inquiries/",
        "/intake/",
    ]
    assert re.findall(r'href="([^"]*)" aria-current', nav[0]) == ["/errors/"]
    assert '<form class="paste" data-paste method="get" action="/lookup" role="search">' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert f'<span class="mono">{agent_client.get("/errors/")["X-Request-ID"][:2]}' in html


def test_the_footer_names_the_request(agent_client: Client) -> None:
    response = agent_client.get("/")

    assert f'Request <span class="mono">{response["X-Request-ID"]}</span>' in page(response)


def test_strangers_see_neither_paths_nor_the_intake(client: Client, db: None) -> None:
    html = page(client.get("/accounts/login/"))

    assert '<nav class="nav"' not in html
    assert "data-paste" not in html


def test_a_late_intake_is_said_on_every_page(agent_client: Client) -> None:
    delivery = receive(b"{}", source="api")
    old = delivery.id.int - (60_000 << 80)
    Delivery.objects.filter(pk=delivery.id).update(id=UUID(int=old))

    response = agent_client.get("/codes/")

    assert notes(response)[:1] == ["The intake is behind. New errors and receipts arrive late."]
    assert "Intake is 1 min" in words(page(response))


@pytest.mark.parametrize(
    ("demo", "waiting", "said"),
    [
        (True, 2, ["Demo data are still arriving: 2 deliveries wait."]),
        (True, 1, ["Demo data are still arriving: 1 delivery waits."]),
        (True, 0, []),
        (False, 2, []),
    ],
)
def test_arriving_demo_data_are_said_calmly(
    agent_client: Client, settings: Settings, demo: bool, waiting: int, said: list[str]
) -> None:
    settings.DEMO = demo
    for _ in range(waiting):
        receive(b"{}", source="demo")

    assert notes(agent_client.get("/errors/")) == said


def test_the_start_page_shows_what_went_wrong_last(agent_client: Client) -> None:
    save_errors(error())

    response = agent_client.get("/")

    assert ids(response) == [str(ERROR_ID)]
    assert 'method="post" action="/lookup"' in page(response)


def test_the_start_page_of_an_empty_portal_says_so(agent_client: Client) -> None:
    assert empty(agent_client.get("/")) == ["No errors yet"]


@pytest.mark.parametrize("number", [1, 50])
def test_the_start_page_costs_the_same_queries_for_any_number_of_rows(
    agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    save_errors(*(error(n) for n in range(1, number + 1)))
    save_messages(*(message(n, state="failed") for n in range(1, number + 1)))

    with django_assert_num_queries(12):
        agent_client.get("/")


def test_a_missing_page_keeps_the_shell_and_the_way_back(agent_client: Client) -> None:
    response = agent_client.get("/nothing/here")

    assert response.status_code == 404
    assert empty(response) == ["There is no such page"]
    assert '<nav class="nav"' in page(response)


def test_a_form_without_its_token_says_that_it_expired(agent: User) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"username": "agent", "password": "x"})

    assert (response.status_code, empty(response)) == (403, ["The form has expired"])


@pytest.mark.parametrize(
    ("exception", "status", "said"),
    [
        (SuspiciousOperation("x"), 400, "The request was not understood"),
        (RequestDataTooBig("x"), 413, "That was too large"),
    ],
)
def test_refused_requests_are_told_without_a_database(
    rf: RequestFactory, exception: Exception, status: int, said: str
) -> None:
    response = problems.bad_request(rf.get("/"), exception)

    assert (response.status_code, empty(response)) == (status, [said])


def test_our_failure_is_told_without_a_database_in_the_chosen_theme(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.COOKIES["theme"] = "dark"
    token = request_id.set("r-12345678")

    response = problems.server_error(request)

    request_id.reset(token)
    assert (response.status_code, empty(response)) == (500, ["The portal failed"])
    assert '<html lang="en" data-theme="dark">' in page(response)
    assert "r-12345678" in page(response)


def test_what_may_not_be_done_is_told_in_the_words_of_the_view(
    rf: RequestFactory, agent: User
) -> None:
    request = rf.get("/")
    request.user = agent
    request.id = "r-1"  # type: ignore[attr-defined]
    request._messages = []  # type: ignore[attr-defined]

    response = problems.forbidden(request, PermissionDenied("Replaying is for leads."))

    assert response.status_code == 403
    assert "Replaying is for leads." in page(response)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_script_style_handler_or_marked_text(template: Path) -> None:
    text = template.read_text()

    assert (
        re.findall(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\|safe\b|hx-on|javascript:", text
        )
        == []
    )


@pytest.mark.parametrize(
    "template",
    [path for path in TEMPLATES if path.parent.name == "components"],
    ids=lambda path: path.name,
)
def test_components_name_their_parameters(template: Path) -> None:
    assert template.read_text().startswith("{% comment %}\n")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_components_see_only_what_they_are_given(template: Path) -> None:
    includes = re.findall(r"{% include \"components/.*?%}", template.read_text())

    assert [one for one in includes if not one.endswith(" only %}")] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_icons_exist(template: Path) -> None:
    drawn = set(re.findall(r'{% icon "([^"]+)" %}', template.read_text()))
    symbols = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))

    assert drawn - symbols == set()


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0 s"), (0.25, "0.25 s"), (1.95, "1.95 s"), (12.34, "12.3 s"), (60, "1 min"), (382, "6 min 22 s"),
        (3600, "1 h"), (7500, "2 h 5 min"), (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(days=61), "2 mo"), (timedelta(days=2160), "5 y 10 mo"), (-5, "-5 s"),
    ],
)  # fmt: skip
def test_durations(length: float | timedelta, said: str) -> None:
    assert clock.duration(length) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (34.7, "34 s ago"), (382, "6 min ago"), (5400, "1 h 30 min ago"), (-90, "in 1 min"), (90_061, "1 d 1 h ago")],
)  # fmt: skip
def test_how_long_ago(seconds: float, said: str) -> None:
    assert clock.ago(NOON - timedelta(seconds=seconds), NOON) == said


def test_a_time_shows_in_the_readers_zone_with_utc_on_hover() -> None:
    moment = datetime(2020, 12, 22, 5, 52, 1, 850_000, tzinfo=UTC)

    with timezone.override(ZoneInfo("Asia/Manila")):
        drawn = pieces.moment(moment)

    assert drawn == (
        '<time datetime="2020-12-22T05:52:01.850000Z" title="2020-12-22 05:52:01.85 UTC">'
        "22 Dec 2020, 13:52:01.85</time>"
    )
    assert pieces.moment(None) == '<span class="muted">none recorded</span>'


@pytest.mark.parametrize(
    ("zone", "said"),
    [("UTC", "UTC"), ("Asia/Manila", "Manila, UTC+8"), ("Asia/Kolkata", "Kolkata, UTC+5:30"), ("America/New_York", "New York, UTC-5")],
)  # fmt: skip
def test_the_zone_is_named_with_its_distance(zone: str, said: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert zone_label(NOON) == said


@pytest.mark.parametrize(
    ("name", "letters"), [("Ana Villareal", "AV"), ("ana", "A"), ("ana.v_x", "AX"), ("", ""), ("ليلى حداد", "لح")]
)  # fmt: skip
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_plate_has_two_halves_whatever_the_number() -> None:
    known = pieces.plate(decode(Context.API_ERROR, "", 1300))
    huge = pieces.plate(decode(Context.API_ERROR, "", 10**6000))

    assert known == '<a class="plate" href="/codes/api_error/1300/"><span>API</span><b>1300</b></a>'
    assert huge == '<span class="plate" data-v="unknown"><span>API</span><b>…</b></span>'


def test_how_old_a_sign_of_life_is_the_clock_of_the_database_says() -> None:
    """A web server whose own clock is wrong by years says nothing of it."""
    heard = datetime(2020, 1, 1, tzinfo=UTC)
    found = {"heard_at": heard, "silent": 0}

    assert deaf.now({**found, "database_now": heard + timedelta(seconds=14)}) == ""
    assert deaf.now({**found, "database_now": heard + timedelta(seconds=16)}).startswith(
        "Nothing can be kept since "
    )
