"""Letters as Zendesk requests: exactly once, or it is said that nobody can know."""

import base64
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import User
from support_portal.core.env import Zendesk
from support_portal.inquiries import mailing, posting, sending, services
from support_portal.inquiries.models import Inquiry, Letter, Passage, State, Way
from support_portal.inquiries.posting import ATTEMPTS, CLAIM, post_next
from support_portal.inquiries.sending import NotPossible
from support_portal.inquiries.ways import zendesk
from support_portal.inquiries.ways import zendesk_api as api
from tests.dashboard.rows import NOON, error, save_errors
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted
from tests.inquiries.test_posting import a_certificate_of_nobody
from tests.inquiries.zendesk_server import TOKEN, USER, Breaks, Fault, Says, Server, Stalls, running
from tests.together import in_a_thread, many_writers

BUSY = {"Retry-After": "93"}
INVALID = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {"base": [{"description": "Subject: <b>is</b>\r\n too odd", "error": "Invalid"}]},
}
FILES = ["POST /api/v2/uploads.json"] * 2
CREATE, COMMENT = "POST /api/v2/requests.json", "PUT /api/v2/requests/35436.json"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.INQUIRY_SENDER = "Jürgen <support@northwind.example>"
    with running() as made, time_machine.travel(NOON + timedelta(hours=1), tick=False):
        settings.ZENDESK = made.signed_in
        yield made


@pytest.fixture
def letter(agent: User, server: Server) -> Letter:
    return sending.send(inquiry_of(agent, FIRST), Way.ZENDESK, agent)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zendesk, "SECONDS", 1.0)


def posts(**later: float) -> bool:
    """Let the worker look once, as if that much later, on both sides."""
    with time_machine.travel(timezone.now() + timedelta(**later), tick=False):
        return post_next()


def stands(letter: Letter) -> tuple[str, int, str]:
    letter.refresh_from_db()
    return letter.state, letter.attempts, letter.problem


def history(letter: Letter) -> list[tuple[str, str]]:
    return list(letter.inquiry.history.order_by("-id").values_list("what", "detail"))


def keys(server: Server) -> set[str]:
    return {
        each.headers["Idempotency-Key"]
        for each in server.asked
        if each.path == "/api/v2/requests.json"
    }


def test_the_files_go_first_and_then_the_request(letter: Letter, server: Server) -> None:
    assert posts()
    assert not posts(days=1)

    assert server.paths() == [*FILES, CREATE]
    assert server.requests == {
        35_436: {
            "subject": letter.subject,
            "comment": {"body": letter.text, "uploads": ["upload1", "upload2"]},
            "priority": "normal",
            "type": "question",
        }
    }
    assert [each[:3] for each in server.uploads.values()] == [
        ("evidence.csv", "text/csv", letter.csv.encode()),
        ("evidence.ndjson", "application/x-ndjson", letter.ndjson.encode()),
    ]
    assert stands(letter) == ("sent", 1, "")


def test_its_number_is_kept_and_told(letter: Letter, server: Server) -> None:
    posts()

    letter.refresh_from_db()
    inquiry = Inquiry.objects.get()
    assert (letter.request, inquiry.ticket, inquiry.version) == (35_436, "35436", 2)
    assert zendesk.page_of(letter) == f"{server.origin}/hc/requests/35436"
    assert history(letter)[:2] == [
        ("read the ticket number", "35436"),
        ("request sent", "taken by 8x8's Zendesk as 35436"),
    ]


def test_a_number_that_a_person_noted_stays(letter: Letter) -> None:
    Inquiry.objects.update(ticket="4711")
    posts()

    assert Inquiry.objects.get().ticket == "4711"


def test_we_sign_in_with_the_api_token(letter: Letter, server: Server) -> None:
    posts()

    signed = "Basic " + base64.b64encode(f"{USER}/token:{TOKEN}".encode()).decode()
    assert {each.headers["Authorization"] for each in server.asked} == {signed}


def test_without_a_token_the_request_says_who_asks(
    agent: User, server: Server, settings: Any
) -> None:
    settings.ZENDESK = Zendesk(server.origin)
    letter = sending.send(inquiry_of(agent, FIRST), Way.ZENDESK, agent)
    posts()

    asks = {"name": "Jürgen", "email": "support@northwind.example"}
    assert server.requests[35_436]["requester"] == asks
    assert not [each for each in server.asked if "Authorization" in each.headers]
    assert (stands(letter)[0], zendesk.page_of(letter)) == ("sent", "")


