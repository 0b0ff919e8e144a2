"""Database connections that live longer than a request or a task."""

from django.db import InterfaceError, OperationalError, ProgrammingError, connections

PROGRAM_LIMIT = "54"
NOT_MIGRATED = ("42P01", "42703")  # no such table, no such column


def drop_broken(**_: object) -> None:
    """Close connections of this thread that met an error and answer no more.

    The next query opens another.  Without an error this costs nothing, and connections stay open.
    A file cannot be asked: one that was opened while it took no writes never takes any.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.errors_occurred:
            continue
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            connection.close()
        else:
            connection.close_if_unusable_or_obsolete()


def is_away(error: Exception) -> bool:
    """Tell whether the database cannot be used now, whatever it is asked.

    It may be gone, locked, short of something, or not migrated yet.  PostgreSQL's limits of the
    program (class 54) are another matter: they say that what was asked is too much.
    """
    state = str(getattr(error.__cause__, "sqlstate", None) or "")
    if isinstance(error, OperationalError):
        return not state.startswith(PROGRAM_LIMIT)
    if isinstance(error, ProgrammingError):
        return state in NOT_MIGRATED
    return isinstance(error, InterfaceError)
