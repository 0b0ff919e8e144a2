"""A scheduler that goes on when the clock is set back.

Beat works out what is due from the time of day of the last run.  When the clock is set back by an
hour that run lies in the future, and celery's own scheduler would do nothing for that hour.
"""

from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry


class SteadyScheduler(PersistentScheduler):
    """Take a last run in the future for one that was just now."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; return the seconds until the next look."""
        ahead = [entry for entry in self.schedule.values() if _is_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # ordered by times that will not come for long
        return super().tick(*args, **kwargs)


def _is_ahead(entry: ScheduleEntry) -> bool:
    return entry.last_run_at is not None and entry.last_run_at > entry.default_now()
