"""Everything that can be looked up is found in what people paste, and nothing else."""

import base64
import random
from uuid import UUID

import pytest

from support_portal.payloads.recognise import Thing, recognise
from tests.payloads.samples import read

ID = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
OTHER = "46d27247-ecda-4bdd-8b17-b50b0013cb0c"
HEX = ID.replace("-", "")
FULL_WIDTH = "".join(c if c == "-" else chr(ord(c) + 0xFEE0) for c in ID)

TICKET = """Hi team, parcel customer on the phone again :(
2026-11-23 13:52:01,113 WARN gateway - lookup failed
"code": 1300,
"message": "Object wasn't found or is already expired",
"errorId": "1cc1eda1-f5dd-ea11-8288-0263195dd35a",
"timestamp": "2020-12-22T05:52:01.85Z"

Umid: 46D27247-ECDA-4BDD-8B17-B50B0013CB0C
number was +1 202 555 0182 , she said
clientMessageId NWP-447-AWB-SG-0099812
and again errorId=1cc1eda1-f5dd-ea11-8288-0263195dd35a
"""


def packed(text):
    return base64.b64encode(text.encode()).decode()


def found(text):
    return [(thing.kind, thing.value) for thing in recognise(text)]


def test_a_ticket_gives_each_thing_once_in_the_order_of_the_text():
    assert found(TICKET) == [
        ("time", "2026-11-23T13:52:01.113000Z"),
        ("code", "1300"),
        ("error_id", ID),
        ("time", "2020-12-22T05:52:01.850000Z"),
        ("umid", OTHER),
        ("phone", "+12025550182"),
        ("client_message_id", "NWP-447-AWB-SG-0099812"),
    ]


def test_a_thing_knows_its_label_and_its_place():
    text = f"Error id: {ID.upper()}."

    assert recognise(text) == [Thing("error_id", ID, 10, 46, "Error id")]


@pytest.mark.parametrize(
    ("name", "things"),
    [
        (
            "paste_client_document_style_no_braces.txt",
            [
                ("code", "1300"),
                ("error_id", "40871b13-53f2-ea11-8191-02a41c7be6d5"),
                ("time", "2020-09-09T04:15:21.510000Z"),
            ],
        ),
        ("paste_upper_braced.txt", [("uuid", "0f7b86de-6748-43dc-a22d-5f5a0bd4f7f5")]),
        ("paste_no_dashes.txt", [("uuid", "803483be-5ea5-ea11-8191-02a41c7be6d5")]),
        (
            "paste_log_line.txt",
            [
                ("time", "2026-07-20T11:31:07.133000Z"),
                ("error_id", "a51aa3fb-6a4d-44c9-8c57-fe5b51fd9dab"),
                ("umid", "9f4b5bb0-a414-4aed-8e6d-b48d0087b208"),
            ],
        ),
        (
            "smpp_receipt.txt",
            [
                ("uuid", "2cce404a-3e84-4022-bdbd-b48d008824be"),
                ("time", "2026-07-20T08:14:00.000000Z"),
                ("time", "2026-07-20T08:16:00.000000Z"),
                ("code", "46"),
            ],
        ),
        (
            "sms_dlr_undelivered.xml",
            [
                ("umid", "1fbd9cd8-d582-495d-882d-b74eeedd812d"),
                ("batch_id", "030af76d-b4a9-41de-8772-b48d0087b1fc"),
                ("client_message_id", "np-order-88290 & 88291"),
                ("client_batch_id", "np-20260720-08"),
                ("phone", "+12025550182"),
                ("time", "2026-07-20T09:02:11.380000Z"),
                ("code", "19"),
            ],
        ),
        (
            "chatapps_dlr_v8_undelivered.json",
            [
                ("umid", "091b0dee-2006-45ca-9d24-ca378d04c366"),
                ("batch_id", "0d4177c9-10cc-4003-881c-b48e0036fa38"),
                ("client_message_id", "np-chat-5512"),
                ("client_batch_id", "np-chat-0721"),
                ("phone", "+12025550147"),
                ("time", "2026-05-06T00:00:00.000000Z"),
                ("code", "15"),
                ("code", "131009"),
            ],
        ),
    ],
)
def test_a_sample_gives_all_it_holds(name, things):
    assert found(read(name).decode()) == things


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.upper(),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        f'"{ID}"',
        HEX,
        f"0x{HEX.upper()}",
        ID.replace("-", "\u2011"),
        ID.replace("-", "-\r\n", 1),
        ID[:10] + "\u200b" + ID[10:20] + "\u00ad" + ID[20:],
        FULL_WIDTH,
        f"https://portal.example.com/e/{ID}?x=1",
        f"{ID}-export.csv",
    ],
)
def test_an_id_is_found_in_any_dress(text):
    assert found(text) == [("uuid", ID)]


