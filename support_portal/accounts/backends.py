"""Who is signed in: asked on every page, so it is one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from support_portal.accounts.models import User
from support_portal.core.composed import Composed

_person = Composed(lambda key: User.objects.filter(pk=key).select_related("team"))


class PasswordBackend(ModelBackend):
    """Django's sign-in by password; a person comes with their team, which says what they may see."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the person with this key who may sign in."""
        person: User | None = _person.first(int(user_id))
        return person if person and self.user_can_authenticate(person) else None