def test_the_fields_of_the_form_are_frozen_with_the_letter(
    agent: User, server: Server, settings: Any
) -> None:
    settings.INQUIRY_ACCOUNT = "Northwind (4711)"
    settings.ZENDESK_FIELDS = {360_001: "account", 360_002: "request_type", 360_003: "reference"}
    inquiry = inquiry_of(agent, FIRST)
    services.save(inquiry, {"severity": "p1", "request_type": "outage"}, agent, base=1)
    letter = sending.send(inquiry, Way.ZENDESK, agent)
    settings.ZENDESK_FIELDS = {}
    posts()

    asked = server.requests[35_436]
    assert (asked["priority"], asked["type"]) == ("urgent", "incident")
    assert asked["custom_fields"] == [
        {"id": 360_001, "value": "Northwind (4711)"},
        {"id": 360_002, "value": "Service Outage"},
        {"id": 360_003, "value": inquiry.reference},
    ]
    Letter.objects.update(form="{}")
    letter.refresh_from_db()
    assert sending.checksum(letter) != letter.checksum


@pytest.mark.parametrize("where", ["uploads", "requests"])
@pytest.mark.parametrize(
    ("fault", "seconds", "said"),
    [
        (Says(429, "Rate limit exceeded", BUSY), 93, "Zendesk answered 429 Rate limit exceeded"),
        (Says(429, "", {"Retry-After": "soon"}), 60, "Zendesk answered 429"),
        (Says(429, "", {"Retry-After": "9" * 40}), 86_400, "Zendesk answered 429"),
        (Says(503, {"error": "DatabaseError"}, BUSY), 93, "Zendesk answered 503 DatabaseError"),
        (Says(409, {"error": "Conflict"}), 60, "Zendesk answered 409 Conflict"),
    ],
)
def test_what_was_certainly_not_taken_is_tried_again_when_zendesk_wants(
    where: str, fault: Fault, seconds: int, said: str, letter: Letter, server: Server
) -> None:
    server.faults[where] = [fault]
    posts()

    assert stands(letter) == ("waiting", 1, said)
    assert letter.handed_at is None
    assert not posts(seconds=seconds - 1)
    assert posts(seconds=seconds)
    assert stands(letter) == ("sent", 2, "")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Says(401, {"error": "Couldn't authenticate you"}), "401 Couldn't authenticate you"),
        (Says(403, {"error": {"title": "Forbidden", "message": "Not you"}}), "403 Forbidden: Not you"),
        (Says(404, {"error": "RecordNotFound", "description": "Not found"}), "404 RecordNotFound: Not found"),
        (Says(422, INVALID), "422 RecordInvalid: Record validation errors: Subject: <b>is</b> too odd"),
        (Says(413, "Too large\x00\x1b[2J"), "413 Too large [2J"),
        (Says(302, "", {"Location": "http://169.254.169.254/"}), "302"),
        (Says(422, "x" * 5_000), "422 " + "x" * 245 + "…"),
        (Says(422, "[" * 100_000), "422 " + "[" * 245 + "…"),
        (Says(422, {"error": 7, "details": {"base": [None, {"description": {}}]}}), "422"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["uploads", "requests"])
def test_what_is_refused_is_told_in_its_words_and_not_tried_again(
    where: str, fault: Fault, said: str, letter: Letter, server: Server, agent: User
) -> None:
    server.faults[where] = [fault]
    posts()

    assert stands(letter) == ("failed", 1, f"Zendesk answered {said}")
    assert history(letter)[0] == ("request failed", f"Zendesk answered {said}")
    assert not posts(days=1)
    sending.again(letter, agent)
    posts()
    assert stands(letter) == ("sent", 1, "")
    assert len(server.requests) == 1


def test_what_is_sent_anew_after_a_refusal_has_another_key(
    letter: Letter, server: Server, agent: User
) -> None:
    server.faults["requests"] = [Says(422, INVALID)]
    posts()
    sending.again(letter, agent)
    posts()

    assert server.paths() == [*FILES, CREATE, *FILES, CREATE]
    assert len(keys(server)) == 2


