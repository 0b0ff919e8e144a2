"""The worker is killed in the middle of a file, again and again."""

import gzip
from functools import partial
from pathlib import Path

import pytest

from tests.faults.sending import found, ledger, rows, told
from tests.own import OwnStack
from tests.stack import Stack, wait_until
from tests.traffic import Traffic, truth

EVENTS = 16_000
KILLS = 2
SEED = 20260704
UPLOAD = """
import django; django.setup()
from pathlib import Path
from support_portal.accounts.models import Role, User
from support_portal.ingest.files import services
person, _ = User.objects.get_or_create(username="lead", defaults={{"role": Role.LEAD}})
upload = services.Upload("events.ndjson", person, limit=2**30)
upload.write(Path({file!r}).read_bytes())
services.accept(upload.close())
"""


@pytest.mark.faults
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_file_is_taken_once_and_whole_after_kills_of_the_worker(
    portal: OwnStack, tmp_path: Path, packed: bool
) -> None:
    bodies = Traffic(SEED, repeats=0.03, nonsense=0.01).bodies(EVENTS, [EVENTS])
    text = bodies[0].bytes
    file = tmp_path / "events"
    file.write_bytes(gzip.compress(text) if packed else text)
    portal.run(UPLOAD.format(file=str(file)))
    portal.start_broker()
    portal.start_beat()
    unfinished = []

    for _ in range(KILLS):
        before = _bodies(portal)
        portal.start_worker()
        wait_until(
            partial(_has_moved, portal, before), seconds=30, what="a worker in the middle of a file"
        )
        portal.kill("worker")
        unfinished.append(_state(portal))
    portal.start_worker()
    wait_until(lambda: _state(portal) == "done", seconds=60, what="the end of the file")

    expected = truth(bodies)
    assert unfinished == ["reading"] * KILLS
    assert found(portal) == expected
    assert rows(portal) == told(expected)
    whole = (len(expected.errors) + len(expected.receipts), expected.repeats, expected.nonsense)
    assert ledger(portal) == whole
    assert portal.database.query(
        "SELECT recorded, repeated, quarantined, bytes_read = size FROM ingest_importedfile"
    ) == [(*whole, True)]
    assert portal.count("ingest_filechunk") == 0


def _has_moved(portal: Stack, before: int) -> bool:
    return _bodies(portal) > before


def _bodies(portal: Stack) -> int:
    return portal.total("ingest_importedfile", "bodies")


def _state(portal: Stack) -> str:
    return str(portal.database.query("SELECT state FROM ingest_importedfile")[0][0])
