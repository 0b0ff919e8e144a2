"""The portal as real processes, with databases and brokers of their own."""

import os
from collections.abc import Iterator

import pytest

from tests.own import OwnStack, lacking, own_stack

REQUIRED = {word.strip() for word in os.environ.get("PORTAL_TEST_REQUIRE", "").split(",")}


def require_installed(pair: str) -> None:
    """Skip without the programs that ``pair`` needs; fail when they are called for."""
    server = lacking(pair)
    if server in REQUIRED - {""}:
        pytest.fail(f"PORTAL_TEST_REQUIRE names {server}, and it is not installed")
    if server:
        pytest.skip(f"{server} is not installed here")


@pytest.fixture(params=["sqlite", "postgresql-redis"])
def portal(request: pytest.FixtureRequest) -> Iterator[OwnStack]:
    """Return a stack with its own servers; nothing but its database runs yet."""
    require_installed(request.param)
    with own_stack(request.param) as made:
        yield made
