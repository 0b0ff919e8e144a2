"""Ids of ours are ordered by time."""

import time
from datetime import UTC, datetime

import pytest

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


def test_ids_of_one_millisecond_are_in_the_order_of_their_making(monkeypatch: pytest.MonkeyPatch):
    moments = [1_784_540_000_123_000_000 + nanoseconds for nanoseconds in (0, 500, 1_000, 999_999)]

    ids = []
    for moment in moments:
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment)
        ids += [uuid7(), uuid7()]

    assert len({made_at(one) for one in ids}) == 1
    assert [one.int >> 64 for one in ids] == sorted(one.int >> 64 for one in ids)
    assert len({one.int >> 64 for one in ids}) == len(moments)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
