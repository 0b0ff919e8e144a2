"""Times are read as PostgreSQL writes them, however it writes them."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from psycopg.errors import DataError

from support_portal.core.times import UtcLoader

LOADER = UtcLoader(1184, None)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (b"2026-07-01 12:00:00+00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        (b"2026-07-01 12:00:00.5+00", datetime(2026, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (b"2026-07-01 12:00:00.000001+00", datetime(2026, 7, 1, 12, 0, 0, 1, tzinfo=UTC)),
        (b"2026-07-01 12:00:00+05:30", datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        (b"2026-07-01 12:00:00-03", datetime(2026, 7, 1, 15, tzinfo=UTC)),
        (b"1890-01-01 00:00:00+00:53:28", datetime(1889, 12, 31, 23, 6, 32, tzinfo=UTC)),
        (b"0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        (b"9999-12-31 23:59:59.999999+00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_time_is_what_was_written_in_utc(written: bytes, moment: datetime) -> None:
    found = LOADER.load(memoryview(written))

    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("written", [b"infinity", b"10000-01-01 00:00:00+00", b"nonsense"])
def test_what_no_time_of_ours_can_be_is_refused_as_psycopg_refuses_it(written: bytes) -> None:
    with pytest.raises(DataError):
        LOADER.load(memoryview(written))


@pytest.mark.django_db
def test_every_connection_reads_times_so() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps times as text")
    with connection.cursor() as cursor:
        cursor.execute("SELECT timestamptz '2026-07-01 12:00:00.25+02'")

        assert cursor.fetchone() == (datetime(2026, 7, 1, 10, 0, 0, 250_000, tzinfo=UTC),)
    assert connection.connection.adapters.get_loader(1184, 0) is UtcLoader
