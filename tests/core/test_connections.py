"""A connection that broke is replaced, one that works is kept."""

import pytest
from django.db import OperationalError, connection

from support_portal.core.connections import drop_broken


def number_of_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def break_connection():
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_replaced_and_one_that_works_is_kept():
    first = number_of_connection()
    drop_broken()
    kept = number_of_connection()
    break_connection()
    drop_broken()

    replaced = number_of_connection()

    assert [kept == first, replaced == first] == [True, False]
