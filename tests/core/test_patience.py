"""Queries that take too long are given up, and the limit ends with its block."""

import pytest
from django.db import connection, transaction

from support_portal.core import patience
from support_portal.core.patience import TookTooLong, at_most

pytestmark = pytest.mark.django_db(transaction=True)
ENDLESS = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
    "postgresql": "SELECT pg_sleep(60)",
}


def ask(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


def timeout() -> str:
    if connection.vendor != "postgresql":
        return "0"
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_an_endless_query_is_given_up_and_the_connection_goes_on() -> None:
    with pytest.raises(TookTooLong), at_most(0.05):
        ask(ENDLESS[connection.vendor])

    ask("SELECT 1")
    assert timeout() == "0"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite speaks one language")
def test_a_server_may_say_it_in_its_own_language() -> None:
    with pytest.raises(TookTooLong), at_most(60):
        ask("DO $$ BEGIN RAISE 'Anfrage wird storniert' USING ERRCODE = '57014'; END $$")


def test_a_limit_inside_another_gives_way_to_it() -> None:
    def ask_inside() -> None:
        with at_most(60):
            ask("SELECT 1")
        ask(ENDLESS[connection.vendor])

    with pytest.raises(TookTooLong), at_most(0.05):
        ask_inside()


def test_what_is_given_up_inside_a_transaction_leaves_it_usable() -> None:
    with transaction.atomic():
        with pytest.raises(TookTooLong), at_most(0.05):
            ask(ENDLESS[connection.vendor])
        ask("SELECT 1")
        assert timeout() == "0"
    assert patience._limit.get() is None
