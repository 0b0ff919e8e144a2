"""Database connections that live longer than a request or a task."""

from django.db import connections


def drop_broken(**_: object) -> None:
    """Close connections of this thread that met an error and answer no more.

    The next query opens another.  Without an error this costs nothing, and connections stay open.
    """
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
