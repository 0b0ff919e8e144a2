"""What the doors could not keep, counted in memory: the database may be what is missing."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

View = Callable[..., HttpResponse]
SERVER_ERROR = 500
REDIRECT = 300


@dataclass(frozen=True, slots=True)
class Bout:
    """Calls that were refused with nothing kept between them."""

    began_at: datetime
    ended_at: datetime
    refused: int
    doors: frozenset[str]


class Refusals:
    """The bouts of one process, until somebody writes them down."""

    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._over: list[Bout] = []
        self._present: Bout | None = None

    def refused(self, door: str) -> None:
        """Count a call that was answered with 5xx or not at all."""
        now = self._now()
        with self._lock:
            bout = self._present or Bout(now, now, 0, frozenset())
            self._present = replace(
                bout,
                ended_at=max(now, bout.began_at),
                refused=bout.refused + 1,
                doors=bout.doors | {door},
            )

    def kept(self) -> None:
        """End the bout: what 8x8 repeats now is kept."""
        if self._present is None:  # asked without the lock: this is the hot path
            return
        now = self._now()
        with self._lock:
            if self._present:
                self._over.append(replace(self._present, ended_at=max(now, self._present.began_at)))
                self._present = None

    def take(self) -> list[Bout]:
        """Return what is to be written; the present bout goes on, with its count begun anew."""
        with self._lock:
            taken, self._over = self._over, []
            if self._present and self._present.refused:
                taken.append(self._present)
                self._present = replace(self._present, refused=0)
        return taken

    def put_back(self, bouts: Iterable[Bout]) -> None:
        """Take back what could not be written."""
        with self._lock:
            self._over[:0] = bouts


refusals = Refusals()


def noticed(door: str, seen: Refusals = refusals) -> Callable[[View], View]:
    """Return a decorator that counts what a view refuses although it should have kept it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            status = SERVER_ERROR  # unless it comes to an answer
            try:
                response = view(request, *args, **kwargs)
                status = response.status_code
                return response
            finally:
                if status >= SERVER_ERROR:
                    seen.refused(door)
                elif status < REDIRECT:  # a wrong key says nothing about us
                    seen.kept()

        return answer

    return decorate
