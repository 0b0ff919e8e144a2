"""What is watched arrives, does not, or may not be seen."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Role, Team, User
from support_portal.notices.models import Notice
from support_portal.watches import looking
from support_portal.watches.models import Watch
from support_portal.watches.services import Wanted, cancel, watch
from tests.dashboard.sending import ERROR_ID, HOSTILE, UMID, a_receipt, an_error, sent

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BATCH = "e7dc3fb1-d2e5-404c-927c-b46d0091caa2"
OTHER = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"
CONTEXT = {"umid": OTHER, "batchId": BATCH, "clientMessageId": "NWP-1", "clientBatchId": "DAY-1"}


def told(person: User) -> list[tuple[str, str]]:
    return list(Notice.objects.of(person).values_list("title", "link"))


def states(person: User) -> list[str]:
    return [each.state for each in Watch.objects.of(person)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "value", "link"),
    [
        ("error_id", ERROR_ID, f"/e/{ERROR_ID}"),
        ("umid", ERROR_ID, f"/e/{ERROR_ID}"),
        ("error_id", UMID, f"/e/{UMID}"),
        ("umid", OTHER, f"/e/{OTHER}"),
        ("batch_id", BATCH, f"/e/{BATCH}"),
        ("uuid", BATCH, f"/e/{BATCH}"),
        ("client_message_id", "NWP-1", "/e/clientMessageId%3A%20NWP-1"),
        ("client_batch_id", "DAY-1", "/e/clientBatchId%3A%20DAY-1"),
        ("client_message_id", "DAY-1", "/e/clientMessageId%3A%20DAY-1"),
        ("client_message_id", UMID, f"/e/clientMessageId%3A%20{UMID}"),
        ("client_message_id", UMID.upper(), f"/e/clientMessageId%3A%20{UMID.upper()}"),
    ],
)
def test_who_watches_is_told_once_when_it_arrives(
    agent: User, kind: str, value: str, link: str
) -> None:
    watch(agent, [Wanted(kind, value)])
    made = Watch.objects.get()
    looking.look(NOW)
    assert told(agent) == []

    sent(an_error(**CONTEXT), a_receipt(message={"batchId": BATCH}))
    looking.look(NOW)
    looking.look(NOW)

    assert told(agent) == [(f"{made} has arrived", link)]
    assert states(agent) == ["arrived"]


@pytest.mark.django_db
def test_another_id_is_not_taken_for_it(agent: User) -> None:
    watch(agent, [Wanted("error_id", OTHER), Wanted("client_message_id", "NWP")])

    sent(an_error(clientMessageId="NWP-1"), a_receipt())
    looking.look(NOW)

    assert (told(agent), states(agent)) == ([], ["open", "open"])


@pytest.mark.django_db
def test_nobody_is_told_of_what_they_may_not_see(agent: User) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    other = User.objects.create_user("other", role=Role.AGENT, team=team)
    for person in (agent, other):
        watch(person, [Wanted("error_id", ERROR_ID), Wanted("umid", UMID)])

    sent(an_error(subAccountId="northwind"), a_receipt())
    looking.look(NOW)
    assert (len(told(agent)), told(other), states(other)) == (2, [], ["open", "open"])

    team.sub_accounts = ["another", "northwind"]
    team.save()
    looking.look(NOW)
    assert told(other) == [(f"errorId {ERROR_ID} has arrived", f"/e/{ERROR_ID}")]


@pytest.mark.django_db
def test_a_watch_ends_with_its_time_and_says_why(agent: User) -> None:
    watch(agent, [Wanted("error_id", OTHER)], remark="ticket 4711", now=NOW)

    looking.look(NOW + timedelta(days=7) - timedelta(seconds=1))
    assert told(agent) == []
    looking.look(NOW + timedelta(days=7))
    looking.look(NOW + timedelta(days=8))

    notice = Notice.objects.get()
    assert (notice.title, notice.text) == (
        f"errorId {OTHER} did not arrive",
        "Neither 8x8 nor a service of ours reported it in 7 days; the watch has ended. ticket 4711",
    )
    assert states(agent) == ["expired"]


@pytest.mark.django_db
def test_what_arrives_in_the_last_moment_has_arrived(agent: User) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID)], now=NOW)
    sent(an_error())

    looking.look(NOW + timedelta(days=9))

    assert states(agent) == ["arrived"]


@pytest.mark.django_db
def test_what_was_given_up_makes_no_notice(agent: User) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID)])
    cancel(agent, Watch.objects.get().id)

    sent(an_error())
    looking.look(NOW + timedelta(days=9))

    assert (told(agent), states(agent)) == ([], ["cancelled"])


@pytest.mark.django_db
def test_a_hostile_client_id_stays_text_and_its_address_stays_here(agent: User) -> None:
    name = HOSTILE + " /../?&#" + "é" * 40
    watch(agent, [Wanted("client_message_id", name)], remark=HOSTILE)

    sent(an_error(clientMessageId=name))
    looking.look(NOW)

    ((title, link),) = told(agent)
    assert title == f"client message id {name} has arrived"
    assert link.startswith("/e/clientMessageId%3A%20%3Cimg%20")
    assert link.isascii()


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 60])
def test_any_number_of_watches_is_looked_for_with_the_same_queries(
    many: int, agent: User, lead: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [Wanted("error_id", f"9e30c7aa-41b2-4c1e-9d03-{number:012x}") for number in range(many)]
    watch(agent, ids)
    watch(lead, [*ids, Wanted("client_message_id", "NWP-1")])

    with django_assert_num_queries(14):  # the watches, twelve columns, the late ones
        looking.look(NOW - timedelta(days=1))


@pytest.mark.django_db
def test_without_watches_hardly_anything_is_asked(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        looking.look(NOW)


@pytest.mark.django_db
def test_nothing_is_told_of_a_watch_that_did_not_end(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID), Wanted("umid", UMID)])
    sent(an_error(), a_receipt())
    monkeypatch.setattr(looking, "tell", _dies)

    with pytest.raises(KeyboardInterrupt):
        looking.look(NOW)
    assert states(agent) == ["open", "open"]
    monkeypatch.undo()
    looking.look(NOW)

    assert (len(told(agent)), states(agent)) == (2, ["arrived", "arrived"])


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_a_look_that_comes_second_tells_nothing(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID), Wanted("umid", UMID)])
    sent(an_error(), a_receipt())
    arrived = looking._arrived

    def overtaken() -> Any:
        found = arrived()
        monkeypatch.setattr(looking, "_arrived", arrived)
        looking.look(NOW)
        return found

    monkeypatch.setattr(looking, "_arrived", overtaken)
    looking.look(NOW)

    assert (len(told(agent)), states(agent)) == (2, ["arrived", "arrived"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_two_looks_at_once_tell_once(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID), Wanted("umid", UMID)])
    sent(an_error(), a_receipt())
    both = threading.Barrier(2, timeout=20)
    arrived = looking._arrived
    problems: list[Exception] = []

    def seen_by_both() -> Any:
        found = arrived()
        both.wait()
        return found

    def run() -> None:
        try:
            looking.look(NOW)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    monkeypatch.setattr(looking, "_arrived", seen_by_both)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (problems, len(told(agent)), states(agent)) == ([], 2, ["arrived", "arrived"])
