"""Reading files into the inbox: nothing twice, nothing missed, whatever happens in between."""

import gzip
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest.files import selectors, services
from support_portal.ingest.files.models import FileChunk, FileState, ImportedFile
from support_portal.ingest.files.services import Desk, Overtaken, Reader, TooLarge, Upload
from support_portal.ingest.files.stored import CHUNK, StoredFile
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.services import drain
from tests.ingest.sent import drain_all, error

MANY = 12_000


def lines(count: int = 30) -> bytes:
    return b"\n".join(json.dumps(error(number)).encode() for number in range(count))


def uploaded(person: User, data: bytes, name: str = "errors.ndjson") -> ImportedFile:
    upload = Upload(name, person, limit=2**30)
    for start in range(0, len(data), 100_000):
        upload.write(data[start : start + 100_000])
    file = upload.close()
    services.accept(file)
    return file


def read_all() -> None:
    while services.read_on():
        pass
    drain_all()
    services.settle()


def test_an_upload_is_kept_in_sealed_chunks_and_read_from_them(lead):
    data = lines(MANY)

    file = uploaded(lead, data)
    kept = FileChunk.objects.filter(file=file).count()
    read_all()

    file.refresh_from_db()
    assert kept == 1 + len(data) // CHUNK
    assert (file.state, file.size, file.bytes_read) == ("done", len(data), len(data))
    assert (file.recorded, file.repeated, file.quarantined) == (MANY, 0, 0)
    assert ErrorEvent.objects.count() == MANY
    assert FileChunk.objects.count() == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_reader_that_dies_after_any_body_is_followed_by_one_that_goes_on_there(lead, packed):
    data = lines(MANY)
    file = uploaded(lead, gzip.compress(data) if packed else data)

    finished = False
    while not finished:  # each with a reader of its own, as after a kill
        file.refresh_from_db()
        finished = Reader.open(file, StoredFile(file.id, file.size)).take(1)

    text = b"".join(sealing.unseal(each.body) for each in Delivery.objects.order_by("id"))
    assert text == data


def test_two_readers_of_one_file_do_not_receive_a_body_twice(lead):
    file = uploaded(lead, lines(MANY))
    first = Reader.open(ImportedFile.objects.get(pk=file.pk), StoredFile(file.id, file.size))
    second = Reader.open(ImportedFile.objects.get(pk=file.pk), StoredFile(file.id, file.size))

    first.take(1)
    with pytest.raises(Overtaken):
        second.take(1)

    assert Delivery.objects.count() == 1