def test_a_zendesk_that_is_not_there_is_tried_until_it_is_given_up(
    letter: Letter, server: Server
) -> None:
    server.shutdown()
    server.server_close()

    for day in range(1, ATTEMPTS + 1):
        assert posts(days=day)

    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("failed", ATTEMPTS)
    assert problem.startswith("Zendesk did not take evidence.csv: Zendesk cannot be talked to: ")


@pytest.mark.parametrize(
    "fault",
    [Breaks("before"), Breaks("half"), Stalls(), Stalls(drips=True), Says(201, "<html>"), Says(201, {})],
    ids=["dies", "half", "stalls", "drips", "nonsense", "empty"],
)  # fmt: skip
def test_a_file_that_was_not_taken_is_handed_over_anew(
    fault: Fault, letter: Letter, server: Server, impatient: None
) -> None:
    server.faults["uploads"] = [fault]
    posts()

    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("waiting", 1)
    assert problem.startswith("Zendesk did not ")
    assert CREATE not in server.paths()
    posts(minutes=1)
    assert stands(letter)[0] == "sent"


DOUBTS = [
    Breaks("before"), Breaks("half"), Breaks("after"), Stalls(), Stalls(done=True), Stalls(drips=True),
    Says(500, "<h1>Oops</h1>"), Says(502), Says(503), Says(201, "<html>"), Says(200, [1]),
]  # fmt: skip


@pytest.mark.parametrize("fault", DOUBTS, ids=str)
def test_what_it_may_have_is_asked_for_again_by_the_same_key(
    fault: Fault, letter: Letter, server: Server, impatient: None
) -> None:
    server.faults["requests"] = [fault]
    posts()

    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("waiting", 1)
    assert problem.startswith("Zendesk got the request and ")
    posts(minutes=1)
    assert stands(letter) == ("sent", 2, "")
    assert letter.request == 35_436
    assert list(server.requests) == [35_436]
    assert server.paths() == [*FILES, CREATE, CREATE]
    assert len(keys(server)) == 1


def test_a_zendesk_that_does_not_look_for_keys_may_have_two_and_that_is_said(
    letter: Letter, server: Server
) -> None:
    deaf = Says(201, {"request": {"id": 8}})
    server.faults["requests"] = [Breaks("after"), deaf]
    posts()
    posts(minutes=1)

    assert stands(letter) == ("sent", 2, zendesk.MAY_BE_TWO)
    said = f"taken by 8x8's Zendesk as 8. {zendesk.MAY_BE_TWO}"
    assert history(letter)[1] == ("request sent", said)


def test_at_the_first_attempt_there_is_no_doubt_without_a_word_of_the_key(
    letter: Letter, server: Server
) -> None:
    server.faults["requests"] = [Says(429, "", BUSY), Says(201, {"request": {"id": 8}})]
    posts()
    posts(minutes=2)

    assert stands(letter) == ("sent", 2, "")


@pytest.mark.parametrize(
    "told", [{}, {"id": "7"}, {"id": True}, {"id": 2**63}, {"id": -1}, {"id": 7.5}], ids=str
)
def test_a_number_that_is_none_is_not_kept(
    told: dict[str, Any], letter: Letter, server: Server
) -> None:
    server.faults["requests"] = [Says(201, {"request": told})]
    posts()

    assert (stands(letter)[0], letter.request, Inquiry.objects.get().ticket) == ("sent", None, "")


@pytest.mark.parametrize("fault", [Breaks("after"), Breaks("before")], ids=str)
def test_when_the_key_may_be_forgotten_a_person_decides(
    fault: Fault, letter: Letter, server: Server, agent: User
) -> None:
    server.faults["requests"] = [fault]
    posts()

    assert not posts(minutes=51)
    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("unknown", 1)
    assert problem.startswith("Zendesk got the request and did not say whether it took it: ")
    assert history(letter)[0][0] == "request unknown"
    sending.confirm(letter, agent)
    assert stands(letter)[0] == "sent"


