"""Exports: exactly the rows of the filter, in files that other programs read."""

import csv
import gc
import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import Team, User
from support_portal.browsing import views as saved
from support_portal.browsing.exports import rows as reading
from support_portal.browsing.exports import streaming, values
from support_portal.browsing.exports.naming import file_name
from support_portal.browsing.exports.tables import ERRORS, MESSAGES
from support_portal.browsing.exports.writing import Format, writer
from support_portal.browsing.models import Scope
from support_portal.comments.services import add_comment
from support_portal.events.models import EVERYTHING, ErrorEvent
from support_portal.insights.models import Kind
from support_portal.lookup.records import error_answer, message_answer
from support_portal.writing.guarding import guarded
from tests.conftest import ClientFor
from tests.dashboard.reading import errors as said_beside_fields
from tests.dashboard.reading import ids, notes
from tests.dashboard.rows import (
    ERROR_ID,
    NOON,
    UMID,
    error,
    message,
    save_errors,
    save_messages,
)

NUMBERED = "Invalid MSISDN +6391712345678"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def table(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8"), newline="")))


def lines(response: Any) -> list[dict[str, Any]]:
    # U+2028 ends a line, too: nothing may stand there that some program takes for an end.
    return [json.loads(line) for line in body(response).decode().splitlines()]


def test_a_csv_has_a_head_with_units_and_a_row_for_each_error(agent_client: Client) -> None:
    save_errors(error(message=NUMBERED, destination_masked="+63•••••4567", repeats=2))
    add_comment(kind="error", key=str(ERROR_ID), body="seen")

    response = agent_client.get("/errors/export.csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert table(response) == [
        {
            "error_id": str(ERROR_ID),
            "occurred_at (UTC)": "2026-11-20 12:00:00.000000",
            "code": "1300",
            "registry": "api_error",
            "meaning": "Not found",
            "whose problem": "Our request",
            "retry": "No, it will fail again",
            "message": "Invalid MSISDN +63•••••••5678",
            "sub_account": "northwind_ph_hq",
            "channel": "sms",
            "country": "PH",
            "destination (masked)": "+63•••••4567",
            "http_status": "",
            "method": "",
            "path": "",
            "umid": "",
            "batch_id": "",
            "client_message_id": "",
            "client_batch_id": "",
            "service": "",
            "requested_at (UTC)": "",
            "received_at (UTC)": "2026-11-20 12:00:00.000000",
            "repeats (count)": "2",
            "comments (count)": "1",
        }
    ]


def test_many_comments_are_counted_batch_by_batch(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "MOST_COMMENTED", 1)
    save_errors(error(1), error(2), error(3))
    for number in (1, 2, 2):
        add_comment(kind="error", key=str(UUID(int=number)), body="seen")

    found = table(agent_client.get("/errors/export.csv"))

    assert [row["comments (count)"] for row in found] == ["1", "2", "0"]


def test_a_csv_is_rfc_4180(agent_client: Client) -> None:
    save_errors(error(message='one "quoted", and\r\ntwo lines'))

    found = body(agent_client.get("/errors/export.csv"))

    assert found.endswith(b"\r\n")
    assert b'"one ""quoted"", and\r\ntwo lines"' in found
    (row,) = csv.reader(io.StringIO(found.decode(), newline="").readlines()[1:])
    assert 'one "quoted", and\r\ntwo lines' in row


def test_a_csv_for_excel_begins_with_the_mark_of_utf_8(agent_client: Client) -> None:
    assert body(agent_client.get("/errors/export.csv?bom=1"))[:3] == b"\xef\xbb\xbf"
    assert body(agent_client.get("/errors/export.csv"))[:8] == b"error_id"


def test_a_file_without_rows_has_its_head(agent_client: Client) -> None:
    assert len(body(agent_client.get("/errors/export.csv")).splitlines()) == 1
    assert body(agent_client.get("/errors/export.ndjson")) == b""


def same(part: Any, whole: Any, place: str = "") -> Iterator[str]:
    """Yield the places at which ``part`` says something else than ``whole``."""
    for name, value in part.items():
        if isinstance(value, dict):
            yield from same(value, whole.get(name) or {}, f"{place}{name}.")
        elif name not in whole or whole[name] != value:
            yield place + name


def test_a_line_of_json_says_what_the_api_says_in_its_words(agent_client: Client) -> None:
    given = {
        "message": "Object “wasn't” found\n\u2028",
        "http_status": 404,
        "method": "POST",
        "path": "/api/v1/subaccounts/x/messages",
        "umid": UMID,
        "requested_at": NOON,
        "repeats": 3,
        "destination_masked": "+63•••••4567",
    }
    save_errors(error(**given))
    save_messages(message(state="undelivered", error_code=15, error_context="sms_receipt"))

    (told,) = lines(agent_client.get("/errors/export.ndjson"))
    (about,) = lines(agent_client.get("/messages/export.ndjson"))

    assert list(same(told, error_answer(ERROR_ID, EVERYTHING))) == ["comments"]
    assert list(same(about, message_answer(UMID, EVERYTHING))) == ["channels", "comments"]
    assert about["decoded"]["name"]


def test_a_message_without_a_code_is_not_decoded(agent_client: Client) -> None:
    save_messages(message())

    (told,) = lines(agent_client.get("/messages/export.ndjson"))
    (row,) = table(agent_client.get("/messages/export.csv"))

    assert told["decoded"] is None
    assert (row["error_code"], row["meaning"], row["retry"]) == ("", "", "")


FILTERS = [
    "",
    "code=1300",
    "code=1300,2000",
    "not_code=1300&from=all",
    "sub_account=a&sub_account=c",
    "whose=platform&from=all",
    "country=SG&code=1300,1002,2000&from=all",
    "from=2026-11-20T11:59:30Z&to=2026-11-20T11:59:50Z",
    "table=none&from=all",
    "sort=code&per_page=25&cursor=oldest",
]


@pytest.mark.parametrize("query", FILTERS)
def test_an_export_has_the_rows_of_the_list(query: str, agent_client: Client) -> None:
    save_errors(
        *(
            error(
                number,
                code=(1300, 1002, 2000, 77777)[number % 4],
                sub_account="abc"[number % 3],
                country=("PH", "SG")[number % 2],
            )
            for number in range(1, 49)
        )
    )

    listed = ids(
        agent_client.get(f"/errors/?{query}".replace("sort=code&per_page=25&cursor=oldest", ""))
    )
    exported = table(agent_client.get(f"/errors/export.csv?{query}"))

    assert [row["error_id"] for row in exported] == listed
    assert [
        line["error_id"] for line in lines(agent_client.get(f"/errors/export.ndjson?{query}"))
    ] == listed
    assert listed


def test_an_export_of_a_query_line_or_a_view_is_no_export_of_everything(
    agent: User, agent_client: Client
) -> None:
    save_errors(*(error(number, code=number) for number in range(1, 9)))
    saved.save(agent, name="Few", kind=Kind.ERROR, query="code=1,2", scope=Scope.MINE, pinned=True)

    assert len(table(agent_client.get("/errors/export.csv?q=code:1..3"))) == 3
    assert len(table(agent_client.get("/errors/export.csv?view=few&bom=1"))) == 2
    for query in ("q=code:x", "view=nothing", "view=messages-8x8s-problem"):
        response = agent_client.get(f"/errors/export.csv?{query}")
        assert response["Location"].startswith("/errors/?")


def test_an_export_holds_what_its_reader_may_see(client_for: ClientFor, db: None) -> None:
    own = Team.objects.create(name="Asia", sub_accounts=["a", "b"])
    person = User.objects.create_user("ana", team=own)
    rows = [error(number, sub_account=name) for number, name in enumerate(["a", "b", "c", ""], 1)]
    save_errors(*rows)

    seen = {row["sub_account"] for row in table(client_for(person).get("/errors/export.csv"))}

    assert seen == {"a", "b", ""}


def test_exports_are_for_whoever_is_signed_in(client: Client, db: None) -> None:
    assert client.get("/errors/export.csv").status_code == 302


def test_a_filter_that_is_not_understood_is_mended_on_the_list(agent_client: Client) -> None:
    save_errors(error())

    response = agent_client.get("/errors/export.csv?code=abc", follow=True)

    assert response.redirect_chain == [("/errors/?code=abc", 302)]
    assert said_beside_fields(response)


def test_an_export_of_another_kind_does_not_exist(agent_client: Client) -> None:
    assert agent_client.get("/errors/export.exe").status_code == 404


# -- reading --------------------------------------------------------------------------------------
def keys(parts: list[Any], behind: Any = None) -> list[Any]:
    return [UUID(row[1]) for batch in reading.batches(ERRORS, parts, behind) for row in batch]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST", 2)
    monkeypatch.setattr(reading, "MOST", 3)


@pytest.mark.usefixtures("small", "db")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 11])
def test_batches_hold_every_row_once_whatever_their_number(count: int) -> None:
    save_errors(*(error(number, occurred_at=NOON) for number in range(1, count + 1)))

    assert keys([ErrorEvent.objects.all()]) == [UUID(int=number) for number in range(count, 0, -1)]


