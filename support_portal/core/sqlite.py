"""Choose an SQLite that does not lose commits.

SQLite 3.7.0 to 3.51.2 can lose or corrupt committed writes when two or more connections use one
WAL file (the "WAL-reset" race; mended in 3.51.3 and 3.53.0, and in 3.44.6 and 3.50.7 of the older
series).  The web server and the worker are exactly such connections, so WAL is used only with a
mended library: Python's own, else the one in the ``pysqlite3`` wheel.  With neither, a rollback
journal is used, which is slower and just as safe.
"""

import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

MENDED_SERIES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
MENDED_SINCE = (3, 53)
PATIENCE = 20  # seconds that a writer waits for its turn
NEXT_LOOK = 0.001  # seconds


def has_wal_reset_race(version: tuple[int, int, int]) -> bool:
    """Tell whether WAL mode is unsafe in this SQLite ``version``."""
    if version < (3, 7, 0) or version[:2] >= MENDED_SINCE:
        return False
    mended = MENDED_SERIES.get(version[:2])
    return mended is None or version[2] < mended


def install() -> bool:
    """Make ``sqlite3`` a library that is safe in WAL mode; False when there is none here."""
    for name in ("sqlite3", "pysqlite3"):
        library = _import(name)
        if library and not has_wal_reset_race(library.sqlite_version_info):
            sys.modules["sqlite3"] = library
            sys.modules["sqlite3.dbapi2"] = library.dbapi2
            return True
    return False


def options(*, safe_wal: bool) -> dict[str, object]:
    """Return connection options: writers queue up at the start, a commit is on disk before it returns."""
    journal = "WAL" if safe_wal else "DELETE"
    return {
        # A transaction takes the write lock when it begins, so it waits for its turn instead of
        # failing halfway; readers go on reading meanwhile.
        "transaction_mode": "IMMEDIATE",
        "timeout": PATIENCE,
        "init_command": (
            f"PRAGMA journal_mode = {journal}; PRAGMA synchronous = FULL;"
            # Not mapped: what is not in memory would be read with all that lies around it.
            "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0"
        ),
    }


def begin(database: Any) -> None:
    """Begin a transaction of ``database`` (a driver's connection) as soon as it may write.

    SQLite's own way of waiting looks again after up to a tenth of a second, while others pass by.
    Raises the driver's OperationalError after PATIENCE seconds.
    """
    database.execute("PRAGMA busy_timeout = 0").close()
    try:
        _begin(database, time.monotonic() + PATIENCE)
    finally:
        database.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}").close()


def _begin(database: Any, deadline: float) -> None:
    while True:
        try:
            database.execute("BEGIN IMMEDIATE")
        except database.OperationalError as error:  # that of the library it comes from
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(NEXT_LOOK)
        else:
            return


@contextmanager
def not_waiting_for_disk(database: Any) -> Iterator[None]:
    """Let transactions of ``database`` (a driver's connection) end before they are on disk.

    Those that wait take along what came before them.  A rollback journal could be torn, so with one
    nothing changes, nor does it within a transaction.
    """
    (journal,) = database.execute("PRAGMA journal_mode").fetchone()
    if database.in_transaction or journal != "wal":
        yield
        return
    database.execute("PRAGMA synchronous = NORMAL").close()
    try:
        yield
    finally:
        with suppress(database.ProgrammingError):  # closed meanwhile; a new one waits
            database.execute("PRAGMA synchronous = FULL").close()


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
