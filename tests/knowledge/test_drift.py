"""What was never seen before goes into the inbox once, by the drain itself."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.events.signals import told
from support_portal.ingest import services as intake
from support_portal.ingest.models import Delivery
from support_portal.knowledge import drift, listening, services
from support_portal.knowledge.models import Drift, DriftKind, DriftState
from support_portal.knowledge.noting import MOST_A_DAY, MOST_SAMPLES, Place, Sighting, note
from support_portal.knowledge.services import Words
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import Refused
from support_portal.reason_codes import registries
from tests.dashboard.sending import UMID, a_receipt, an_error, sent
from tests.ingest.sent import encoded

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is gone."""


def saying(number: int, message: str, code: int = 1300) -> dict[str, object]:
    """Return an API error with a message of its own."""
    return an_error(number, code=code) | {"message": message}


def inbox() -> list[tuple[str, int, str, str, int]]:
    """Return table, code, kind, wording and count of every entry."""
    rows = Drift.objects.order_by("registry", "code", "form")
    return list(rows.values_list("registry", "code", "kind", "form", "seen"))


def test_the_official_text_is_nothing_new() -> None:
    sent(saying(1, "Not found"), saying(2, "not  found."), saying(3, ""))

    assert inbox() == []


def test_every_listed_code_with_its_own_text_is_nothing_new() -> None:
    for key, table in registries().items():
        if key == "api_error":
            sent(*(saying(n, reason.text, n) for n, reason in table.codes.items()))

    assert inbox() == []


def test_another_wording_is_noted_once_with_its_records() -> None:
    sent(saying(1, "Batch 17 not found"), saying(2, "Batch 18 not found"))
    sent(saying(3, "batch 19 not found."))

    assert inbox() == [("api_error", 1300, "reworded", "Batch {number} not found", 3)]
    assert len(Drift.objects.get().samples) == 3


def test_a_code_that_no_table_lists_is_noted_with_its_table() -> None:
    sent(
        saying(1, "Quiet hours", 9999),
        a_receipt(state="undelivered", errorCode=777, errorMessage="No such day"),
    )

    assert inbox() == [
        ("api_error", 9999, "unknown", "Quiet hours", 1),
        ("sms_dlr", 777, "unknown", "No such day", 1),
    ]
    assert Drift.objects.get(code=777).samples == [["message", UMID]]


def test_a_repeat_of_the_same_error_is_not_counted_again() -> None:
    sent(saying(1, "Odd"), saying(1, "Odd"))
    sent(saying(1, "Odd"))

    assert inbox() == [("api_error", 1300, "reworded", "Odd", 1)]


def test_a_few_samples_are_enough() -> None:
    sent(*(saying(number, "Odd") for number in range(1, 20)))
    sent(saying(30, "Odd"))

    entry = Drift.objects.get()
    assert (entry.seen, len(entry.samples)) == (20, MOST_SAMPLES)


def test_what_was_settled_is_not_counted_and_does_not_come_back(lead: User) -> None:
    sent(saying(1, "Odd"))
    drift.settle(Drift.objects.get().id, DriftState.ACCEPTED, author=lead)

    sent(saying(2, "Odd"))

    assert list(Drift.objects.values_list("state", "seen")) == [("accepted", 1)]


def test_a_flood_of_one_table_is_one_more_entry() -> None:
    codes = range(50_000, 50_000 + MOST_A_DAY + 30)
    sent(*(saying(code, "Odd", code) for code in codes))
    sent(*(saying(code + 1000, "Odder", code) for code in codes))

    kinds = list(Drift.objects.values_list("kind", flat=True))
    more = Drift.objects.get(kind=DriftKind.MORE)
    assert (kinds.count("unknown"), kinds.count("more")) == (MOST_A_DAY, 1)
    assert more.seen == 2 * len(codes) - MOST_A_DAY


def test_a_flood_of_one_table_leaves_room_for_the_others() -> None:
    sent(*(saying(code, "Odd", code) for code in range(50_000, 50_100)))
    sent(a_receipt(state="undelivered", errorCode=777))

    assert Drift.objects.filter(registry="sms_dlr").count() == 1


def test_a_drain_that_dies_leaves_nothing_and_the_next_one_notes_it_once() -> None:
    intake.receive(encoded(saying(1, "Odd")), source="api")
    with pytest.raises(Killed):
        _drain_and_die()
    assert (Drift.objects.count(), Delivery.objects.pending().count()) == (0, 1)

    intake.drain()
    intake.drain()

    assert inbox() == [("api_error", 1300, "reworded", "Odd", 1)]


def test_a_fault_while_noting_does_not_stop_the_intake() -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("a fault of ours")

    told.connect(fail)
    try:
        sent(saying(1, "Odd"))
    finally:
        told.disconnect(fail)

    assert (Delivery.objects.get().recorded, len(inbox())) == (1, 1)


def test_naming_a_code_settles_what_waits_for_a_name(lead: User) -> None:
    sent(saying(1, "Quiet hours", 9999), saying(2, "Night", 9999), saying(3, "Odd"))

    services.override(
        Subject("api_error", 9999), Words(name="Quiet hours"), base=0, author=lead, reason="seen"
    )
    sent(saying(4, "No sending at night", 9999))

    states = Drift.objects.filter(code=9999).order_by("form").values_list("form", "kind", "state")
    assert list(states) == [
        ("Night", "unknown", "named"),
        ("No sending at night", "reworded", "open"),
        ("Quiet hours", "unknown", "named"),
    ]
    assert drift.open_entries() == 2


def test_setting_aside_needs_a_reason_and_the_second_of_two_leads_is_told(lead: User) -> None:
    sent(saying(1, "Odd"))
    key = Drift.objects.get().id

    with pytest.raises(Refused):
        drift.settle(key, DriftState.ASIDE, author=lead, reason=" ")
    first = drift.settle(key, DriftState.ASIDE, author=lead, reason="a test of theirs")
    second = drift.settle(key, DriftState.ACCEPTED, author=lead)

    assert (first, second) == (True, False)
    assert [(step.state, step.reason) for step in drift.history([Drift.objects.get()])] == [
        ("aside", "a test of theirs")
    ]


def test_times_are_those_of_the_arrivals() -> None:
    moment = timezone.now()
    place = Place("api_error", "", 1300)
    for hours in (1, 3, 2):
        at = moment - timedelta(hours=hours)
        note([Sighting(place, "Odd", "error", UUID(int=hours), at)])

    entry = Drift.objects.get()
    assert (moment - entry.first_seen, moment - entry.last_seen) == (
        timedelta(hours=3),
        timedelta(hours=1),
    )


def test_many_messages_of_one_code_cost_a_bounded_number_of_queries(
    django_assert_max_num_queries: object,
) -> None:
    place = Place("api_error", "", 1300)
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(5000)]
    seen = [
        Sighting(place, word, "error", UUID(int=number + 1), timezone.now())
        for number, word in enumerate(words)
    ]

    with django_assert_max_num_queries(10):  # type: ignore[operator]
        note(seen)

    assert 0 < Drift.objects.count() <= MOST_A_DAY


def test_the_drain_is_listened_to_once() -> None:
    before = len(told.receivers)

    listening.connect()

    assert len(told.receivers) == before


def _drain_and_die() -> None:
    with transaction.atomic():
        intake.drain()
        raise Killed
