"""Ids of ours are ordered by time."""

from datetime import UTC, datetime

from support_portal.core.ids import made_at, uuid7


def test_an_id_tells_when_it_was_made():
    moment = datetime(2026, 7, 20, 9, 33, 0, 603000, tzinfo=UTC)

    identifier = uuid7(int(moment.timestamp() * 1000))

    assert (made_at(identifier), identifier.version, identifier.variant) == (
        moment,
        7,
        "specified in RFC 4122",
    )


def test_later_ids_are_greater_as_numbers_and_as_text():
    ids = [uuid7(milliseconds) for milliseconds in (1, 2, 2**40, 2**47)]

    assert sorted(ids) == ids
    assert sorted(map(str, ids)) == list(map(str, ids))
