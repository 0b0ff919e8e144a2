"""The paste engine: over HTTP, on the command line, for one id and for five hundred."""

import json
from io import BytesIO, StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from support_portal.api.management.commands.lookup import read
from support_portal.events.models import EVERYTHING
from support_portal.lookup import MOST_THINGS
from support_portal.lookup import look_up as looked_up
from tests.events.arrived import ERROR_ID, NUMBER, UMID, a_receipt, an_error, record

BATCH = UUID("40871b13-53f2-ea11-8191-02a41c7be6d5")
UNKNOWN = UUID("803483be-5ea5-ea11-8191-02a41c7be6d5")
LOG = f"2026-07-20 11:31:07 ERROR sms 404 Error id: {str(ERROR_ID).upper()} umid={UMID}"


def short(items):
    """Return kind, value, found and url of each item."""
    return [(one["kind"], one["value"], one["found"], one["url"]) for one in items]


def test_everything_in_a_line_is_told_in_order_of_appearance(look_up):
    record(an_error(), a_receipt("undelivered", error_code=46))

    items = look_up(LOG)

    assert short(items) == [
        ("time", "2026-07-20T11:31:07.000000Z", None, None),
        ("error_id", str(ERROR_ID), True, f"/errors/{ERROR_ID}/"),
        ("umid", str(UMID), True, f"/messages/{UMID}/"),
    ]
    assert [LOG[one["start"] : one["end"]].lower() for one in items][1:] == [
        str(ERROR_ID),
        str(UMID),
    ]
    assert [(one["registry"], one["code"]) for one in items] == [
        (None, None),
        ("api_error", 1300),
        ("sms_dlr", 46),
    ]
    assert items[0]["verdict"] is None
    assert items[1]["verdict"]["whose"] == "our_request"


def test_what_is_not_held_is_told_as_not_found(look_up):
    assert short(look_up(f"errorId {ERROR_ID} umid {UMID} and {UNKNOWN}")) == [
        ("error_id", str(ERROR_ID), False, None),
        ("umid", str(UMID), False, None),
        ("uuid", str(UNKNOWN), False, None),
    ]


@pytest.mark.parametrize("label", ["", "errorId ", "umid ", "batchId "])
def test_the_store_knows_the_kind_better_than_the_label(look_up, label):
    record(an_error())

    assert short(look_up(f"{label}{ERROR_ID}")) == [
        ("error_id", str(ERROR_ID), True, f"/errors/{ERROR_ID}/")
    ]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (an_error(umid=BATCH), "umid"),
        (an_error(batch_id=BATCH), "batch_id"),
        (a_receipt(batch_id=BATCH), "batch_id"),
        (an_error(client_message_id=str(BATCH).upper()), "client_message_id"),
        (a_receipt(client_batch_id=str(BATCH)), "client_batch_id"),
    ],
)
def test_an_id_that_other_records_name_is_found(look_up, told, kind):
    record(told)

    (item,) = look_up(str(BATCH).upper())

    (led_to,) = item["records"]
    assert (item["kind"], item["found"], item["url"]) == (kind, True, led_to["url"])
    assert led_to["via"] == kind


def test_an_id_of_several_records_leads_to_their_list(look_up):
    record(*(a_receipt(umid=UUID(int=number), batch_id=BATCH) for number in range(30)))

    (item,) = look_up(str(BATCH))

    assert (item["url"], item["line"]) == (f"/lookup?q={BATCH}", "More than 20 records.")
    assert (len(item["records"]), item["more"]) == (20, True)


def test_an_id_used_for_two_things_is_told_as_its_label_says(look_up):
    record(an_error(), a_receipt(umid=ERROR_ID))

    assert [look_up(f"{label} {ERROR_ID}")[0]["kind"] for label in ("umid", "errorId", "")] == [
        "umid",
        "error_id",
        "error_id",
    ]


def test_ids_of_our_own_are_found_with_their_label(look_up):
    record(an_error(client_message_id="order-17"), a_receipt(client_batch_id="night 3"))

    text = '{"clientMessageId": "order-17", "clientBatchId": "night 3"} clientMessageId=order-18'

    assert short(look_up(text)) == [
        ("client_message_id", "order-17", True, f"/errors/{ERROR_ID}/"),
        ("client_batch_id", "night 3", True, f"/messages/{UMID}/"),
        ("client_message_id", "order-18", False, None),
    ]


@pytest.mark.parametrize("told", [an_error(destination=NUMBER), a_receipt(destination=NUMBER)])
def test_a_phone_number_is_found_and_put_in_no_address(look_up, told):
    record(told, *(a_receipt(umid=UUID(int=number), destination=NUMBER) for number in range(2)))

    assert short(look_up("to +1 202-555-0147 and +44 7700 900123")) == [
        ("phone", NUMBER, True, None),
        ("phone", "+447700900123", False, None),
    ]


def test_a_code_beside_an_error_is_a_code_of_the_api(look_up):
    items = look_up(f"errorId {UNKNOWN} code 1300 HTTP status 404")

    assert short(items)[1:] == [
        ("code", "1300", True, "/codes/api_error/1300/"),
        ("http_status", "404", None, "/codes/http_status/404/"),
    ]
    assert [one["registry"] for one in items] == [None, "api_error", "http_status"]


def test_a_code_is_read_where_the_record_beside_it_has_it(look_up):
    record(a_receipt("undelivered", error_code=1, channel="viber", context="chatapps_receipt"))

    items = look_up(f"umid {UMID} error code 1")

    assert items[1]["registry"] == "chatapps_dlr_general"


