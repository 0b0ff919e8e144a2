"""What the demo leaves in the inbox of what was never seen before."""

from uuid import UUID

import pytest
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.events.arrivals import Arrived, Told
from support_portal.knowledge import drift
from support_portal.knowledge.listening import sightings
from support_portal.knowledge.models import Drift, DriftKind, DriftState, DriftStep
from support_portal.knowledge.noting import Place, Sighting, note
from support_portal.operations.demo.novelties import settle_novelties
from support_portal.operations.demo.world import talk
from support_portal.payloads import ApiError, Receipt
from tests.operations.test_demo_story import records

BATCH = 1_000  # items, as the drain takes them
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noted(lead: User) -> None:
    """Note what the whole story tells, in the order in which it is fed."""
    came = [Arrived(record, at, UUID(int=1), 0) for at, record in records()]
    for place in range(0, len(came), BATCH):
        batch = came[place : place + BATCH]
        errors = [each for each in batch if isinstance(each.record, ApiError)]
        receipts = [each for each in batch if isinstance(each.record, Receipt)]
        note(sightings(Told(errors, receipts, [])))  # type: ignore[arg-type]


def left() -> list[tuple[str, int, str]]:
    waiting = Drift.objects.filter(state=DriftState.OPEN).order_by("registry", "code")
    return list(waiting.values_list("registry", "code", "form"))


def test_a_handful_waits_and_the_rest_was_settled_by_the_lead(lead: User) -> None:
    before = len(left())
    settle_novelties()

    waiting = left()
    assert len(waiting) == len(talk().left_open) == 7 < before
    for each in talk().left_open:
        assert any(
            (table, code) == (each.table, each.code) and form.startswith(each.form)
            for table, code, form in waiting
        )
    steps = DriftStep.objects.all()
    assert {step.author for step in steps} == {lead}
    assert {step.state for step in steps} == {DriftState.ACCEPTED, DriftState.ASIDE}
    assert all(step.reason for step in steps if step.state == DriftState.ASIDE)


def test_what_a_visitor_sends_on_the_first_day_is_listed() -> None:
    settle_novelties()

    new = Place("api_error", "", 1300)
    note([Sighting(new, "Parcel not found", "error", UUID(int=7), timezone.now())])

    assert ("api_error", 1300, "Parcel not found") in left()
    assert not Drift.objects.filter(kind=DriftKind.MORE, noted_on=timezone.now().date()).exists()


def test_it_is_settled_once_and_what_is_opened_again_stays_open(lead: User) -> None:
    settle_novelties()
    settled = Drift.objects.filter(state=DriftState.ASIDE).first()
    assert settled is not None
    drift.settle(settled.id, DriftState.OPEN, author=lead, before=DriftState.ASIDE)

    settle_novelties()

    assert len(left()) == 8


def test_without_a_lead_nothing_is_settled(lead: User) -> None:
    lead.username = "somebody"
    lead.save()

    settle_novelties()

    assert DriftStep.objects.count() == 0