@pytest.mark.parametrize("id", [FULL_WIDTH, ID[:4] + "\u200b" + ID[4:], ID])
def test_places_are_those_of_the_original_text(id):
    text = f"ﬁle\u00ad № 1: {id} …"

    thing = recognise(text)[0]

    assert text[thing.start : thing.end] == id


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"errorId={ID}", "error_id"),
        (f"error_id: {ID}", "error_id"),
        (f"X-Error-Id: {ID}", "error_id"),
        (f"Error id is {ID}", "error_id"),
        (f"the errorId:\n    {ID}", "error_id"),
        (f"errorId%3D{ID}", "error_id"),
        (f"&quot;errorId&quot;:&quot;{ID}&quot;", "error_id"),
        (rf"\"errorId\":\"{ID}\"", "error_id"),
        (f"UMID\u00a0{ID}", "umid"),
        (f'"messageId": "{ID}"', "umid"),
        (f'"replyToUmid": "{ID}"', "umid"),
        (f"<umid>{ID}</umid>", "umid"),
        (f"{ID} (umid)", "umid"),
        (f"GET /api/v1/subaccounts/np/messages/{ID}", "umid"),
        (f"batchId {ID}", "batch_id"),
        (f"clientMessageId={ID}", "client_message_id"),
        (f"eventId={ID}", "uuid"),
        (f"umid missing for request {ID}", "uuid"),
        (f"umid\n\n\n{'.' * 40}{ID}", "uuid"),
    ],
)
def test_the_label_near_an_id_tells_its_kind(text, kind):
    assert found(text) == [(kind, ID)]


def test_a_later_label_names_an_id_seen_before_without_one():
    assert recognise(f"{ID}\numid={ID}") == [Thing("umid", ID, 0, 36, "umid")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u00a0\n",
        "Was this article helpful?",
        HEX + HEX,
        HEX + "ab",
        ID + "ab",
        "ab" + ID,
        f"traceparent: 00-{HEX}-00f067aa0ba902b7-01",
        f"trace_id={HEX}",
        f"md5 {HEX}",
        "clientMessageId=null",
        '"clientBatchId": null',
        "clientMessageId and clientBatchId are optional",
        "country code 65",
        "Your verification code: 482913",
        "code 2026-07-20",
        "code: 1.5",
        "status: delivered",
        "+1202555xxxx",
        "a+12025550101",
        "T09:31:07+0800",
        "2026-13-45T00:00:00Z",
    ],
)
def test_what_is_nothing_to_look_up_is_not_found(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("code: 1300", ("code", "1300")),
        ('"errorCode": "61"', ("code", "61")),
        ("code=-2010.", ("code", "-2010")),
        ("err:046", ("code", "46")),
        ("API error 1300", ("code", "1300")),
        ("Error: 503", ("http_status", "503")),
        ("HTTP/1.1 404 Not Found", ("http_status", "404")),
        ('"httpStatus": 429', ("http_status", "429")),
        ("HTTP code 400 and above", ("http_status", "400")),
        ("tel:+447700900123", ("phone", "+447700900123")),
        ("(+1-202-555-0101)", ("phone", "+12025550101")),
        ('"msisdn": "12025550147"', ("phone", "+12025550147")),
        ("+44 7700 900123 2026-07-20", ("phone", "+447700900123")),
        ("read at 2026-07-20 09:31:07 UTC", ("time", "2026-07-20T09:31:07.000000Z")),
        ("at 2026-07-20T17:31:07.5+08:00", ("time", "2026-07-20T09:31:07.500000Z")),
        ('clientBatchId: "July run 7"', ("client_batch_id", "July run 7")),
    ],
)
def test_other_things_are_found_by_label_or_shape(text, thing):
    assert found(text) == [thing]


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("1300", [("code", "1300")]),
        (" -2010\n", [("code", "-2010")]),
        ("8F6127C9", [("partial_id", "8f6127c9")]),
        ("8f6127c9-941f…", [("partial_id", "8f6127c9-941f")]),
        ("{8f6127c9-941f-42f7", [("partial_id", "8f6127c9-941f-42f7")]),
        ("12345678", [("code", "12345678"), ("partial_id", "12345678")]),
        ("12025550147", [("phone", "+12025550147"), ("partial_id", "12025550-147")]),
        ("8f6127c", []),
        ("13 00", []),
    ],
)
def test_a_text_that_is_one_bare_word_is_read_as_a_whole(text, things):
    assert found(text) == things