@pytest.mark.usefixtures("small", "db")
def test_parts_are_merged_in_the_order_of_time() -> None:
    save_errors(*(error(number, code=number % 3, occurred_at=NOON) for number in range(1, 20)))
    parts = [ErrorEvent.objects.filter(code=code) for code in range(3)]

    assert keys(parts) == [UUID(int=number) for number in range(19, 0, -1)]


@pytest.mark.usefixtures("small", "db")
def test_reading_goes_on_behind_a_row() -> None:
    save_errors(*(error(number) for number in range(1, 8)))
    first, *_ = reading.batches(ERRORS, [ErrorEvent.objects.filter(error_id=UUID(int=4))])

    assert keys([ErrorEvent.objects.all()], reading.place(first[0])) == [
        UUID(int=number) for number in (5, 6, 7)
    ]


@pytest.mark.usefixtures("db")
def test_every_field_is_read_once() -> None:
    assert ERRORS.fields[:2] == ("occurred_at", "error_id")
    assert MESSAGES.fields[:2] == ("state_at", "umid")
    assert len(set(ERRORS.fields)) == len(ERRORS.fields)


# -- formulas -------------------------------------------------------------------------------------
def computed(cell: str) -> bool:
    """Tell whether a spreadsheet would compute a cell: LibreOffice and Excel look at its start."""
    text = cell.strip(" \t\r\n\v\f\u00a0\u3000\ufeff\u200b").translate(
        str.maketrans("＝＋－＠", "=+-@")
    )
    if text[:1] not in ("=", "+", "-", "@"):
        return False
    return not text[1:].replace("•", "0").replace(".", "", 1).isdecimal()


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "＝1+1",
        "+63+1",
    ],
)
def test_what_could_be_computed_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+6391712345678",
        "+63•••••4567",
        "-5",
        "-0.5",
        "Not found",
        "a=b",
        "1300",
        "'=1",
        " plain",
    ],
)
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


