"""The portal as real processes, on both pairs of database and broker."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack, missing, stack

REQUIRED = {word.strip() for word in os.environ.get("PORTAL_TEST_REQUIRE", "").split(",")}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of these tests."""
    config.addinivalue_line(
        "markers", "faults: starts the real processes and ends them the hard way"
    )


def require(database: str) -> None:
    """Skip without the services a stack on ``database`` needs; fail when they are called for."""
    service = missing(database)
    if service in REQUIRED - {""}:
        pytest.fail(f"PORTAL_TEST_REQUIRE names {service}, and it does not answer")
    if service:
        pytest.skip(f"{service} does not answer here")


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """Return a stack with nothing running yet, its database migrated."""
    require(request.param)
    with stack(tmp_path, database=request.param) as made:
        yield made


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Stack]:
    """Return a stack on SQLite with the embedded broker, nothing running yet."""
    with stack(tmp_path, database="sqlite") as made:
        yield made
