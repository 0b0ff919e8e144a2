"""Uploading files, watching them being read, and what became of them, as people see it."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import Message
from support_portal.ingest.files import services
from support_portal.ingest.files.models import FileChunk, FileState, ImportedFile
from support_portal.ingest.limits import gate
from tests.dashboard.reading import empty, notes, page, rows, words
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.ingest.sent import drain_all, error

FILES = "/intake/files/"
LINES = b"\n".join(json.dumps(error(number)).encode() for number in range(3)) + b"\nnonsense\n"
REPORT = (
    b"Message ID;Status;Updated at;Note <img src=x onerror=alert(4)>\n"
    b"9f4b5bb0-a414-4aed-8e6d-b48d0087b208;undelivered;2026-07-20T08:14:09.77Z;+12025550147\n"
)


@pytest.fixture
def lead_client(lead, client_for):
    """Return a client signed in as a lead."""
    return client_for(lead)


def send(client, *files, end="yes", **headers):
    data = {"files": [SimpleUploadedFile(name, data) for name, data in files]}
    if end:
        data["end"] = end
    return client.post(FILES, data, headers=headers)


def read_all():
    while services.read_on():
        pass
    drain_all()
    services.settle()


def the_file():
    return ImportedFile.objects.latest("id")


def test_files_are_uploaded_read_and_told_of(lead_client):
    answer = send(lead_client, ("a.ndjson", LINES), ("b.json.gz", gzip.compress(LINES[:100])))
    read_all()

    listed = lead_client.get(FILES)

    assert answer.url == FILES
    assert notes(listed)[0] == "a.ndjson has arrived and is being read."
    assert [row[1:7] for row in rows(listed)] == [
        ["partly understood", "b.json.gz", "0", "0", "0", "1"],
        ["partly understood", "a.ndjson", "3", "0", "0", "1"],
    ]


def test_a_script_that_uploads_is_told_where_the_file_is(lead_client):
    answer = send(lead_client, ("a.ndjson", LINES), Accept="application/json")

    assert answer.json() == {
        "files": [
            {
                "name": "a.ndjson",
                "state": "waiting",
                "problem": "",
                "href": f"{FILES}{the_file().id}/",
            }
        ]
    }


def test_a_form_that_was_cut_leaves_nothing_to_be_read(lead_client):
    send(lead_client, ("a.ndjson", LINES), end="")

    listed = lead_client.get(FILES)

    assert notes(listed) == ["No file arrived. Choose one, and wait until all of it is sent."]
    assert (the_file().state, FileChunk.objects.count()) == (FileState.FAILED, 0)


def test_a_form_without_files_says_so(lead_client):
    answer = lead_client.post(FILES, {"end": "yes"}, follow=True)

    assert notes(answer) == ["No file arrived. Choose one, and wait until all of it is sent."]
    assert empty(answer) == ["No files yet"]


def test_what_is_larger_than_the_limit_is_refused_before_it_is_read(lead_client, settings):
    settings.UPLOAD_LIMIT = 1024

    answer = send(lead_client, ("large.ndjson", b"x" * 100_000))

    assert answer.status_code == 413
    assert "up to 1.0\xa0KB at a time" in page(answer)
    assert ImportedFile.objects.count() == 0


def test_a_file_that_grows_beyond_the_limit_is_let_go(lead_client, settings):
    settings.UPLOAD_LIMIT = 20_000

    answer = send(lead_client, ("large.ndjson", b"x" * 30_000))

    assert answer.status_code == 413
    assert (the_file().state, FileChunk.objects.count()) == (FileState.FAILED, 0)


def test_a_form_from_elsewhere_is_not_even_read(lead):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead, backend="support_portal.accounts.backends.PasswordBackend")

    answer = client.post(
        FILES,
        {"files": SimpleUploadedFile("a.ndjson", LINES), "end": "yes"},
        headers={"Origin": "https://elsewhere.example"},
    )

    assert answer.status_code == 403
    assert ImportedFile.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "list_status", "upload_status", "report_status"),
    [
        (Role.VIEWER, 403, 403, 403),
        (Role.AGENT, 200, 403, 200),
        (Role.LEAD, 200, 302, 200),
        (Role.ADMINISTRATOR, 200, 302, 200),
    ],
)
def test_leads_upload_and_agents_look(
    lead, client_for, role, list_status, upload_status, report_status
):
    send(client_for(lead), ("a.ndjson", LINES))
    report = f"{FILES}{the_file().id}/"
    person = User.objects.create_user("somebody", role=role, team=lead.team)
    client = client_for(person)

    assert client.get(FILES).status_code == list_status
    assert client.get(report).status_code == report_status
    assert send(client, ("b.ndjson", LINES)).status_code == upload_status


def test_the_report_is_for_the_uploader_and_for_those_who_look_after_everything(lead, client_for):
    send(client_for(lead), ("a.ndjson", LINES))
    few = Team.objects.create(name="Few", sub_accounts=["northwind_ph_hq"])
    other = client_for(User.objects.create_user("other", role=Role.LEAD, team=few))
    report = f"{FILES}{the_file().id}/"

    seen = [
        other.get(report).status_code,
        other.get(f"{report}rejects").status_code,
        other.post(f"{report}cancel").status_code,
    ]
    lead.team = few
    lead.save()

    assert seen == [403, 403, 403]
    assert [row[2] for row in rows(other.get(FILES))] == ["a.ndjson"]
    assert f'href="{report}"' not in page(other.get(FILES))
    assert client_for(lead).get(report).status_code == 200


def test_an_agent_may_not_cancel(agent, lead, client_for):
    send(client_for(lead), ("a.ndjson", LINES))

    answer = client_for(agent).post(f"{FILES}{the_file().id}/cancel")

    assert (answer.status_code, the_file().state) == (403, FileState.WAITING)


def test_rejects_are_downloaded_with_reasons_and_as_they_came(lead_client):
    send(lead_client, ('a"b\r\n.ndjson', LINES))
    read_all()
    address = f"{FILES}{the_file().id}/rejects"

    told = lead_client.get(address)
    plain = lead_client.get(address, {"as": "lines"})

    [reject] = [json.loads(line) for line in b"".join(told.streaming_content).splitlines()]
    assert (reject["reason"], reject["position"], reject["text"]) == ("not_json", 3, "nonsense")
    assert b"".join(plain.streaming_content) == b"nonsense\n"
    assert plain["Content-Disposition"] == 'attachment; filename="_a_b.rejects.txt"'


def test_the_report_says_what_was_not_understood(lead_client):
    send(lead_client, ("a.ndjson", LINES))
    read_all()

    report = page(lead_client.get(f"{FILES}{the_file().id}/"))

    assert "recorded 3 repeated 0 ignored by rule 0 not understood 1" in words(report)
    assert "Not JSON 1" in words(report)


def test_a_table_asks_what_its_columns_are_and_is_read_when_that_is_said(lead_client):
    answer = send(lead_client, ("report.csv", REPORT))
    asked = lead_client.get(answer.url)

    refused = lead_client.post(f"{answer.url}confirm", {"column-0": "umid"})
    taken = lead_client.post(
        f"{answer.url}confirm",
        {"column-0": "umid", "column-1": "status_value", "column-2": "status_timestamp"},
    )
    read_all()

    assert SHOWN in page(asked)
    assert HOSTILE not in page(asked)
    assert page(asked).count(" selected") == 5  # the last is how times are written
    assert refused.status_code == 422
    assert notes(refused) == [
        "Not yet. A receipt needs these columns, too: state, time of the state."
    ]
    assert page(refused).count(" selected") == 2
    assert taken.url == answer.url
    assert (the_file().state, the_file().recorded) == ("done", 1)


def test_a_refused_answer_reads_the_first_rows_once(lead_client):
    answer = send(lead_client, ("report.csv", REPORT))

    def chunks_read(ask, *args):
        with CaptureQueriesContext(connection) as asked:
            ask(*args)
        return sum('FROM "ingest_filechunk"' in each["sql"] for each in asked)

    shown = chunks_read(lead_client.get, answer.url)
    refused = chunks_read(lead_client.post, f"{answer.url}confirm", {"column-0": "umid"})

    assert refused == shown > 0


SPREADSHEET = b"Id;State;When\r\n9f4b5bb0-a414-4aed-8e6d-b48d0087b208;sent;03/04/2026 08:14\r\n"


def columns_of(**more):
    told = ("umid", "status_value", "status_timestamp")
    return {f"column-{number}": name for number, name in enumerate(told)} | more


def test_an_answer_under_which_no_row_is_understood_is_doubted_before_the_file_is_read(lead_client):
    answer = send(lead_client, ("report.csv", SPREADSHEET))

    doubted = lead_client.post(f"{answer.url}confirm", columns_of())
    waiting = the_file().state
    lead_client.post(f"{answer.url}confirm", columns_of(order="month"))
    read_all()

    assert doubted.status_code == 422
    assert notes(doubted)[-1].startswith("Not yet. The first row would not be understood. ")
    assert 'name="anyway"' in page(doubted)
    assert waiting == "asking"
    assert (the_file().state, the_file().recorded) == ("done", 1)
    assert Message.objects.get().state_at == datetime(2026, 3, 4, 8, 14, tzinfo=UTC)


def test_a_doubted_answer_can_be_meant(lead_client):
    answer = send(lead_client, ("report.csv", SPREADSHEET))

    lead_client.post(f"{answer.url}confirm", columns_of(anyway="yes"))
    read_all()

    assert (the_file().state, the_file().quarantined) == ("done", 1)


def test_an_order_of_dates_that_is_not_known_is_refused(lead_client):
    answer = send(lead_client, ("report.csv", SPREADSHEET))

    refused = lead_client.post(f"{answer.url}confirm", columns_of(order="backwards"))

    assert notes(refused)[-1] == "Not yet. Say how times are written."


def test_the_same_file_again_is_asked_about(lead_client):
    send(lead_client, ("a.ndjson", LINES))
    read_all()
    first = the_file()

    answer = send(lead_client, ("b.ndjson", LINES))
    asked = lead_client.get(answer.url)
    lead_client.post(f"{answer.url}confirm")
    read_all()

    assert notes(asked)[-1].startswith("The same file was taken before.")
    assert f'href="{FILES}{first.id}/"' in page(asked)
    assert (the_file().recorded, the_file().repeated) == (0, 3)


def test_a_file_with_a_question_can_be_left_out(lead_client):
    answer = send(lead_client, ("report.csv", REPORT))

    said = lead_client.post(f"{answer.url}cancel", follow=True)

    assert (the_file().state, FileChunk.objects.count()) == (FileState.CANCELLED, 0)
    assert "cancelled" in notes(said)[1]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.json", b"", "The file is empty."),
        ("space.json", b" \n\n", "The file holds nothing but space."),
        ("sheet.csv", b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        ("junk.txt", bytes(range(256)) * 9, "bytes that are no text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(lead_client, name, data, sentence):
    answer = send(lead_client, (name, data))

    assert sentence in notes(lead_client.get(answer.url))[0]
    assert the_file().state == FileState.FAILED


def test_a_hostile_name_is_shown_as_text(lead_client):
    send(lead_client, (f"{HOSTILE}\u202egnp.json".replace("/", ""), LINES))

    report = lead_client.get(f"{FILES}{the_file().id}/")

    assert SHOWN in page(report)
    assert HOSTILE not in page(report) + page(lead_client.get(FILES))


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_the_same_queries_for_any_number_of_files(
    lead_client, count, django_assert_num_queries
):
    for number in range(count):
        send(lead_client, (f"{number}.ndjson", LINES + str(number).encode()))
    fragment = {"HX-Request": "true"}  # without the shell, which has figures of its own

    with django_assert_num_queries(5):
        lead_client.get(FILES, headers=fragment)


def test_only_files_that_move_are_looked_at_again(lead_client):
    send(lead_client, ("a.ndjson", LINES))
    moving = page(lead_client.get(FILES, headers={"HX-Request": "true"}))
    read_all()
    still = page(lead_client.get(FILES, headers={"HX-Request": "true"}))

    assert ("every 2s" in moving, "every 2s" in still) == (True, False)
    assert "<html" not in moving


def test_nothing_is_read_while_the_doors_are_closed(lead_client, settings):
    settings.DISK_FREE_LIMIT = 2**60
    gate.forget()

    told = send(lead_client, ("a.ndjson", LINES), Accept="application/json")
    said = send(lead_client, ("a.ndjson", LINES))

    gate.forget()
    assert told.status_code == 503
    assert told.json()["problem"].endswith("Nothing was kept: send it again later.")
    assert notes(lead_client.get(said.url))[-1].endswith("send it again later.")
    assert ImportedFile.objects.count() == 0
