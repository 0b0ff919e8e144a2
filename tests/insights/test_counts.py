"""Counts are those of the facts: whatever came, in any order, asked under any filter."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from support_portal.core.models import GoneBefore
from support_portal.events import group_store, retention
from support_portal.events.models import (
    EVERYTHING,
    DeliveryReceipt,
    ErrorEvent,
    ErrorGroup,
    ErrorVariant,
    Message,
)
from support_portal.insights import asking, combinations, rebuilding
from support_portal.insights.asking import Choice, Question
from support_portal.insights.models import ANY, Combination, Grain, Kind, Rebuilding, Volume
from tests.events.arrived import NUMBER, UMID, a_receipt, an_error, at, record

pytestmark = pytest.mark.django_db

IDS = [f"00000000-0000-4000-8000-{number:012x}" for number in range(12)]
BEGIN = at(-200_000)
# Around the edges of minutes, hours and days, where a count could fall on the wrong side.
MOMENTS = st.one_of(
    st.integers(0, 400_000).map(lambda seconds: BEGIN + timedelta(seconds=seconds)),
    st.tuples(st.integers(0, 110), st.integers(-1, 1)).map(
        lambda told: (
            datetime(2026, 7, 18, tzinfo=UTC) + timedelta(hours=told[0], microseconds=told[1])
        )
    ),
)
SUB_ACCOUNTS = ["", "northwind", "northwind_otp"]
ERRORS = st.builds(
    an_error,
    error_id=st.sampled_from(IDS).map(UUID),
    code=st.sampled_from([1300, 2000, 7001]),
    occurred_at=MOMENTS,
    message=st.sampled_from(["Object wasn't found", "Invalid MSISDN +6391", "Invalid MSISDN +65"]),
    sub_account=st.sampled_from(SUB_ACCOUNTS),
    channel=st.sampled_from(["", "sms"]),
    destination=st.sampled_from(["", NUMBER]),
    http_status=st.sampled_from([None, 404, 500]),
    method=st.sampled_from(["", "GET"]),
    path=st.sampled_from(["", "/api/v1/subaccounts/northwind/messages/x1"]),
)
RECEIPTS = st.builds(
    a_receipt,
    st.sampled_from(["queued", "sent", "delivered", "undelivered"]),
    umid=st.sampled_from(IDS).map(UUID),
    occurred_at=MOMENTS,
    sub_account=st.sampled_from(SUB_ACCOUNTS),
    channel=st.sampled_from(["sms", "whatsapp"]),
    operator=st.sampled_from(["", "Example Mobile"]),
    error_code=st.sampled_from([None, 15, 61]),
    context=st.just("sms_receipt"),
)
BATCHES = st.lists(st.lists(st.one_of(ERRORS, RECEIPTS), max_size=8), max_size=4)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Stand shortly after what is recorded here, so that minutes are told apart."""
    moment = datetime(2026, 7, 20, 12, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def forget():
    for model in (
        ErrorEvent,
        ErrorVariant,
        Message,
        DeliveryReceipt,
        ErrorGroup,
        Combination,
        Volume,
    ):
        model.objects.all().delete()
    group_store.known.forget()
    combinations.known.forget()


def wrong():
    return [each for day in rebuilding.days() for each in rebuilding.differences(day)]


@given(BATCHES)
def test_counts_are_those_of_the_facts_whatever_came(batches):
    forget()
    for batch in batches:
        record(*batch)

    assert wrong() == []


CHOICES = st.builds(
    Choice,
    st.sets(st.sampled_from([1300, 7001, 61, None])).map(frozenset),
    st.booleans(),
    st.sampled_from([(), ((15, 1300),), ((0, 60), (2000, 2**31 - 1))]),
)
PLACES = st.builds(
    Choice, st.sets(st.sampled_from(SUB_ACCOUNTS)).map(frozenset), st.booleans(), st.just(())
)


@given(BATCHES, MOMENTS, MOMENTS, CHOICES, PLACES, st.sampled_from(Kind))
def test_total_facets_and_bars_are_those_of_the_list(batches, begin, end, codes, places, kind):
    forget()
    for batch in batches:
        record(*batch)
    chosen = {"code": [codes], "sub_account": [places]}
    question = Question(kind, begin, end, EVERYTHING, chosen)
    rows = [
        (row.code, row.sub_account) if kind is Kind.ERROR else (row.error_code, row.sub_account)
        for row in asking._facts(question, begin, end)
    ]
    admitted = [row for row in rows if codes.admits(row[0]) and places.admits(row[1])]

    cells = asking.cells(question)
    facets = asking.facets(question, cells, ["code", "sub_account"])

    assert asking.total(question, cells) == len(admitted)
    assert +facets["code"] == Counter(row[0] for row in rows if places.admits(row[1]))
    assert +facets["sub_account"] == Counter(row[1] for row in rows if codes.admits(row[0]))
    if begin < end:
        bars = asking.bars(question, asking.width(begin, end), ["code"])
        by_code = sum((Counter(dict(bar.parts)) for bar in bars), Counter())
        assert by_code == Counter((row[0],) for row in admitted)
        assert all(before.end == after.begin for before, after in pairwise(bars))
        assert bars[0].begin <= begin
        assert end <= bars[-1].end
        assert len(bars) <= asking.MOST_BARS + 1


@given(MOMENTS, MOMENTS, st.sampled_from(Grain))
def test_a_cover_is_the_range_without_gap_or_overlap(begin, end, coarsest):
    parts = asking.cover(begin, end, coarsest.value)

    pieces = [*parts.rests]
    for stretch in parts.stretches:
        assert stretch.first % stretch.grain == stretch.last % stretch.grain == 0
        pieces.append((asking.moment(stretch.first), asking.moment(stretch.last)))
    pieces.sort()
    if begin >= end:
        assert pieces == []
    else:
        assert pieces[0][0] == begin
        assert pieces[-1][1] == end
        assert all(one[1] == two[0] for one, two in pairwise(pieces))


@pytest.mark.parametrize("wide", [60, 1440, 2880, 7 * 1440])
def test_what_happened_before_1970_is_in_the_bar_of_its_time(wide):
    moment = datetime(1969, 12, 31, 23, 0, 30, tzinfo=UTC)  # by a clock that was never set
    record(an_error(occurred_at=moment))
    question = Question(
        Kind.ERROR, moment - timedelta(days=30), datetime(1970, 1, 1, tzinfo=UTC), EVERYTHING
    )

    filled = [bar for bar in asking.bars(question, wide) if bar.parts]

    assert [sum(bar.parts.values()) for bar in filled] == [1]
    assert filled[0].begin <= moment < filled[0].end


def test_a_reader_of_some_sub_accounts_counts_those_and_what_names_none():
    class Some:
        sub_accounts = ("northwind",)

    for number, name in enumerate(["", "northwind", "northwind", "other"]):
        record(an_error(error_id=UUID(IDS[number]), sub_account=name))
    question = Question(Kind.ERROR, at(-60), at(90), Some())

    assert asking.total(question, asking.cells(question)) == 3
    assert sum(sum(bar.parts.values()) for bar in asking.bars(question, 1)) == 3


def test_context_that_is_told_later_moves_the_count():
    record(an_error())
    told = {"sub_account": "northwind", "method": "GET", "path": "/api/v1/messages/77"}
    record(an_error(**told, http_status=404))
    question = Question(Kind.ERROR, at(-60), at(60), EVERYTHING)

    cells = asking.cells(question)

    traits = [(cell.traits.sub_account, cell.traits.http_status, cell.number) for cell in cells]
    assert traits == [("northwind", 404, 1)]
    assert ErrorGroup.objects.get(group_id=cells[0].traits.group_id).endpoint == (
        "GET /api/v1/messages/{}"
    )


def test_a_batch_that_is_rolled_back_leaves_no_count_and_no_group_known(monkeypatch):
    with transaction.atomic():
        record(an_error())
        transaction.set_rollback(True)
    record(an_error())

    assert ErrorGroup.objects.count() == 1
    assert wrong() == []


def test_more_combinations_than_the_limit_are_folded_and_still_counted(
    monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(combinations, "MOST", 2)
    for number, identifier in enumerate(IDS):
        with django_capture_on_commit_callbacks(execute=True):
            record(an_error(error_id=UUID(identifier), sub_account=f"sub{number}"))
    question = Question(Kind.ERROR, at(-60), at(60), EVERYTHING)

    cells = asking.cells(question)

    assert asking.total(question, cells) == len(IDS)
    assert not asking.is_exact(cells)
    assert Combination.objects.count() == 5
    assert sum(cell.number for cell in cells if cell.traits.sub_account == ANY) == len(IDS) - 4
    assert wrong() == []


def test_near_the_limit_two_workers_fold_as_one_and_as_a_rebuild(
    monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(combinations, "MOST", 2)
    first, second = combinations.Known(), combinations.Known()
    assert first.read() == second.read() == {}
    came = [(first, f"sub{number}") for number in range(6)]
    came += [(second, "sub6"), (first, "sub6"), (second, "sub0"), (second, "sub6")]
    for identifier, (worker, sub_account) in zip(IDS, came, strict=False):
        monkeypatch.setattr(combinations, "known", worker)
        with django_capture_on_commit_callbacks(execute=True):
            record(an_error(error_id=UUID(identifier), sub_account=sub_account))

    assert Combination.objects.count() == 5
    assert wrong() == []


def test_groups_of_a_code_are_limited(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(group_store, "MOST_OF_A_CODE", 2)
    for number, identifier in enumerate(IDS):
        with django_capture_on_commit_callbacks(execute=True):
            record(an_error(error_id=UUID(identifier), message="Not found: " + "x" * number))

    assert ErrorGroup.objects.count() == 3
    assert ErrorGroup.objects.filter(wording="", endpoint="").count() == 1


def test_the_command_finds_a_wrong_count_and_mends_it(capsys):
    record(an_error(), a_receipt())
    Volume.objects.filter(grain=Grain.HOUR).update(count=7)

    with pytest.raises(CommandError, match="2 counts are wrong"):
        call_command("rebuild_counts", "--check")
    call_command("rebuild_counts")
    call_command("rebuild_counts", "--check")

    assert "1 days are right" in capsys.readouterr().out


def test_facts_of_an_older_version_are_counted_and_grouped_day_by_day():
    record(an_error(), an_error(error_id=UMID, occurred_at=at(-90_000)))
    Volume.objects.all().delete()
    ErrorEvent.objects.update(group_id=0)

    left = [rebuilding.catch_up() for _ in range(3)]

    assert left == [True, True, False]
    assert wrong() == []
    assert not ErrorEvent.objects.filter(group_id=0).exists()
    assert Rebuilding.objects.get().day is None


def test_errors_that_were_counted_without_their_status_are_counted_anew():
    record(an_error(http_status=404), an_error(error_id=UMID, occurred_at=at(-90_000)))
    told, untold = (Combination.objects.get(http_status=status) for status in (404, None))
    Volume.objects.filter(combination=told).update(combination=untold)
    told.delete()
    combinations.known.forget()
    Rebuilding.objects.create(version=2, day=None)
    chosen = {"http_status": [Choice(frozenset(), spans=((400, 499),))]}
    question = Question(Kind.ERROR, at(-200_000), at(90_000), EVERYTHING, chosen)
    assert asking.total(question, asking.cells(question)) == 0

    left = [(rebuilding.catch_up(), asking.is_whole()) for _ in range(3)]

    assert left == [(True, False), (True, False), (False, True)]
    assert asking.total(question, asking.cells(question)) == 1
    assert wrong() == []


def test_days_whose_facts_are_gone_keep_their_counts():
    record(an_error())
    ErrorEvent.objects.all().delete()

    call_command("rebuild_counts")

    assert Volume.objects.filter(grain=Grain.DAY).get().count == 1


def test_a_day_of_which_the_older_facts_are_gone_keeps_its_counts():
    record(an_error(), an_error(error_id=UMID, occurred_at=at(3600)))
    record(an_error(error_id=UUID(int=1), occurred_at=at(86_400)))
    ErrorEvent.objects.filter(occurred_at__lt=at(60)).delete()
    GoneBefore.objects.note(retention.ERRORS, at(60))

    call_command("rebuild_counts")

    days = Volume.objects.filter(grain=Grain.DAY).order_by("bucket")
    assert list(days.values_list("count", flat=True)) == [2, 1]


@pytest.mark.parametrize("gone", [retention.MESSAGES, retention.ERRORS])
def test_a_day_is_counted_anew_of_the_kind_that_is_kept_longer(gone):
    record(an_error(), a_receipt())
    ErrorEvent.objects.update(http_status=404)
    Message.objects.update(country="SG")
    GoneBefore.objects.note(gone, at(86_400))

    call_command("rebuild_counts")
    call_command("rebuild_counts", "--check")

    held = Volume.objects.filter(grain=Grain.DAY, count__gt=0)
    found = held.values_list("combination__http_status", "combination__country")
    anew = {(404, "")} if gone == retention.MESSAGES else {(None, "SG")}
    assert len(found) == 2
    assert set(found) & {(404, ""), (None, "SG")} == anew
