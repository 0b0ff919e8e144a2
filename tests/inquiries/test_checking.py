"""What keeps a letter here, and how it is let pass."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import User
from support_portal.inquiries import files, gate, mending, services
from support_portal.inquiries.checking import (
    LOGS_KEPT,
    OF_SAMPLES,
    TYPED,
    Finding,
    Letter,
    check,
    in_order,
)
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.gate import Blocked
from support_portal.inquiries.leaks import leaks, plainly
from support_portal.inquiries.letter_of import samples_of
from support_portal.inquiries.letters import Draft, Sample, compose
from support_portal.inquiries.models import Inquiry
from support_portal.writing import markdown, plain
from tests.dashboard.rows import NOON, UMID, error, save_errors
from tests.inquiries.rows import FIRST, SECOND, failed_message, inquiry_of, wanted
from tests.inquiries.test_leaks import BODIES, CODES, KEYS, numbers


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    """Let the samples be fresh whenever the tests run."""
    with time_machine.travel(NOON + timedelta(hours=1)):
        yield


GOOD = Sample(FIRST, error_id=FIRST, at=NOON, code=1300, registry="api_error", meaning="Not found")
TO = "cpaas-support@8x8.com"
DRAFT = Draft("INQ-1", "api_error", "P2", "API", subject="1300", question="What happened?")


def found(
    *samples: Sample, draft: Draft = DRAFT, now: datetime = NOON, **more: Any
) -> list[Finding]:
    return check(Letter(draft, samples, **{"to": TO, "recipients": [TO]} | more), now)


def keys(*samples: Sample, **more: Any) -> list[tuple[str, bool]]:
    return [(each.key, each.blocking) for each in found(*samples, **more)]


def test_a_good_letter_has_nothing_to_mend() -> None:
    assert keys(GOOD) == []
    assert len(in_order(DRAFT, found(GOOD))) == 4
    follows = replace(DRAFT, question="", follows=NOON)
    assert in_order(follows, found(GOOD, draft=follows)) == in_order(DRAFT, found(GOOD))[1:]


@pytest.mark.parametrize(
    ("sample", "wrong"),
    [
        (replace(GOOD, at=None), [("timed", True)]),
        (replace(GOOD, error_id=None, held=False), [("no_name", False)]),
        (replace(GOOD, at=NOON - LOGS_KEPT - timedelta(seconds=1)), [("old", True)]),
        (replace(GOOD, at=NOON - LOGS_KEPT), []),
        (replace(GOOD, ambiguous=True), [("ambiguous", False)]),
        (replace(GOOD, text="to +63 917 123 4567"), [("number", True)]),
        (replace(GOOD, endpoint="GET /?apiKey=abcdefgh1234"), [("key", True)]),
        (replace(GOOD, text="OTP 493817"), [("one_time", True)]),
        (replace(GOOD, text='{"text":"Your parcel"}'), [("body", True)]),
    ],
)
def test_what_is_wrong_with_a_sample_is_said(sample: Sample, wrong: list[tuple[str, bool]]) -> None:
    assert keys(sample) == wrong


def test_what_is_wrong_with_the_letter_is_said() -> None:
    other = replace(GOOD, record_id=SECOND, registry="sms_dlr")

    assert keys() == [("named", True)]
    assert keys(GOOD, to="else@example.com") == [("to", True)]
    assert keys(GOOD, draft=replace(DRAFT, question=" ", subject="")) == [
        ("asked", True),
        ("subject", True),
    ]
    assert keys(GOOD, other) == [("mixed", False)]
    assert keys(GOOD, same=["INQ-7"]) == [("alike", False)]


def test_samples_are_named_by_their_numbers_in_the_letter() -> None:
    old = replace(GOOD, record_id=SECOND, at=NOON - timedelta(days=400))

    (finding,) = found(old, GOOD)

    assert (finding.title, finding.samples) == ("Sample 2: older than 6 months", (2,))


def test_the_mark_is_that_of_what_was_found() -> None:
    def mark(text: str) -> str:
        return found(replace(GOOD, text=text))[0].mark

    assert mark("+639171234567") == mark("+639171234567") != mark("+639171234568")


SECRETS = st.one_of(numbers(), KEYS, CODES, BODIES)


@given(SECRETS, st.sampled_from([*TYPED, *OF_SAMPLES]), st.text(max_size=20))
def test_whatever_field_holds_a_secret_the_letter_stays_here(
    secret: str, field: str, around: str
) -> None:
    text = f"{around}\n{secret}\n{around}"
    draft, sample = DRAFT, GOOD
    if field in TYPED:
        draft = replace(DRAFT, **{field: text})
    else:
        sample = replace(GOOD, **{field: text})

    blocking = [each for each in found(sample, draft=draft) if each.blocking]

    assert blocking


@given(st.lists(st.tuples(st.sampled_from([*TYPED, *OF_SAMPLES]), SECRETS), max_size=4), st.text())
def test_nothing_leaves_in_any_form_that_the_checks_let_pass(
    planted: list[tuple[str, str]], noise: str
) -> None:
    draft, sample = replace(DRAFT, body=noise), replace(GOOD, text=noise)
    for field, secret in planted:
        if field in TYPED:
            draft = replace(draft, **{field: secret})
        else:
            sample = replace(sample, **{field: secret})
    if any(each.blocking for each in found(sample, draft=draft)):
        return

    document = compose(draft, [sample])
    for text in (
        plain(document),
        markdown(document),
        files.as_csv([sample]),
        files.as_ndjson([sample]),
    ):
        assert not any(plainly(secret) in plainly(text) for _, secret in planted)


def test_a_blocked_letter_passes_when_each_finding_is_set_aside_with_a_reason(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST, occurred_at=NOON)
    said = {"body": "Call +63 917 123 4567"}
    inquiry = services.save(inquiry, said, agent, base=1)
    with pytest.raises(Blocked, match="A whole phone number"):
        gate.must_be_in_order(inquiry, samples_of(inquiry))
    (finding,) = gate.judge(inquiry, samples_of(inquiry)).blocking

    with pytest.raises(ValueError, match="Say why"):
        gate.set_aside(inquiry, finding.mark, " \n", agent)
    assert not gate.set_aside(inquiry, "0" * 64, "because", agent)
    assert gate.set_aside(inquiry, finding.mark, "It is our own switchboard.", agent)

    gate.must_be_in_order(inquiry, samples_of(inquiry))
    last = inquiry.history.order_by("-id")[0]
    assert last.detail == "A whole phone number: It is our own switchboard."
    services.save(inquiry, {"body": "Call +63 917 123 4568"}, agent, base=2)
    inquiry.refresh_from_db()
    with pytest.raises(Blocked):
        gate.must_be_in_order(inquiry, samples_of(inquiry))


def test_cleaning_takes_out_what_leaks_everywhere(agent: User) -> None:
    save_errors(error(1, message="apiKey=abcdefgh1234", sub_account="to 00639171234567"))
    inquiry = services.start(agent, wanted(FIRST))
    said = {"body": "Call +63 917 123 4567.\nOTP 493817", "question": "Fine?"}
    inquiry = services.save(inquiry, said, agent, base=1)

    cleaned = mending.clean(inquiry, agent)

    assert (cleaned.body, cleaned.question) == ("Call +63••••••4567.\n[removed]", "Fine?")
    assert inquiry.evidence.get().text == "[removed]"
    assert gate.judge(cleaned, samples_of(cleaned)).blocking == []


def test_the_template_asks_where_nothing_is_asked(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    inquiry = services.save(inquiry, {"question": "", "subject": "Mine"}, agent, base=1)

    asked = mending.ask(inquiry, agent)

    assert asked.question.startswith("What caused these answers with code 1300")
    assert asked.subject == "Mine"


def test_a_letter_on_two_tables_becomes_two(agent: User) -> None:
    failed_message()
    inquiry = inquiry_of(agent, FIRST, SECOND)
    services.add(inquiry, [Wanted(Named.MESSAGE, UMID)], agent)

    other = mending.split(inquiry, agent)

    assert {row.record_id for row in inquiry.evidence.all()} == {FIRST, SECOND}
    assert [row.record_id for row in other.evidence.all()] == [UMID]
    assert other.kind == "failed_delivery"
    assert mending.split(other, agent) == other
    assert Inquiry.objects.count() == 2


def test_text_is_looked_at_once_however_often_it_stands_there() -> None:
    samples = [replace(GOOD, record_id=UUID(int=n), text="+639171234567") for n in range(1, 50)]

    assert found(*samples)[0].detail == "+63…67 in sample 1"
    assert leaks([]) == []


@pytest.mark.parametrize("text", ["=cmd()", " =cmd()", "\uff1dcmd()", "@SUM(A1)"])
def test_no_cell_of_the_evidence_is_computed(text: str) -> None:
    (row,) = list(csv.DictReader(io.StringIO(files.as_csv([replace(GOOD, text=text)]))))

    assert row["text"] == f"'{text}"


def test_every_check_offers_a_way_to_mend_it() -> None:
    old = replace(
        GOOD, record_id=SECOND, at=NOON - LOGS_KEPT - timedelta(days=1), registry="sms_dlr"
    )
    unclear = Sample(
        UUID(int=5), held=False, ambiguous=True, text="Bearer abcdef123456 +639171234567"
    )
    bad = replace(DRAFT, subject="", question="", body="code is 123456 {'text': 'Hello'}")

    several = found(GOOD, old, unclear, draft=bad, to="x@example.com", same=["INQ-2"])
    nothing = found()

    wrong = {each.key: each.mend for each in [*several, *nothing]}
    assert wrong == {
        "to": "to", "asked": "ask", "subject": "ask", "named": "find", "no_name": "words",
        "timed": "tell", "old": "remove", "number": "clean", "key": "clean", "one_time": "clean",
        "body": "clean", "mixed": "split", "ambiguous": "words", "alike": "join",
    }  # fmt: skip
