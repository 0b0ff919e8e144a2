"""Leaving Python's search for garbage in cycles until later."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_alone() -> Iterator[None]:
    """Do not search for cycles meanwhile; what is no longer used and in none is freed as ever.

    A search goes through all there is, and is due again and again while many rows are made.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