def test_what_it_may_have_stays_the_same_request_when_its_files_grow_old_on_the_way(
    letter: Letter, server: Server
) -> None:
    server.faults["requests"] = [Breaks("after")]
    posts()
    begun = timezone.now() + zendesk.LIFE - timedelta(seconds=1)
    claimed = posting._claim(begun)
    assert claimed is not None
    with time_machine.travel(begun + timedelta(seconds=2), tick=False):
        posting.hand_over(claimed, posting.partial(posting._passes, claimed, begun))

    assert server.paths() == [*FILES, CREATE, CREATE]
    assert len(server.requests) == len(keys(server)) == 1


def test_what_stays_unclear_is_asked_as_often_as_the_key_lives(
    letter: Letter, server: Server
) -> None:
    server.faults["requests"] = [Says(500)] * 99
    minutes = 0
    while stands(letter)[0] in ("waiting", "trying"):
        posts(minutes=minutes)
        minutes += 1

    assert stands(letter)[0] == "unknown"
    assert (minutes, letter.attempts) == (32, 6)  # the seventh would be after an hour
    assert len(keys(server)) == 1


def test_a_refusal_after_a_doubt_does_not_say_that_it_was_not_taken(
    letter: Letter, server: Server
) -> None:
    server.faults["requests"] = [Breaks("after"), Says(429, "", BUSY), Says(401)]
    posts()
    posts(minutes=1)
    assert stands(letter)[0] == "waiting"
    assert letter.handed_at is not None
    posts(minutes=5)

    assert stands(letter) == ("unknown", 3, "Zendesk answered 401")


def test_who_sends_it_again_soon_uses_the_same_key_and_later_begins_anew(
    letter: Letter, server: Server, agent: User
) -> None:
    server.faults["requests"] = [Breaks("after"), Says(401), Says(401)]
    posts()
    posts(minutes=1)
    assert stands(letter)[0] == "unknown"

    sending.again(letter, agent)
    posts()
    assert stands(letter)[0] == "unknown"
    assert (server.paths(), len(keys(server))) == ([*FILES, CREATE, CREATE, CREATE], 1)

    with time_machine.travel(timezone.now() + timedelta(hours=3), tick=False):
        sending.again(letter, agent)
        post_next()
    assert stands(letter) == ("sent", 1, "")
    assert (server.paths()[5:], len(server.requests)) == ([*FILES, CREATE], 2)


def test_a_worker_that_dies_after_the_files_hands_them_over_again(
    letter: Letter, server: Server
) -> None:
    claimed = posting._claim(timezone.now())
    assert claimed is not None
    zendesk._files(claimed, zendesk.time.monotonic() + 5)

    assert not posts(minutes=9)
    assert posts(seconds=CLAIM.total_seconds())
    assert stands(letter) == ("sent", 2, "")
    assert len(server.requests) == 1


