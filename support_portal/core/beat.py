"""A scheduler that goes on when the clock is set back, when the broker was away and when the disk is full.

Beat works out what is due from the time of day of the last run.  When the clock is set back by an
hour that run lies in the future, and celery's own scheduler would do nothing for that hour.

Celery keeps one connection to the broker for good.  When RabbitMQ ends without a word, each ring after
that fails on it, so here each ring takes a connection from the pool, which replaces one that failed.

Celery keeps the last runs in a database file and ends when that cannot be written.  They are of use
to what is rung once an hour and to nothing else, so here they are one small file of JSON that is
written when it can be, and read when it makes sense.
"""

import json
import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.beat import ScheduleEntry, Scheduler

logger = logging.getLogger(__name__)


class SteadyScheduler(Scheduler):
    """Ring for the tasks of the settings; take a last run in the future for one that was just now."""

    producer = None  # type: ignore[assignment]  # each ring takes one from the pool

    def __init__(self, *args: Any, schedule_filename: str, **kwargs: Any) -> None:
        self._file = Path(schedule_filename)
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Take the tasks of the settings, and for each the last run that an earlier beat noted."""
        super().setup_schedule()
        for name, moment in _read(self._file).items():
            if name in self.schedule:
                self.schedule[name].last_run_at = moment

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; return the seconds until the next look."""
        ahead = [entry for entry in self.schedule.values() if _is_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # ordered by times that will not come for long
        return super().tick(*args, **kwargs)

    def sync(self) -> None:
        """Note the last runs, as celery asks every few minutes and at the end."""
        runs = {
            name: entry.last_run_at.isoformat()
            for name, entry in self.schedule.items()
            if entry.last_run_at
        }
        draft = self._file.with_name(f"{self._file.name}.draft")
        try:
            draft.write_text(json.dumps(runs), encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            logger.warning("the last runs of the schedule are not noted: %s", error)
            with suppress(OSError):
                draft.unlink()

    @property
    def info(self) -> str:
        """Return a line for what celery says when it starts."""
        return f"    . last runs -> {self._file}"


def _read(file: Path) -> dict[str, datetime]:
    """Return the last runs by name; none when there is no file or it says something else."""
    try:
        runs = json.loads(file.read_bytes())
        return {name: _moment(text) for name, text in runs.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment


def _is_ahead(entry: ScheduleEntry) -> bool:
    return entry.last_run_at is not None and entry.last_run_at > entry.default_now()
