"""Measuring what hostile mails cost."""

import resource
from collections.abc import Callable
from typing import TypeVar

import pytest

SECONDS = 10.0  # of the processor, on a busy machine; what is unbounded takes minutes
T = TypeVar("T")


@pytest.fixture
def measured() -> Callable[[Callable[[], T]], T]:
    """Return a function that fails when its act takes too much of the processor."""

    def run(act: Callable[[], T]) -> T:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        done = act()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < SECONDS
        return done

    return run