@given(st.text())
def test_no_text_is_computed(text: str) -> None:
    assert not computed(guarded(text))
    assert guarded(text).removeprefix("'").endswith(text.removeprefix("'"))


def test_no_cell_of_a_file_is_computed(agent_client: Client) -> None:
    evil = "=1+1"
    save_errors(
        error(
            message=evil, sub_account=evil, channel=evil, method=evil, path=evil, service=evil,
            client_message_id=evil, client_batch_id=evil, destination_masked="+63•••••4567", code=-1,
        )
    )  # fmt: skip

    (row,) = table(agent_client.get("/errors/export.csv"))

    assert [name for name, cell in row.items() if computed(cell)] == []
    assert (row["code"], row["destination (masked)"], row["message"]) == (
        "-1",
        "+63•••••4567",
        "'=1+1",
    )


# -- names, seats, the log ------------------------------------------------------------------------
NOW = datetime(2026, 11, 27, 22, 45, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "errors_2026-11-27-2245Z.csv"),
        (
            "from=2026-11-26T22:45:00Z&code=1300,1002",
            "errors_from-2026-11-26-2245_code-1300-1002_2026-11-27-2245Z.csv",
        ),
        ("text=..%2F..%2Fetc%0A%00%22", "errors_text-etc_2026-11-27-2245Z.csv"),
        ("sub_account=" + "a" * 300, f"errors_sub-account-{'a' * 68}_2026-11-27-2245Z.csv"),
    ],
)
def test_a_file_is_called_by_filter_and_time(query: str, name: str) -> None:
    assert file_name(Kind.ERROR, query, NOW, "csv") == name


def seats(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(streaming, "_SEATS", threading.BoundedSemaphore(number))


def test_a_third_download_waits_for_its_turn(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats(monkeypatch, 1)
    first = agent_client.get("/errors/export.csv")

    second = agent_client.get("/errors/export.csv?code=1300", follow=True)

    assert second.redirect_chain == [("/errors/?code=1300", 302)]
    assert "Two exports" in notes(second)[0]
    assert body(first)  # and the one that was there goes on


def test_a_download_gives_its_seat_back_once_even_when_nobody_read_a_byte(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats(monkeypatch, 1)

    def begin() -> streaming.Download | None:
        written = writer(Format.CSV, ERRORS)
        pieces = streaming.pieces(ERRORS, [ErrorEvent.objects.all()], written)
        return streaming.Download.begin(pieces, "a test")

    first = begin()
    assert first is not None
    assert begin() is None
    first.close()
    first.close()
    assert begin() is not None


def test_a_download_that_nobody_serves_gives_its_seat_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seats(monkeypatch, 1)

    dropped = streaming.Download.begin([(b"a", 1)], "a test")
    del dropped
    gc.collect()

    assert streaming.Download.begin([(b"a", 1)], "a test") is not None


def test_who_exported_what_is_in_the_log(
    agent_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    save_errors(error())

    with caplog.at_level(logging.INFO):
        body(agent_client.get("/errors/export.csv?code=1300"))

    begins, ends = [each.getMessage() for each in caplog.records if "export" in each.name]
    assert begins == "export begins: error as csv by agent of code=1300"
    assert ends.startswith("export complete: error as csv by agent of code=1300; 1 rows in ")


def test_the_log_tells_a_file_that_failed_from_one_that_nobody_took_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def pieces(*, fails: bool) -> Iterator[streaming.Piece]:
        yield b"a", 1
        if fails:
            raise ValueError("gone")
        yield b"b", 1

    seats(monkeypatch, 1)  # so the second has one only when the first gave it back
    with caplog.at_level(logging.INFO):
        for fails in (True, False):
            download = streaming.Download.begin(pieces(fails=fails), "a test")
            assert download is not None
            taken = iter(download)
            next(taken)
            if fails:
                with pytest.raises(ValueError, match="gone"):
                    next(taken)
            download.close()

    ends = [each.getMessage().split(":")[0] for each in caplog.records]
    assert ends[1::2] == ["export failed", "export broken off"]
