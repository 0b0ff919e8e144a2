"""Signing in and out, the theme and the time zone."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from support_portal.accounts.models import User
from tests.dashboard.reading import empty, errors, notes, page

PASSWORD = "a long password"


def sign_in(client: Client, address: str = "/accounts/login/", **form: str) -> str:
    response = client.post(address, {"username": "agent", "password": PASSWORD, **form})
    return response.headers.get("Location", "")


def test_everybody_has_to_sign_in_and_comes_back_to_the_page_they_asked_for(
    client: Client, agent: User
) -> None:
    asked = client.get("/errors/?code=1300")

    assert asked["Location"] == "/accounts/login/?next=/errors/%3Fcode%3D1300"
    assert '<input type="hidden" name="next" value="/errors/?code=1300">' in page(
        client.get(asked["Location"])
    )
    assert sign_in(client, next="/errors/?code=1300") == "/errors/?code=1300"


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(client: Client, agent: User, address: str) -> None:
    assert sign_in(client, next=address) == "/"


def test_a_wrong_password_is_said_and_the_name_kept(client: Client, agent: User) -> None:
    response = client.post("/accounts/login/", {"username": "agent", "password": "wrong"})

    assert notes(response) == [
        "Please enter a correct username and password. Note that both fields may be case-sensitive."
    ]
    assert 'value="agent"' in page(response)
    assert "wrong" not in page(response)


def test_many_wrong_passwords_pause_the_sign_in(
    client: Client, agent: User, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post("/accounts/login/", {"username": "agent", "password": "wrong"})

    assert response.status_code == 429
    assert empty(response) == ["Sign-in is paused for this user name"]
    assert (
        client.post("/accounts/login/", {"username": "agent", "password": PASSWORD}).status_code
        == 429
    )


def test_signing_out_takes_a_post(agent_client: Client) -> None:
    assert agent_client.get("/accounts/logout/").status_code == 405
    assert agent_client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert agent_client.get("/")["Location"] == "/accounts/login/?next=/"


def test_a_signed_in_person_does_not_sign_in_again(agent_client: Client) -> None:
    assert agent_client.get("/accounts/login/")["Location"] == "/"


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"')]
)
def test_the_theme_is_in_the_page_before_it_is_drawn(
    client: Client, theme: str, attribute: str
) -> None:
    response = client.post("/session/theme", {"theme": theme, "next": "/accounts/login/"})

    assert response["Location"] == "/accounts/login/"
    assert client.cookies["theme"]["httponly"]
    assert f'<html lang="en"{attribute}>' in page(client.get("/accounts/login/"))


def test_the_switch_goes_round(agent_client: Client) -> None:
    offered = []
    for _ in range(3):
        offered.append(page(agent_client.get("/")).split('name="theme" value="')[1].split('"')[0])
        agent_client.post("/session/theme", {"theme": offered[-1], "next": "/"})

    assert offered == ["dark", "light", "system"]


@pytest.mark.parametrize("theme", ["system", "", '"><script>', "x" * 10_000])
def test_any_other_theme_is_that_of_the_system(client: Client, theme: str) -> None:
    client.cookies["theme"] = "dark"

    client.post("/session/theme", {"theme": theme, "next": "//elsewhere.example"})

    assert client.cookies["theme"].value == ""


def test_a_forged_theme_cookie_is_ignored(client: Client, db: None) -> None:
    client.cookies["theme"] = 'x" onload="alert(1)'

    assert '<html lang="en">' in page(client.get("/accounts/login/"))


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example", "", "javascript:1"]
)
def test_the_theme_switch_sends_nobody_elsewhere(client: Client, db: None, address: str) -> None:
    assert client.post("/session/theme", {"theme": "dark", "next": address})["Location"] == "/"


def test_times_move_to_the_zone_that_a_person_chooses(agent: User, agent_client: Client) -> None:
    response = agent_client.post("/session/zone", {"time_zone": "Asia/Manila"}, follow=True)

    agent.refresh_from_db()
    assert agent.time_zone == "Asia/Manila"
    assert notes(response) == ["Times are now shown in Asia/Manila."]
    assert "Manila, UTC+8" in page(response)


def test_a_zone_that_is_none_is_said_and_not_kept(agent: User, agent_client: Client) -> None:
    response = agent_client.post("/session/zone", {"time_zone": "Asia/Atlantis"})

    agent.refresh_from_db()
    assert (response.status_code, agent.time_zone) == (422, "UTC")
    assert errors(response) == ["Asia/Atlantis is not a time zone. Example: Asia/Manila"]
    assert 'value="Asia/Atlantis"' in page(response)