def test_a_worker_that_dies_while_handing_over_is_followed_by_the_same_request(
    letter: Letter, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(posting, "_ends", dies)
        with pytest.raises(RuntimeError):
            posts()
    assert stands(letter)[0] == "handing"

    assert posts(seconds=CLAIM.total_seconds())
    assert stands(letter) == ("sent", 2, "")
    assert (len(server.requests), len(keys(server))) == (1, 1)


def test_a_worker_that_was_overtaken_hands_nothing_over(letter: Letter, server: Server) -> None:
    slow = posting._claim(timezone.now())
    assert slow is not None
    assert posting._claim(timezone.now() + CLAIM) is not None
    with pytest.raises(posting.NotTaken, match="Another worker"):
        posting.hand_over(slow, posting.partial(posting._passes, slow, timezone.now()))

    assert server.requests == {}


def test_a_letter_goes_to_the_zendesk_it_was_frozen_for_and_to_no_other(
    letter: Letter, server: Server, settings: Any
) -> None:
    with running() as other:
        settings.ZENDESK = other.signed_in
        posts()

    assert server.asked == other.asked == []
    said = f"No letter may go to {letter.to} any more."
    assert stands(letter) == ("failed", 1, said)
    assert zendesk.page_of(letter) == ""


def test_no_letter_goes_to_a_zendesk_that_nobody_vouches_for(
    letter: Letter, server: Server, settings: Any, tmp_path: Path
) -> None:
    server.socket = a_certificate_of_nobody(tmp_path).wrap_socket(server.socket, server_side=True)
    settings.ZENDESK = Zendesk(server.origin.replace("http:", "https:"), USER, TOKEN)
    posts()

    assert server.asked == []
    assert stands(letter)[0] == "waiting"
    assert "certificate verify failed" in stands(letter)[2]


def test_who_answers_a_byte_at_a_time_is_left_in_the_end(
    letter: Letter, server: Server, impatient: None
) -> None:
    server.faults["requests"] = [Stalls(drips=True)]
    posts()

    assert stands(letter)[0] == "waiting"
    assert letter.problem.endswith(("timed out", "TimeoutError"))


def test_of_an_answer_that_never_ends_only_so_much_is_read(letter: Letter, server: Server) -> None:
    server.faults["requests"] = [Says(201, {"request": {"id": 8}, "more": "x" * api.LONGEST})]
    posts()

    assert stands(letter)[0] == "waiting"
    assert letter.problem.startswith("Zendesk got the request and did not say whether it took it")


def a_further_letter(first: Letter, agent: User) -> Letter:
    sending.withdraw(first, agent)
    return sending.send(Inquiry.objects.get(), Way.ZENDESK, agent)


def test_a_further_letter_is_a_comment_on_the_same_request(
    letter: Letter, server: Server, agent: User
) -> None:
    posts()
    further = a_further_letter(letter, agent)
    posts()

    assert server.paths()[3:] == [*FILES, COMMENT]
    said = {"body": further.text, "uploads": ["upload3", "upload4"]}
    assert server.comments[35_436] == [said]
    assert (stands(further), further.request) == (("sent", 1, ""), 35_436)
    assert len(server.requests) == 1


def test_further_evidence_is_a_comment_on_the_same_request(
    letter: Letter, server: Server, agent: User
) -> None:
    posts()
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        save_errors(error(SECOND.int))
        services.add_open(letter.inquiry, wanted(SECOND), agent)
        further = sending.send_further(letter.inquiry, Way.ZENDESK, agent, "It goes on.")
        post_next()

    (comment,) = server.comments[35_436]
    assert comment["body"] == further.text
    csv, _ = (server.uploads[each][2].decode() for each in comment["uploads"])
    assert (str(SECOND) in csv, str(FIRST) in csv) == (True, False)
    assert stands(further)[0] == "sent"


@pytest.mark.parametrize(
    ("ticket", "number"),
    [
        ("35436", 35_436),
        ("#4711", 4_711),
        ("T-4711", None),
        ("0", None),
        ("9" * 19, None),
        ("", None),
    ],
)
def test_what_8x8_gave_a_number_elsewhere_is_commented_on(
    ticket: str, number: int | None, agent: User, server: Server
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    Inquiry.objects.update(ticket=ticket)

    assert sending.send(inquiry, Way.ZENDESK, agent).request == number


@pytest.mark.parametrize("fault", DOUBTS, ids=str)
def test_a_comment_has_no_key_so_a_doubt_is_left_to_a_person(
    fault: Fault, letter: Letter, server: Server, agent: User, impatient: None
) -> None:
    posts()
    further = a_further_letter(letter, agent)
    server.faults["comments"] = [fault]
    posts()

    assert stands(further)[:2] == ("unknown", 1)
    assert not posts(days=1)


def test_a_worker_that_dies_over_a_comment_leaves_it_to_a_person(
    letter: Letter, server: Server, agent: User
) -> None:
    posts()
    further = a_further_letter(letter, agent)
    claimed = posting._claim(timezone.now())
    assert claimed is not None
    posting._passes(claimed, timezone.now(), uploads=["upload3"], uploaded_at=timezone.now())

    assert not posts(seconds=CLAIM.total_seconds())
    assert stands(further)[:2] == ("unknown", 1)


@many_writers
@pytest.mark.django_db(transaction=True)
def test_a_comment_that_a_slow_worker_hands_over_at_that_moment_is_not_claimed(
    letter: Letter, server: Server, agent: User
) -> None:
    posts()
    further = a_further_letter(letter, agent)
    slow = posting._claim(timezone.now())
    assert slow is not None
    other = sending.send(inquiry_of(agent, SECOND), Way.ZENDESK, agent)
    Letter.objects.filter(pk=other.pk).update(state=Passage.HANDING)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():  # holds up whoever says what became of the other letter
            Inquiry.objects.select_for_update().get(pk=other.inquiry_id)
            claiming = pool.submit(in_a_thread, lambda: posting._claim(timezone.now() + CLAIM))
            assert any(somebody_waits_for_us() for _ in range(10_000))
            posting._passes(slow, timezone.now())

        assert claiming.result(30) is None
    assert stands(further)[:2] == ("unknown", 1)


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
            " AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def test_a_letter_of_which_only_the_state_says_that_it_was_handed_over_is_left_to_a_person(
    letter: Letter,
) -> None:
    Letter.objects.update(state=Passage.HANDING)

    assert not posts()
    assert stands(letter)[0] == "unknown"


def test_who_does_not_sign_in_adds_nothing_to_a_request(
    letter: Letter, server: Server, agent: User, settings: Any
) -> None:
    posts()
    sending.withdraw(letter, agent)
    settings.ZENDESK = Zendesk(server.origin)

    with pytest.raises(NotPossible, match="Request 35436 takes no further letter from here"):
        sending.send(Inquiry.objects.get(), Way.ZENDESK, agent)
    assert Inquiry.objects.get().state == State.DRAFT


@pytest.mark.parametrize(
    ("site", "sender", "why"),
    [(Zendesk(), "a@b.example", "No Zendesk"), (Zendesk("https://z.example"), "", "who asks")],
)
def test_without_a_zendesk_none_is_promised(
    agent: User, settings: Any, site: Zendesk, sender: str, why: str
) -> None:
    settings.ZENDESK, settings.INQUIRY_SENDER = site, sender

    with pytest.raises(NotPossible, match=why):
        sending.send(inquiry_of(agent, FIRST), Way.ZENDESK, agent)
    assert Letter.objects.count() == 0


def test_the_token_is_shown_nowhere_whatever_zendesk_says(
    letter: Letter, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    signed = base64.b64encode(f"{USER}/token:{TOKEN}".encode()).decode()
    server.faults["requests"] = [Says(422, f"{TOKEN} Basic {signed}")]
    with caplog.at_level(logging.DEBUG):
        posts()

    assert stands(letter) == ("failed", 1, "Zendesk answered 422 … Basic …")
    kept = json.dumps([list(Letter.objects.values()), history(letter)], default=str)
    for secret in (TOKEN, signed):
        assert secret not in caplog.text + kept + repr(server.signed_in)


def test_as_a_file_it_names_no_recipient(letter: Letter) -> None:
    mail = mailing.message(letter)

    assert (mail["To"], mail["From"]) == (None, "Jürgen <support@northwind.example>")


ODD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)


@given(subject=ODD, text=ODD, form=ODD)
def test_any_text_arrives_as_it_was_and_makes_no_header(subject: str, text: str, form: str) -> None:
    letter = Letter(
        way=Way.ZENDESK, state=Passage.WAITING, subject=subject, text=text, checksum="0" * 64,
        form=json.dumps({"custom_fields": [{"id": 1, "value": form}]}),
    )  # fmt: skip

    content = zendesk._content(letter, ["upload1"])

    assert content.isascii()
    assert b"\r" not in content
    assert b"\n" not in content
    said = json.loads(content)["request"]
    assert (said["subject"], said["comment"]["body"]) == (subject, text)
    assert said["custom_fields"] == [{"id": 1, "value": form}]
    assert zendesk._key(letter, content).isalnum()


HOSTILE = (
    'Ünïcode \r\nX-Injected: yes\r\n\r\n{{ticket.id}} "}}<script>\u2028\u202e\ud83d\ude00'.encode(
        "utf-16", "surrogatepass"
    ).decode("utf-16")
)


def test_hostile_words_reach_zendesk_as_they_are(agent: User, server: Server) -> None:
    inquiry = inquiry_of(agent, FIRST)
    services.save(inquiry, {"subject": HOSTILE, "body": HOSTILE}, agent, base=1)
    letter = sending.send(inquiry, Way.ZENDESK, agent)
    posts()

    asked = server.requests[35_436]
    assert (asked["subject"], asked["comment"]["body"]) == (letter.subject, letter.text)
    assert "\r\nX-Injected" not in letter.subject
    assert not any("X-Injected" in each.headers for each in server.asked)
    assert len(server.asked) == 3
