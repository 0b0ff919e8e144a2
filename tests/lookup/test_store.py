"""From ids and their parts to records, by indexes, in one question to each table."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.core.sealing import search_digest
from support_portal.events.models import EVERYTHING, ErrorEvent, Message, Seeing
from support_portal.lookup import questions
from support_portal.lookup.questions import CUT, MOST_READ, MOST_RECORDS
from support_portal.lookup.store import Way, crowded, hold
from support_portal.lookup.ways import CLIENT_WAYS, ID_WAYS
from tests.events.arrived import DELIVERY, ERROR_ID, NOW, NUMBER, UMID, a_receipt, an_error, record

EVERY_WAY = [
    ("error_id", ERROR_ID),
    ("umid", ERROR_ID),
    ("batch_id", ERROR_ID),
    ("event_id", ERROR_ID),
    ("client_message_id", "order-17"),
    ("client_batch_id", "night 3"),
    ("phone", search_digest(NUMBER)),
    ("partial_id", f"1cc1eda1f5{CUT}"),
    ("partial_id", f"{CUT}88280263195dd35a"),
    ("partial_id", f"1cc1eda1{CUT}5a"),
]
NODE = "0263195dd35a"  # of one SQL Server: all its ids end so


def found(part: str) -> set[UUID]:
    """Return the ids that a part of an id leads to."""
    return {hit.id for hit in hold([[("partial_id", part)]], EVERYTHING)["partial_id", part]}


def plans(queries: list[dict[str, str]]) -> Iterator[str]:
    """Yield the steps in which the database would do each query."""
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # empty tables are read whole where that is allowed
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries:
            cursor.execute(f"{explain} {query['sql']}")
            yield from (str(step[-1]) for step in cursor.fetchall())


@pytest.mark.django_db
def test_no_way_reads_a_whole_table(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(questions, "FEW", 0)  # only with its values can a statement be explained
    with django_assert_num_queries(4) as queries:
        hold([EVERY_WAY], EVERYTHING)

    steps = list(plans(list(queries)))

    derived = (
        "SCAN (subquery",
        "SCAN ranked",
        "SCAN part",
        "SCAN near",
        "SCAN json_each",
    )  # of what an index found
    assert [step for step in steps if "Seq Scan" in step] == []
    assert [s for s in steps if s.startswith("SCAN") and not s.startswith(derived)] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "part",
    [
        f"1cc1eda1{CUT}",
        f"1cc1eda1f5ddea1182880263195dd35{CUT}",
        f"{CUT}195dd35a",
        f"{CUT}cc1eda1f5ddea1182880263195dd35a",
        f"1cc1eda1{CUT}a",
        f"1{CUT}195dd35a",
        f"1cc1eda1{CUT}195dd35a",
    ],
)
def test_a_part_of_an_id_finds_it(part):
    record(an_error(), an_error(error_id=UMID), a_receipt())

    assert found(part) == {ERROR_ID}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "part",
    [f"1cc1eda2{CUT}", f"{CUT}195dd35b", f"1cc1eda1{CUT}b", f"2{CUT}195dd35a", f"{CUT}0195dd35a"],
)
def test_a_part_of_another_id_finds_nothing(part):
    record(an_error(), a_receipt())

    assert found(part) == set()


@pytest.mark.django_db
def test_parts_of_messages_are_found_too():
    record(a_receipt())

    assert found(f"{CUT}{UMID.hex[-9:]}") == found(f"{UMID.hex[:9]}{CUT}") == {UMID}


@settings(
    max_examples=40,
)
@given(
    st.lists(st.uuids(), min_size=1, max_size=5, unique=True),
    st.sampled_from(["1cc1eda1", "0263195d"]),
    st.data(),
)
def test_a_part_finds_every_id_that_has_it(db, ids, shared, data):
    ids = [UUID(hex=shared + id.hex[8:-8] + shared) for id in ids]
    ErrorEvent.objects.all().delete()
    record(*(an_error(error_id=id) for id in ids))
    whole = data.draw(st.sampled_from(ids)).hex
    front, back = data.draw(
        st.tuples(st.integers(8, 15), st.integers(0, 15))
        | st.tuples(st.integers(0, 15), st.integers(8, 15))
    )
    begin, end = whole[:front], whole[len(whole) - back :]

    expected = {id for id in ids if id.hex.startswith(begin) and id.hex.endswith(end)}
    assert found(f"{begin}{CUT}{end}") == expected


@pytest.mark.django_db
def test_ids_that_all_end_alike_are_not_all_read():
    Message.objects.bulk_create(
        Message(
            umid=UUID(hex=f"{number:08x}f5ddea118288{NODE}"),
            state="sent",
            first_at=NOW,
            last_at=NOW + timedelta(seconds=number),
            state_at=NOW + timedelta(seconds=number),
            received_at=NOW,
            delivery_id=DELIVERY,
            position=0,
            receipts=1,
            channels=1,
        )
        for number in range(MOST_READ)
    )

    assert len(found(f"{CUT}{NODE}")) == MOST_RECORDS + 1
    assert found(f"{CUT}ff{NODE}") == set()
    assert crowded(f"{CUT}ff{NODE}")
    assert not crowded(f"00000001{CUT}{NODE}")
    assert not crowded(f"{CUT}{UMID.hex[-8:]}")


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 500])
def test_any_number_of_ids_is_asked_for_at_once(many, django_assert_num_queries):
    ids = [UUID(int=ERROR_ID.int + number) for number in range(many)]
    record(*(an_error(error_id=id) for id in ids))

    with django_assert_num_queries(2):
        held = hold([_id_ways(id) for id in ids], EVERYTHING)

    assert {id for (_, id), hits in held.items() if hits} == set(ids)


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 500])
def test_what_nobody_has_as_its_own_is_looked_for_elsewhere(many, django_assert_num_queries):
    ids = [UUID(int=UMID.int + number) for number in range(many)]
    record(*(an_error(error_id=UUID(int=number), umid=id) for number, id in enumerate(ids)))

    with django_assert_num_queries(4):
        held = hold([_id_ways(id) for id in ids], EVERYTHING)

    assert {way for way, hits in held.items() if hits} == {("umid", id) for id in ids}


@pytest.mark.django_db
def test_an_own_id_is_looked_for_by_its_key_alone(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(questions, "FEW", 0)
    record(an_error(umid=UMID, batch_id=ERROR_ID), a_receipt(umid=ERROR_ID))

    with django_assert_num_queries(3) as queries:
        held = hold([_id_ways(ERROR_ID)], EVERYTHING)

    assert [(way, hit.kind, hit.direct) for (way, _), hits in held.items() for hit in hits] == [
        ("error_id", "error", True),
        ("umid", "message", True),
    ]
    assert [step for step in plans(list(queries)) if "_by_" in step] == []  # the other indexes


@pytest.mark.django_db
def test_an_own_id_that_a_reader_may_not_see_hides_nothing():
    record(a_receipt(sub_account="southwind"), an_error(umid=UMID, sub_account="northwind"))

    held = hold([_id_ways(UMID)], Seeing({"northwind"}))

    assert [(way, hit.kind) for (way, _), hits in held.items() for hit in hits] == [
        ("umid", "error")
    ]


def _id_ways(id: UUID) -> list[Way]:
    return [*((name, id) for name in ID_WAYS), *((name, str(id)) for name in CLIENT_WAYS)]
