"""The small disk itself: it is full when it says so, and gives everything back."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.own import Disk, can_mount

MEGABYTES = 8
TIMES = 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if not can_mount():
        pytest.skip("only root may make the small disk that is filled here")
    made = Disk(tmp_path, MEGABYTES)
    yield made
    made.unmount()


def space(disk: Disk) -> int:
    """Return the bytes that are left."""
    left = os.statvfs(disk.folder)
    return left.f_bavail * left.f_frsize


def write_until(stop: Event, folder: Path) -> None:
    """Write short files one after the other, of which a few are there at any time."""
    number = 0
    while not stop.is_set():
        number += 1
        with suppress(OSError):
            (folder / f"file-{number % 5}").write_bytes(bytes(40_000))


def test_the_disk_is_full_and_has_its_space_again_although_others_write(disk: Disk) -> None:
    stop = Event()
    writer = Thread(target=write_until, args=(stop, disk.folder))
    writer.start()

    ballast = []
    for _ in range(TIMES):
        disk.fill()
        ballast.append(disk.ballast.stat().st_size)
        disk.free()
    stop.set()
    writer.join()

    assert min(ballast) > (MEGABYTES - 1) * 2**20
    assert space(disk) > (MEGABYTES - 1) * 2**20