def test_five_hundred_ids_in_a_megabyte_are_all_found():
    dice = random.Random(8)
    ids = [str(UUID(int=dice.getrandbits(128))) for _ in range(500)]
    noise = "2026-07-20 11:31:07,133 INFO gateway took 12 of 90 in 88 ms, path=/a/b?x=1\n" * 26

    text = "".join(f"{noise}errorId: {id}\n" for id in ids)

    assert [t.value for t in recognise(text) if t.kind == "error_id"] == ids


def test_pieces_of_base64_tell_nothing_of_one_another():
    pieces = (
        packed("please look for this umid:"),
        packed(f"{ID} it is there"),
        packed("umid,code\n"),
    )
    table = packed(f"{OTHER},1300 and so on")

    things = found("\n\n".join((*pieces, table)))

    assert things == [("uuid", ID), ("uuid", OTHER)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_stands_in_pieces_of_base64_has_the_place_of_its_letters(line_end):
    # The ids begin where four letters begin, and end where four end; lines of 50 part some four.
    first, last = "Grüße, nothing came. errorId:  ", 'umid: "'
    letters = packed(f"{first}{ID}, they say")
    wrapped = line_end.join((letters[:50], letters[50:100], letters[100:]))
    text = f"{packed('nothing to look up in here')} {wrapped}\n\n{packed(f'{last}  {OTHER}')}"

    things = {t.value: text[t.start : t.end].replace(line_end, "") for t in recognise(text)}

    assert things == {ID: packed(ID), OTHER: packed(OTHER)}


def test_a_code_of_a_column_takes_its_table_from_any_of_its_rows():
    rows = "1300,a\n" * 300 + "1300,whatsapp\n" + "1300,b\n" * 300

    assert [(t.value, t.start, t.context) for t in recognise("code,note\n" + rows)] == [
        ("1300", 10, "chatapps_receipt")
    ]


@pytest.mark.parametrize(
    "table",
    [
        f"errorId,umid,sms count,code\n{OTHER},{ID},1,1300\n",
        f"| errorId | umid | code |\n|---|---|---|\n| {OTHER} | {ID} | 1300 |\n",
    ],
)
def test_below_a_head_of_both_ids_the_code_is_that_of_the_error(table):
    codes = [thing for thing in recognise(table) if thing.kind == "code"]

    assert [(code.value, code.context) for code in codes] == [("1300", "api_error")]


@pytest.mark.parametrize("umid", [ID, ID.replace("-", ""), ID.upper()])
def test_the_code_in_a_row_of_messages_is_none_of_the_error_above(umid):
    text = f"errorId={OTHER} code 1300\numid,code\n{umid},46\n"

    codes = [(t.value, t.context) for t in recognise(text) if t.kind == "code"]

    assert codes == [("1300", "api_error"), ("46", "")]
