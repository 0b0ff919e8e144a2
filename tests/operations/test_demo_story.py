"""The demo company before it is sent: plain data, no database."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import pytest

from support_portal.operations.demo import clock, ids
from support_portal.operations.demo.finding import find_incidents
from support_portal.operations.demo.remarks import subject
from support_portal.operations.demo.sending import client_document_line
from support_portal.operations.demo.story import SEED, Story, body, tell
from support_portal.operations.demo.world import errors, plots, talk, world
from support_portal.payloads import ApiError, Receipt, Record, Unrecognised, parse, split
from support_portal.payloads.forensics import examine
from support_portal.payloads.phones import country
from support_portal.reason_codes import Context, decode
from tests.payloads.samples import one

NOW = datetime(2026, 7, 23, 9, 30, tzinfo=UTC)
CLIENT_DOCUMENT = b"""{"receivedAt":"2026-07-07T09:30:01.000000Z","delivery":{"code":1300,\
"message":"Object wasn't found or is already expired",\
"errorId":"1cc1eda1-f5dd-ea11-8288-0263195dd35a","timestamp":"2020-12-22T05:52:01.85Z"}}
"""


@cache
def told() -> Story:
    return tell(NOW)


@cache
def records() -> list[tuple[datetime, Record]]:
    """Every line of the story, as the intake would understand it, with when it was received."""
    items = split(body(told().lines))
    return [(item.received_at or NOW, one(item.raw)) for item in items]


def receipts() -> list[Receipt]:
    return [record for _, record in records() if isinstance(record, Receipt)]


def api_errors() -> list[ApiError]:
    return [record for _, record in records() if isinstance(record, ApiError)]


def test_the_same_moment_and_seed_tell_the_same_story_to_the_byte() -> None:
    again = tell(NOW)

    assert body(again.lines) == body(told().lines)


@pytest.mark.parametrize(("now", "seed"), [(NOW + timedelta(seconds=1), SEED), (NOW, SEED + 1)])
def test_another_moment_or_seed_tells_another_story(now: datetime, seed: int) -> None:
    other = tell(now, seed)

    assert body(other.slice(0)) != body(told().slice(0))


def test_the_story_has_the_size_of_a_real_fortnight() -> None:
    story = told()

    assert len(story.sent) == 22_700
    assert 2_400 <= len({error.error_id for error in api_errors()}) <= 2_450
    assert 70_000 <= len(story.lines) <= 80_000
    assert len(records()) == len(story.lines)


def test_the_slices_hold_every_line_once_and_the_newest_first() -> None:
    story = told()

    slices = [story.slice(number) for number in range(story.slice_count)]

    assert [line for part in slices for line in part] == story.lines
    arrivals = [line.received_at for line in story.lines]
    assert arrivals == sorted(arrivals, reverse=True)
    assert all(200 <= len(part) <= 500 for part in slices[:-1])


def test_everything_happened_and_arrived_within_the_last_fourteen_days() -> None:
    start = NOW - timedelta(days=16)

    outside = [
        record
        for received_at, record in records()
        if not (start <= record.occurred_at < NOW and record.occurred_at < received_at < NOW)
    ]

    assert outside == []


def test_the_last_hour_is_as_alive_as_the_one_before() -> None:
    ages = [int((NOW - received_at) / timedelta(hours=1)) for received_at, _ in records()]

    counted = Counter(ages)

    assert counted[0] > 50
    assert counted[1] > 50
    assert len(counted) == 16 * 24


def test_nights_and_sundays_are_quiet() -> None:
    manila = [
        datetime.fromtimestamp(sent.moment, UTC) + timedelta(hours=8)
        for sent in told().sent
        if sent.sub.key == "northwind_ph_hq"
    ]

    hours = Counter(moment.hour for moment in manila)
    weekdays = Counter(moment.weekday() for moment in manila)

    assert hours[3] * 5 < hours[14]
    assert weekdays[6] * 2 < weekdays[1]


def test_every_number_comes_from_a_declared_block_and_leads_to_its_country() -> None:
    blocks = {
        (key, block.prefix, len(block.prefix) + block.digits)
        for key, place in world().countries.items()
        for block in place.blocks
    }
    numbers = {record.destination for _, record in records() if record.destination}

    strangers = [
        number
        for number in numbers
        if not any(
            number.startswith(prefix) and len(number) == length and country(number) == key
            for key, prefix, length in blocks
        )
    ]

    assert strangers == []
    assert {country(number) for number in numbers} == set(world().countries)


def test_every_channel_and_sub_account_is_there() -> None:
    found = {(record.sub_account, record.channel) for record in receipts()}

    assert {channel for _, channel in found} == {"sms", "whatsapp", "viber", "rcs"}
    assert {sub for sub, _ in found} == {sub.key for sub in world().sub_accounts}
    assert len(world().sub_accounts) == 8


def test_a_fallback_keeps_its_umid_across_channels() -> None:
    channels: dict[object, set[str]] = {}
    for record in receipts():
        channels.setdefault(record.umid, set()).add(record.channel)

    several = Counter(len(each) for each in channels.values())

    assert several[2] > 1_500
    assert set(several) == {1, 2}


def test_receipts_repeat_byte_for_byte_at_the_pauses_of_a_webhook() -> None:
    arrivals: dict[bytes, list[datetime]] = {}
    for item in split(body(told().lines)):
        if b'"namespace"' in item.raw and item.received_at:
            arrivals.setdefault(item.raw, []).append(item.received_at)

    times = Counter(len(each) for each in arrivals.values())
    pauses = {
        round((second - first).total_seconds())
        for each in arrivals.values()
        for first, second in zip(sorted(each), sorted(each)[1:], strict=False)
    }

    assert set(times) == {1, 2, 3, 4}
    assert times[2] > 500
    assert pauses == {1, 10, 30}


def test_some_receipts_overtake_each_other_and_some_come_hours_late() -> None:
    seen: dict[object, datetime] = {}
    overtaken = 0
    for _, record in sorted(records(), key=lambda pair: pair[0]):
        if isinstance(record, Receipt):
            overtaken += record.occurred_at < seen.get(record.umid, record.occurred_at)
            seen[record.umid] = max(record.occurred_at, seen.get(record.umid, record.occurred_at))
    late = sum(got - record.occurred_at > timedelta(hours=1) for got, record in records())

    assert overtaken > 500
    assert late > 100


def test_some_messages_turn_bad_late_and_some_stay_at_sent() -> None:
    lives: dict[object, list[Receipt]] = {}
    for record in receipts():
        lives.setdefault(record.umid, []).append(record)
    ordered = [sorted(life, key=lambda one: one.occurred_at) for life in lives.values()]

    endings = Counter(tuple(dict.fromkeys(one.state for one in life)) for life in ordered)

    assert endings[("sent",)] > 150
    assert endings[("sent", "delivered", "undelivered")] > 40
    assert endings[("rejected",)] > 50


def test_the_incident_stands_out_minute_by_minute() -> None:
    start = datetime(2026, 7, 23, 2, 20, tzinfo=UTC)
    failed = [
        record
        for record in receipts()
        if record.channel == "sms" and record.error_code == world().incident.code
    ]

    minutes = Counter(int((record.occurred_at - start) / timedelta(minutes=1)) for record in failed)

    assert {record.destination[:9] for record in failed} == {"+63900000"}
    assert min(minutes) >= 0
    assert max(minutes) <= 41
    assert len(minutes) >= 38
    assert sum(minutes.values()) > 200


def test_during_the_incident_the_other_operator_delivers() -> None:
    start = datetime(2026, 7, 23, 2, 20, tzinfo=UTC)
    states = Counter(
        record.state
        for record in receipts()
        if record.destination.startswith("+63900001")
        and start <= record.occurred_at < start + timedelta(minutes=40)
    )

    assert states["delivered"] > 50
    assert states["undelivered"] * 5 < states["delivered"]


@pytest.mark.parametrize("hour", range(24))
def test_the_incident_is_over_before_now_at_any_hour(hour: int) -> None:
    now = NOW.replace(hour=hour).timestamp()

    start = clock.incident_start(world().incident, now)

    assert 80 * 60 < now - start <= 24 * 3600 + 80 * 60


def test_codes_are_the_common_ones_with_two_that_no_table_lists() -> None:
    counted = Counter(error.code for error in api_errors())

    assert {code for code, _ in counted.most_common(6)} == {1300, 1002, 429, 3038, 1200, 2000}
    assert counted[7001] > 0
    assert not decode(Context.API_ERROR, "", 8417).known
    assert counted[8417] > 0


def test_errors_come_bare_and_with_their_context() -> None:
    wrapped = Counter(error.http_status is not None for error in api_errors())
    destinations = sum(bool(error.destination) for error in api_errors())
    linked = {error.umid for error in api_errors()} & {record.umid for record in receipts()}

    assert 0.7 < wrapped[True] / wrapped.total() < 0.8
    assert destinations > 500
    assert len(linked) > 100


def test_every_hostile_text_occurs() -> None:
    messages = {error.message for error in api_errors()}

    assert set(errors().hostile.messages) <= messages


def test_some_errors_are_told_twice_and_the_codes_disagree() -> None:
    codes: dict[object, set[int]] = {}
    for error in api_errors():
        codes.setdefault(error.error_id, set()).add(error.code)

    assert Counter(len(each) for each in codes.values())[2] == world().variants


def test_ids_come_from_the_generators_of_today_and_a_few_from_the_old_one() -> None:
    errors_by_id = {error.error_id: error.occurred_at for error in api_errors()}
    families = {
        error_id: examine(error_id, occurred_at) for error_id, occurred_at in errors_by_id.items()
    }

    counted = Counter(each.family for each in families.values())
    gaps = [
        (errors_by_id[error_id] - each.embedded_at).total_seconds()
        for error_id, each in families.items()
        if each.family == "seq-v1" and each.embedded_at
    ]

    assert counted["comb"] > counted["random"] > counted["seq-v1"] > 20
    assert set(counted) == {"comb", "random", "seq-v1"}
    assert all(-1 < gap < 0.1 for gap in gaps)


def test_a_sequential_id_carries_its_moment() -> None:
    moment = NOW.timestamp() + 0.25

    made = examine(ids_as_uuid(ids.sequential(moment)), None)

    assert (made.family, made.embedded_at) == ("seq-v1", NOW + timedelta(seconds=0.25))


def ids_as_uuid(text: str) -> UUID:
    record = one(
        b'{"code":1,"message":"","errorId":"%s","timestamp":"2026-07-23T09:30:00Z"}' % text.encode()
    )
    assert isinstance(record, ApiError)
    return record.error_id


def test_the_error_of_the_client_document_is_sent_to_the_letter() -> None:
    line = client_document_line(NOW)

    assert body([line]) == CLIENT_DOCUMENT


def test_strays_are_understood_by_no_parser() -> None:
    items = split("\n".join(talk().strays.lines).encode())

    for item in items:
        with pytest.raises(Unrecognised):
            parse(item.raw)
    assert len(items) == len(talk().strays.lines)


def test_every_comment_has_a_subject_and_every_failure_a_table() -> None:
    subjects = [subject(told(), remark.on, NOW.timestamp()) for remark in talk().comments]

    assert all(about.since < NOW.timestamp() for about in subjects)
    channels = {step.channel.lower() for plot in plots().plots for step in plot.steps}
    assert channels | {"rejected"} == set(plots().failures)


def test_the_detector_is_led_through_the_minutes_of_what_is_planted() -> None:
    looks: list[datetime] = []

    find_incidents(NOW, looks.append)

    assert looks == sorted(set(looks))
    assert NOW - timedelta(days=2) < looks[0]
    assert looks[-1] < NOW
    assert 80 < len(looks) < 200