def test_reading_does_not_run_ahead_of_the_drain(lead):
    line = json.dumps(error(1)).encode() + b"\n"
    file = uploaded(lead, line * (30 * CHUNK // len(line)))
    reader = Reader.open(file, StoredFile(file.id, file.size))

    reader.take(services.AHEAD - services.waiting_bodies())

    assert services.waiting_bodies() == services.AHEAD
    assert services.AHEAD - services.waiting_bodies() == 0


def test_what_was_not_understood_can_be_taken_back_in_the_order_of_the_file(lead):
    good = json.dumps(error(1)).encode()
    data = b"\n".join([good, b"nonsense 1", good, b"nonsense 2"])

    file = uploaded(lead, data)
    read_all()

    file.refresh_from_db()
    texts = [sealing.unseal(entry.body) for entry in selectors.rejects(file)]
    assert (file.recorded, file.repeated, file.quarantined) == (1, 1, 2)
    assert texts == [b"nonsense 1", b"nonsense 2"]


def test_the_same_bytes_again_are_a_question_and_then_only_repeats(lead):
    uploaded(lead, lines())
    read_all()

    again = uploaded(lead, lines(), "other name.ndjson")
    asked = again.state
    services.confirm(again, [])
    read_all()

    again.refresh_from_db()
    assert asked == FileState.ASKING
    assert (again.state, again.recorded, again.repeated) == ("done", 0, 30)


def test_a_cancelled_file_keeps_what_was_read_of_it_and_lets_its_bytes_go(lead):
    file = uploaded(lead, lines(MANY))
    Reader.open(ImportedFile.objects.get(pk=file.pk), StoredFile(file.id, file.size)).take(1)

    assert services.cancel(file, by="lead")
    read_all()

    file.refresh_from_db()
    assert (file.state, file.cancelled_by) == ("cancelled", "lead")
    assert 0 < file.recorded == ErrorEvent.objects.count() < MANY
    assert (FileChunk.objects.count(), services.cancel(file, by="lead")) == (0, False)


def test_a_file_that_is_cut_stops_with_a_sentence_after_what_could_be_read(lead):
    file = uploaded(lead, gzip.compress(lines(MANY))[:-2000], "errors.ndjson.gz")
    read_all()

    file.refresh_from_db()
    assert file.state == FileState.FAILED
    assert file.problem.startswith("The packed data end too early")
    assert 0 < file.recorded < MANY
    assert QuarantineEntry.objects.count() == file.quarantined == 1  # the line that was cut


def test_a_file_that_stopped_can_be_gone_on_with_until_its_bytes_are_let_go(lead):
    file = uploaded(lead, gzip.compress(lines())[:-9], "errors.ndjson.gz")
    read_all()

    assert services.retry(file)
    read_all()
    services.tidy(timezone.now() + timedelta(days=8))

    file.refresh_from_db()
    assert (file.state, services.retry(file)) == (FileState.FAILED, False)
    assert FileChunk.objects.count() == 0


def test_a_file_over_which_the_reading_stumbles_again_and_again_lets_the_others_through(lead):
    bad = uploaded(lead, lines())
    ImportedFile.objects.filter(pk=bad.pk).update(attempts=services.ATTEMPT_LIMIT)
    good = uploaded(lead, lines(31))
    read_all()

    states = ImportedFile.objects.order_by("id").values_list("state", flat=True)
    bad.refresh_from_db()
    assert list(states) == ["failed", "done"]
    assert bad.problem.startswith("Reading it failed 10 times in a row at byte 0")
    assert good.name == "errors.ndjson"


def test_a_chunk_that_is_gone_ends_the_file_with_a_sentence(lead):
    file = uploaded(lead, lines(MANY))
    FileChunk.objects.filter(file=file, number=1).delete()
    read_all()

    file.refresh_from_db()
    assert (file.state, file.problem) == ("failed", services.LOST_CHUNK)


def test_an_upload_that_goes_silent_is_ended(lead):
    upload = Upload("half.ndjson", lead, limit=2**30)
    upload.write(b"x" * (CHUNK + 5))

    services.tidy(timezone.now() + timedelta(minutes=14))
    waits = ImportedFile.objects.get().state
    services.tidy(timezone.now() + timedelta(minutes=16))

    file = ImportedFile.objects.get()
    assert waits == FileState.UPLOADING
    assert (file.state, file.problem) == (
        "failed",
        "The upload broke off after 1,048,576 bytes. Upload the file again.",
    )
    assert FileChunk.objects.count() == 0


def test_an_upload_beyond_the_limit_is_stopped(lead):
    upload = Upload("large.ndjson", lead, limit=10)
    upload.write(b"0123456789")

    with pytest.raises(TooLarge):
        upload.write(b"0")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a\0b.json", "a\ufffdb.json"), ("\ud800.json", "?.json"), (" ", "without a name")],
)
def test_a_name_is_kept_as_every_database_takes_it(lead, name, kept):
    assert Upload(name, lead, limit=10).file.name == kept
    assert ImportedFile.objects.get().name == kept


def test_progress_tells_what_is_recorded_and_not_what_is_read(lead):
    data = lines(MANY)
    file = uploaded(lead, gzip.compress(data))
    reader = Reader.open(ImportedFile.objects.get(pk=file.pk), StoredFile(file.id, file.size))
    truth, told = [], []

    for _ in range(3):
        reader.take(1)
        told.append(selectors.share_now(ImportedFile.objects.get(pk=file.pk)))
        truth.append(ErrorEvent.objects.count() / MANY)
        while drain().more:
            pass
        told.append(selectors.share_now(ImportedFile.objects.get(pk=file.pk)))
        truth.append(ErrorEvent.objects.count() / MANY)

    assert told == pytest.approx(truth, abs=0.1)
    assert truth == sorted(truth)


@pytest.mark.parametrize("count", [1, 5])
def test_the_progress_of_files_takes_the_same_queries_for_any_number(
    lead, count, django_assert_num_queries
):
    for number in range(count):
        uploaded(lead, lines(number + 1))
    files = list(ImportedFile.objects.all())

    with django_assert_num_queries(2):
        selectors.progress(files)


def test_a_packed_file_is_kept_open_between_two_stretches(lead):
    file = uploaded(lead, gzip.compress(lines(MANY)))
    desk = Desk()
    reader = desk.reader(ImportedFile.objects.get(pk=file.pk))
    reader.take(1)

    assert desk.reader(ImportedFile.objects.get(pk=file.pk)) is reader
    desk.clear()
    assert desk.reader(ImportedFile.objects.get(pk=file.pk)) is not reader
