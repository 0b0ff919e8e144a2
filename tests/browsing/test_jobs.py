"""Exports that are made in the background: by one maker or by several, to the end or not."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.http import QueryDict
from django.test import Client

from support_portal.accounts.models import Team, User
from support_portal.browsing.exports import jobs
from support_portal.browsing.exports import rows as reading
from support_portal.browsing.exports.writing import Format
from support_portal.browsing.filtering import Filter
from support_portal.browsing.models import Export, ExportChunk, ExportState
from support_portal.insights.models import Kind
from support_portal.insights.rebuilding import days, rebuild_day
from support_portal.notices.models import Notice
from tests.conftest import ClientFor
from tests.dashboard.reading import ids, links, notes, page, rows
from tests.dashboard.rows import error, message, save_errors, save_messages

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.bell, "ring", lambda: None)
    monkeypatch.setattr(reading, "FIRST", 2)
    monkeypatch.setattr(reading, "MOST", 3)


def ask(person: User, query: str = "", form: Format = Format.CSV, **values: Any) -> Export:
    kind = values.pop("kind", Kind.ERROR)
    asked = Filter.read(kind, QueryDict(query), NOW)
    return jobs.ask(person, asked, form, bom=values.pop("bom", False), now=NOW)


def make(stretches: int = 1_000) -> int:
    """Make stretches of one batch each, all there are unless told; return how many there were."""
    return (
        sum(1 for _ in iter(lambda: jobs.make(0), False))
        if stretches == 1_000
        else sum(jobs.make(0) for _ in range(stretches))
    )


def file(export: Export) -> bytes:
    export.refresh_from_db()
    return b"".join(jobs.pieces(export))


def codes(export: Export) -> list[str]:
    text = io.StringIO(file(export).decode("utf-8-sig"), newline="")
    return [line["code"] for line in csv.DictReader(text)]


def eight() -> None:
    save_errors(*(error(number, code=number) for number in range(1, 9)))


def test_a_file_is_made_in_stretches_and_its_owner_is_told(agent: User) -> None:
    eight()
    export = ask(agent)

    assert make() > 3

    assert codes(export) == [str(number) for number in range(1, 9)]
    assert (export.state, export.rows, export.size) == (ExportState.DONE, 8, len(file(export)))
    notice = Notice.objects.get()
    assert (notice.user, notice.link) == (agent, "/exports/")
    assert notice.title == f"Your export is ready: {export.name}"


@pytest.mark.parametrize("form", list(Format))
def test_a_file_in_the_background_is_the_one_that_is_sent_at_once(
    form: Format, agent: User, agent_client: Client
) -> None:
    eight()
    export = ask(agent, "code=1..5", form)
    make()

    if form is Format.XLSX:
        (sheet,) = openpyxl.load_workbook(io.BytesIO(file(export)))
        head, *lines = sheet.values
        assert sheet.title == "Errors"
        assert [line[head.index("code")] for line in lines] == [1, 2, 3, 4, 5]
    else:
        sent = agent_client.get(f"/errors/export.{form}?code=1..5")
        assert file(export) == b"".join(sent.streaming_content)


def test_messages_are_exported_as_well(agent: User) -> None:
    save_messages(message(1), message(2))
    export = ask(agent, form=Format.XLSX, kind=Kind.MESSAGE)
    make()

    (sheet,) = openpyxl.load_workbook(io.BytesIO(file(export)))
    assert len(list(sheet.values)) == 3


@pytest.mark.parametrize("form", [Format.CSV, Format.XLSX])
@pytest.mark.parametrize("stretches", [1, 2, 3])
def test_whoever_follows_a_maker_that_died_goes_on_behind_what_was_kept(
    agent: User, form: Format, stretches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    eight()
    export = ask(agent, form=form)
    make(stretches)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(jobs.ExportChunk.objects, "create", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.make(0)
    assert jobs.make(0) is False  # it has it for a while yet
    Export.objects.update(held_until=NOW - timedelta(days=1))
    make()

    if form is Format.CSV:
        assert codes(export) == [str(number) for number in range(1, 9)]
    else:
        (sheet,) = openpyxl.load_workbook(io.BytesIO(file(export)))
        assert len(list(sheet.values)) == 9


def test_of_two_makers_the_slower_keeps_nothing(agent: User) -> None:
    eight()
    export = ask(agent)
    make(1)
    slow = Export.objects.select_related("owner__team").get()
    make(1)

    with pytest.raises(jobs.Overtaken):
        jobs._stretch(slow, 0)
    make()

    assert codes(export) == [str(number) for number in range(1, 9)]


def test_a_file_over_which_makers_die_is_given_up(agent: User) -> None:
    export = ask(agent)
    Export.objects.update(attempts=jobs.ATTEMPTS)

    make()

    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert export.problem.startswith("Making it failed 5 times")
    assert Notice.objects.get().title.startswith("Your export could not be made")


def test_a_cancelled_file_is_let_go_of(agent: User, agent_client: Client) -> None:
    eight()
    export = ask(agent)
    make(2)

    agent_client.post(f"/exports/{export.id}/cancel")

    assert make() == 0
    export.refresh_from_db()
    assert export.state == ExportState.CANCELLED
    assert not ExportChunk.objects.exists()
    assert agent_client.get(f"/exports/{export.id}/file").status_code == 404


def test_a_filter_that_is_not_understood_any_more_makes_no_empty_file(agent: User) -> None:
    export = ask(agent)
    Export.objects.update(query="table=gone")

    make()

    export.refresh_from_db()
    assert (export.state, export.problem) == (ExportState.FAILED, jobs.MISREAD)


def test_a_file_that_grows_too_large_is_given_up(agent: User, settings: Any) -> None:
    settings.EXPORT_LIMIT = 100
    eight()
    export = ask(agent)

    make()

    export.refresh_from_db()
    assert "grew beyond 100 bytes" in export.problem
    assert not ExportChunk.objects.exists()


def test_a_file_whose_time_is_over_is_not_sent_while_it_waits_to_be_tidied_away(
    agent: User, agent_client: Client
) -> None:
    export = ask(agent)
    make()
    before = agent_client.get(f"/exports/{export.id}/file")
    assert b"".join(before.streaming_content) == file(export)  # type: ignore[arg-type]
    Export.objects.filter(pk=export.pk).update(expires_at=datetime.now(UTC))

    after = agent_client.get(f"/exports/{export.id}/file")

    assert (before.status_code, after.status_code) == (200, 404)
    assert f"/exports/{export.id}/file" not in page(agent_client.get("/exports/"))


def test_a_file_expires(agent: User, agent_client: Client) -> None:
    export = ask(agent)
    make()
    later = datetime.now(UTC) + jobs.KEPT + timedelta(minutes=1)

    jobs.tidy(later)

    export.refresh_from_db()
    assert export.state == ExportState.EXPIRED
    assert not ExportChunk.objects.exists()
    assert "expired" in rows(agent_client.get("/exports/"))[0][1]
    jobs.tidy(later + jobs.REMEMBERED)
    assert not Export.objects.exists()


def test_a_file_of_sub_accounts_that_its_owner_lost_is_neither_made_nor_sent(
    client_for: ClientFor,
) -> None:
    team = Team.objects.create(name="Asia", sub_accounts=["a", "b"])
    person = User.objects.create_user("ana", team=team)
    save_errors(
        *(error(number, code=number, sub_account="abc"[number % 3]) for number in range(1, 9))
    )
    ready = ask(person)
    make()
    assert "2" not in codes(ready)
    half = ask(person)
    make(2)

    team.sub_accounts = ["a"]
    team.save()
    make()

    half.refresh_from_db()
    assert "fewer sub-accounts" in half.problem
    response = client_for(person).get(f"/exports/{ready.id}/file", follow=True)
    assert "fewer sub-accounts" in notes(response)[0]


def test_nobody_has_too_many_made_at_once(agent: User, agent_client: Client) -> None:
    for _ in range(jobs.MOST_MOVING):
        ask(agent)

    with pytest.raises(jobs.TooMany):
        ask(agent)
    response = agent_client.post("/exports/new", {"kind": "error", "form": "csv"}, follow=True)
    assert "Remove one first" in notes(response)[0]


def test_a_filter_that_is_too_long_is_not_cut(agent_client: Client) -> None:
    query = "code=1300&" + "&".join(f"channel={number:0100}" for number in range(40))

    response = agent_client.post(
        "/exports/new", {"kind": "error", "form": "csv", "query": query}, follow=True
    )

    assert "too long" in notes(response)[0]
    assert not Export.objects.exists()


def test_a_full_disk_lets_files_wait(agent: User, settings: Any) -> None:
    ask(agent)
    settings.DISK_FREE_LIMIT = 2**60

    assert jobs.make(0) is False


@time_machine.travel(NOW, tick=False)
def test_the_page_shows_how_far_a_file_is(agent: User, agent_client: Client) -> None:
    eight()
    for day in days():
        rebuild_day(day)
    agent_client.post("/exports/new", {"kind": "error", "form": "xlsx", "query": "code=1..8"})
    export = Export.objects.get()
    make(2)

    html = page(agent_client.get("/exports/"))

    assert (export.expected, export.form, export.query) == (8, "xlsx", "code=1..8")
    assert 'hx-trigger="every 2s"' in html
    assert 'max="100" value="' in html
    make()
    done = agent_client.get("/exports/")
    assert "every 2s" not in page(done)
    (address,) = links(done, "errors_code")
    sent = agent_client.get(address)
    data = b"".join(sent.streaming_content)
    assert int(sent["Content-Length"]) == len(data)
    assert "errors_code-1..8_2026-11-20-1300Z.xlsx" in sent["Content-Disposition"]
    assert not ids(done)


def test_a_file_belongs_to_whoever_asked_for_it(
    agent: User, lead: User, client_for: ClientFor
) -> None:
    export = ask(agent)
    make()
    other = client_for(lead)

    assert other.get(f"/exports/{export.id}/file").status_code == 404
    assert other.post(f"/exports/{export.id}/remove").status_code == 404
    assert rows(other.get("/exports/")) == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"kind": "error", "form": "exe"}, 404),
        ({"kind": "x", "form": "csv"}, 404),
        ({}, 404),
        ({"kind": "error", "form": "csv", "query": "code=abc"}, 302),
        ({"kind": "error", "form": "csv", "query": "\x00"}, 302),
    ],
)
def test_bad_input_makes_no_file(form: dict[str, str], status: int, agent_client: Client) -> None:
    assert agent_client.post("/exports/new", form).status_code == status
    assert Export.objects.exclude(query="").count() == 0