def test_a_code_is_read_as_the_words_beside_it_tell(look_up):
    items = look_up("the viber receipt says errorCode: 2006")

    assert [(one["registry"], one["name"] is None) for one in items] == [
        ("chatapps_dlr_viber", False)
    ]


def test_a_pasted_payload_decodes_itself(look_up):
    text = json.dumps(
        {
            "namespace": "SMS",
            "eventType": "outbound_message_status_changed",
            "payload": {
                "umid": str(UMID),
                "status": {
                    "state": "undelivered",
                    "timestamp": "2026-07-20T08:16:52Z",
                    "errorCode": 1,
                },
            },
        }
    )

    codes = [one for one in look_up(text) if one["kind"] == "code"]

    assert [one["registry"] for one in codes] == ["sms_dlr"]


def test_a_bare_code_of_several_registries_is_ambiguous(look_up):
    (item,) = look_up("15")

    assert (item["kind"], item["found"], item["registry"]) == ("code", True, None)
    assert item["url"] == "/lookup?q=15"
    assert item["verdict"]["whose"] == "unknown"


def test_a_code_that_no_registry_lists_is_not_found(look_up):
    assert short(look_up("code 987654")) == [("code", "987654", False, None)]


def test_an_id_that_was_cut_short_is_found_by_its_beginning(look_up):
    record(an_error())
    start = str(ERROR_ID)[:13]

    assert short(look_up(start)) == [("partial_id", start, True, f"/errors/{ERROR_ID}/")]

    record(a_receipt(umid=UUID(str(ERROR_ID)[:13] + str(UMID)[13:])))

    assert short(look_up(start)) == [("partial_id", start, True, f"/lookup?q={start}")]
    assert short(look_up("1cc1eda1-0")) == [("partial_id", "1cc1eda1-0", False, None)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"text": 5}',
        b'{"text": null}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
        b'{"text":' * 100_000,
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_question_without_a_text_is_refused(reader, body):
    response = reader.post("/api/v1/lookup", body, "application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == 'Send a JSON object in UTF-8: {"text": "…"}.'


def test_a_text_that_is_too_long_is_refused(reader):
    response = reader.post("/api/v1/lookup", {"text": "x" * 1_000_001}, "application/json")

    assert response.status_code == 413


def test_a_text_with_nothing_in_it_has_an_empty_answer(look_up):
    assert look_up("") == look_up("hello there") == []


def test_characters_no_column_holds_move_nothing(look_up):
    record(an_error())
    text = f"\x00clientMessageId: a\x00b errorId {ERROR_ID}"

    items = look_up(text)

    assert [text[one["start"] : one["end"]] for one in items] == ["a\x00b", str(ERROR_ID)]
    assert [one["found"] for one in items] == [False, True]


def test_five_hundred_ids_take_the_queries_of_one(look_up, django_assert_num_queries):
    for size in (1, 500):
        ids = [UUID(int=ERROR_ID.int + number) for number in range(size)]
        record(*(an_error(error_id=one) for one in ids[::2]))
        record(*(a_receipt(umid=one) for one in ids[1::2]))
        text = "\n".join(f"{one} clientMessageId=c-{one.hex}" for one in ids)

        with django_assert_num_queries(5):
            items = look_up(text + " clientBatchId=7 +12025550147")

        assert sum(bool(one["found"]) for one in items) == size
        assert len(items) == 2 * size + 2


@pytest.mark.django_db
def test_what_is_too_much_is_left_out_and_said():
    text = "\n".join(str(UUID(int=ERROR_ID.int + number)) for number in range(MOST_THINGS + 7))
    printed = StringIO()

    found = looked_up(text, EVERYTHING)
    call_command("lookup", text, stdout=printed)

    assert (len(found.items), found.left_out) == (MOST_THINGS, 7)
    assert printed.getvalue().endswith("\n7 more were left out: paste less at once.\n")


@given(
    st.lists(
        st.text(max_size=20)
        | st.sampled_from([str(ERROR_ID), " umid ", "clientMessageId=", "+12025550147", "code "])
        | st.integers().map(str),
        max_size=8,
    ).map(" ".join)
)
def test_any_text_has_an_answer(db, text):
    items = looked_up(text, EVERYTHING).items

    places = [(item.thing.start, item.thing.end) for item in items]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)


@pytest.mark.django_db
def test_the_command_gives_the_answer_of_the_api(look_up):
    record(an_error(), a_receipt("undelivered", error_code=46))
    printed = StringIO()

    call_command("lookup", LOG, "--json", stdout=printed)

    assert json.loads(printed.getvalue()) == {"items": look_up(LOG), "left_out": 0}


@pytest.mark.django_db
def test_the_command_prints_one_paragraph_for_each_thing():
    record(an_error())
    printed = StringIO()

    call_command("lookup", f"{ERROR_ID} umid {UNKNOWN}", stdout=printed)

    lines = printed.getvalue().splitlines()
    assert lines[0] == f"error_id {ERROR_ID} found"
    assert lines[1].startswith("  API 1300 Not found. ")
    assert lines[2] == "  Whose: Our request. Retry: No, it will fail again."
    assert lines[-3:] == [
        f"  /errors/{ERROR_ID}/",
        f"umid {UNKNOWN} not found",
        "  Not held by us.",
    ]


@pytest.mark.django_db
def test_the_command_says_when_there_is_nothing():
    printed = StringIO()

    call_command("lookup", "hello", stdout=printed)

    assert printed.getvalue() == "Nothing in the text can be looked up.\n"


def test_the_command_reads_any_bytes():
    assert read(BytesIO(b"caf\xc3\xa9 \xff")) == "café \ufffd"
