"""Files go through the same intake as everything else."""

import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from support_portal.events.models import DeliveryReceipt, ErrorEvent
from support_portal.ingest.files import imports
from support_portal.ingest.files.cutting import BODY_SIZE
from support_portal.ingest.files.models import ImportedFile
from support_portal.ingest.models import Delivery, QuarantineEntry

ERRORS = [
    {
        "code": 1300,
        "message": "Object wasn't found",
        "errorId": f"1cc1eda1-f5dd-ea11-8288-{number:012x}",
        "timestamp": "2020-12-22T05:52:01.85Z",
    }
    for number in range(30)
]
FORMS = {
    "lines.ndjson": "\n".join(map(json.dumps, ERRORS)),
    "crlf.ndjson": "\r\n".join(map(json.dumps, ERRORS)) + "\r\n",
    "array.json": json.dumps(ERRORS),
    "pretty.json": json.dumps(ERRORS, indent=2),
}


@pytest.mark.django_db
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_file_is_recorded(tmp_path, name, compressed):
    file = tmp_path / (name + (".gz" if compressed else ""))
    text = FORMS[name].encode()
    file.write_bytes(gzip.compress(text) if compressed else text)

    call_command("import_events", str(file), "--drain")

    assert ErrorEvent.objects.count() == len(ERRORS)
    assert QuarantineEntry.objects.count() == 0


@pytest.mark.django_db
def test_one_object_is_one_event(tmp_path):
    file = tmp_path / "error.json"
    file.write_text(json.dumps(ERRORS[0], indent=2))

    call_command("import_events", str(file), "--drain")

    assert [error.code for error in ErrorEvent.objects.all()] == [1300]


@pytest.mark.django_db
def test_taking_a_file_twice_records_it_once(tmp_path):
    file = tmp_path / "lines.ndjson"
    file.write_text(FORMS["lines.ndjson"])

    call_command("import_events", str(file), str(file), "--drain")

    assert list(ErrorEvent.objects.values_list("repeats", flat=True)) == [1] * len(ERRORS)
    assert list(Delivery.objects.order_by("id").values_list("recorded", "repeated")) == [
        (30, 0),
        (0, 30),
    ]


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"gone\.ndjson"):
        call_command("import_events", str(tmp_path / "gone.ndjson"))


@pytest.mark.django_db
def test_a_compressed_file_that_ends_early_is_said_to(tmp_path):
    file = tmp_path / "cut.ndjson.gz"
    file.write_bytes(gzip.compress(FORMS["lines.ndjson"].encode())[:-20])

    with pytest.raises(CommandError, match=r"^cut\.ndjson\.gz: The packed data end too early"):
        call_command("import_events", str(file), "--drain")

    kept = ImportedFile.objects.get()
    assert (kept.state, kept.recorded) == ("failed", ErrorEvent.objects.count())
    assert kept.recorded > 20


@pytest.mark.django_db
def test_a_command_that_was_stopped_goes_on_where_it_was(tmp_path, capsys):
    file = tmp_path / "lines.ndjson"
    line = json.dumps(ERRORS[0]).encode() + b"\n"
    file.write_bytes(line * (3 * BODY_SIZE // len(line)))
    begun = imports.begin(file, lambda table, rows: [])
    imports.open_reader(begun, file).take(1)

    call_command("import_events", str(file), "--drain")

    kept = ImportedFile.objects.get()
    assert "goes on at byte 1," in capsys.readouterr().err
    assert (kept.state, kept.recorded + kept.repeated) == ("done", 3 * BODY_SIZE // len(line))


@pytest.mark.django_db
def test_a_file_that_is_known_can_be_left_out(tmp_path):
    file = tmp_path / "lines.ndjson"
    file.write_text(FORMS["lines.ndjson"])

    call_command("import_events", str(file), "--drain")
    call_command("import_events", str(file), "--drain", "--skip-known")

    assert Delivery.objects.count() == 1
    assert ImportedFile.objects.count() == 1


REPORT = "Key,Status,Updated at\n9f4b5bb0-a414-4aed-8e6d-b48d0087b208,sent,2026-07-20T08:14:09Z\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "told",
    [
        ["--guess"],
        ["--guess", "--column", "umid=Key"],
        [
            *("--column", "umid=Key", "--column", "status_value=Status"),
            *("--column", "status_timestamp=Updated at"),
        ],
    ],
)
def test_the_columns_of_a_table_are_told_or_guessed(tmp_path, told):
    file = tmp_path / "report.csv"
    file.write_text(REPORT)

    call_command("import_events", str(file), "--drain", *told)

    assert list(DeliveryReceipt.objects.values_list("state", flat=True)) == ["sent"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ([], "Say what the columns are with --column MEANING=NAME"),
        (["--column", "umid=Nothing"], "There is no column 'Nothing'. There are: Key, Status,"),
        (["--column", "umid=Key"], "A receipt needs these columns, too: state, time of the state"),
    ],
)
def test_columns_that_were_not_told_are_asked_for(tmp_path, told, sentence):
    file = tmp_path / "report.csv"
    file.write_text(REPORT)

    with pytest.raises(CommandError, match=sentence):
        call_command("import_events", str(file), "--drain", *told)

    assert ImportedFile.objects.count() == 0


LOCAL = "Key,Status,Updated at\n9f4b5bb0-a414-4aed-8e6d-b48d0087b208,sent,{} 08:14\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("date", "told", "month"),
    [("28/03/2026", [], 3), ("03/04/2026", ["--first", "day"], 4)],
    ids=["it tells itself", "somebody tells"],
)
def test_dates_of_a_spreadsheet_are_read_as_they_are_written(tmp_path, date, told, month):
    file = tmp_path / "report.csv"
    file.write_text(LOCAL.format(date))

    call_command("import_events", str(file), "--drain", "--guess", *told)

    assert DeliveryReceipt.objects.get().occurred_at.month == month


@pytest.mark.django_db
def test_a_table_none_of_whose_first_rows_is_understood_is_taken_only_when_that_is_meant(tmp_path):
    file = tmp_path / "report.csv"
    file.write_text(LOCAL.format("03/04/2026"))

    with pytest.raises(CommandError, match="The first row would not be understood"):
        call_command("import_events", str(file), "--drain", "--guess")
    before = ImportedFile.objects.count()
    call_command("import_events", str(file), "--drain", "--guess", "--anyway")

    assert before == 0
    assert ImportedFile.objects.get().quarantined == 1
