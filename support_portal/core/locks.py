"""One at a time, across processes and machines."""

import zlib

from django.db import connection


def hold_for_transaction(name: str) -> None:
    """Wait until no other transaction holds ``name``, then hold it until this one ends.

    On SQLite a transaction is the only writer from its first statement (IMMEDIATE), which is the
    same promise.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
