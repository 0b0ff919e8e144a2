"""Keep the worker's event loop from sleeping on work that is ready.

What kombu's loop is asked to do "soon" while it does other such work is looked at only after the
next poll, which lasts up to ten seconds when nothing arrives.  With the solo pool the missing work
is the acknowledgement of the tasks just done, and with a full prefetch window nothing arrives until
it is sent: the worker stands still (seen with kombu 5.7 and RabbitMQ; kombu pull request 1587).
A timer that does nothing bounds the poll.
"""

from typing import Any

from celery import bootsteps

SECONDS = 0.1


class Pulse(bootsteps.StartStopStep):
    """Wake the event loop of a worker several times a second."""

    requires = ("celery.worker.components:Hub",)

    def include_if(self, parent: Any) -> bool:
        """Leave workers without an event loop alone: they poll by themselves."""
        return bool(parent.use_eventloop)

    def start(self, parent: Any) -> None:
        """Start the timer; it lives as long as the worker."""
        parent.timer.call_repeatedly(SECONDS, _nothing)


def _nothing() -> None:
    """Be called: that the loop woke up is all that is wanted."""
