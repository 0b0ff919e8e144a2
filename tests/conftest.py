"""What every test may use: people of each role, and clients that are signed in."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings

from support_portal import celery  # noqa: F401 - tasks belong to the configured application
from support_portal.accounts.admission import register
from support_portal.accounts.models import Role, Team, User
from support_portal.accounts.usage import ledger
from support_portal.browsing.searching import wordings
from support_portal.core.logs import request_id
from support_portal.dashboard.lately import kept as last_days
from support_portal.events.group_store import known as groups
from support_portal.ingest.limits import gate
from support_portal.insights.combinations import known as combinations
from support_portal.insights.detecting import history_kept
from support_portal.insights.incidents import kept as incidents_kept
from support_portal.insights.lately import remembered as last_hours
from support_portal.insights.usual import kept as weeks_before
from tests.spreading import Spreading

ClientFor = Callable[[User], Client]

# How fast examples are made and pass says how busy the machine is, and nothing about what is tested.
# The fixtures that such tests take are made for all examples, and they know it.
settings.register_profile(
    "portal",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("portal")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spreading | None:
    """Say which process runs which test where tests are grouped."""
    return Spreading(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture
def team(db: None) -> Team:
    """Return a team that looks after every sub-account."""
    return Team.objects.create(name="Support", all_sub_accounts=True)


def _person(team: Team, role: Role) -> User:
    return User.objects.create_user(role.value, password="a long password", role=role, team=team)


@pytest.fixture
def viewer(team: Team) -> User:
    """Return a person who may look."""
    return _person(team, Role.VIEWER)


@pytest.fixture
def agent(team: Team) -> User:
    """Return a person who may look and comment."""
    return _person(team, Role.AGENT)


@pytest.fixture
def lead(team: Team) -> User:
    """Return a person who may also replay."""
    return _person(team, Role.LEAD)


@pytest.fixture
def administrator(team: Team) -> User:
    """Return a person who may do everything."""
    return _person(team, Role.ADMINISTRATOR)


@pytest.fixture
def client_for() -> ClientFor:
    """Return a function that makes a client signed in as a person."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend="support_portal.accounts.backends.PasswordBackend")
        return client

    return sign_in


@pytest.fixture
def agent_client(agent: User, client_for: ClientFor) -> Client:
    """Return a client signed in as an agent."""
    return client_for(agent)


@pytest.fixture(autouse=True)
def _nothing_left_over() -> None:
    request_id.set("-")
    register.forget()
    ledger.forget()
    ledger.every = (
        math.inf
    )  # after the first exchange: a slow test has as many queries as a quick one
    gate.forget()
    groups.forget()
    combinations.forget()
    wordings.forget()
    weeks_before.forget()
    history_kept.forget()
    last_hours.forget()
    last_days.forget()
    incidents_kept.answers = {"going on": (math.inf, [])}  # for ever: see ledger.every
