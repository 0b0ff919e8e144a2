"""Sessions in the database, as Django keeps them, found by a question that is composed once."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from support_portal.core.composed import Composed

_living = Composed(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))


class SessionStore(db.SessionStore):
    """Every page of whoever is signed in begins with this."""

    def _get_session_from_db(self) -> Any:
        """Return the row of a session that has not ended; None, and the key is forgotten, without one."""
        found = _living.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
