"""A clock that can be set while a process runs: found by Python when this folder is on its path.

The file named below holds the seconds by which the clock of this process is wrong.  The clock that
measures intervals (``time.monotonic``) goes on as ever, as it does when an administrator or NTP sets
the time of a machine.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

LOOK_EVERY = 0.05


def follow(file: Path) -> None:
    """Set the clock whenever the file says something new."""
    told = file.read_text()
    clock = time_machine.travel(time.time() + float(told), tick=True).start()
    while True:
        text = file.read_text()
        if text != told:
            clock.move_to(time_machine.escape_hatch.time.time() + float(text))
            told = text
        threading.Event().wait(LOOK_EVERY)


def begin() -> None:
    """Follow the file from now on, in a thread of its own."""
    file = Path(os.environ["PORTAL_TEST_CLOCK"])
    threading.Thread(target=follow, args=(file,), daemon=True).start()


if "PORTAL_TEST_CLOCK" in os.environ:
    begin()
    # A process that is forked takes the time along and no threads.
    os.register_at_fork(after_in_child=begin)
