"""Reading the last day as soon as a web process starts, so that no first page waits for it.

Beside ten million errors it takes a second; a page that comes earlier reads it by itself.
"""

import logging
import threading

from django.db import Error, connection
from django.utils import timezone

from support_portal.events.models import EVERYTHING
from support_portal.insights import lately

log = logging.getLogger(__name__)


def start() -> None:
    """Read in a thread of its own, which has a connection of its own and ends."""
    threading.Thread(target=warm, name="warming", daemon=True).start()


def warm() -> None:
    """Remember the hours of the last day; without a database the first page will read them."""
    try:
        lately.day(EVERYTHING, timezone.now())
    except Error as error:
        log.warning("the last day was not read: %s", str(error).partition("\n")[0])
    finally:
        connection.close()
