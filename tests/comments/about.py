"""Records that tests talk about."""

from collections.abc import Collection

from support_portal.accounts.models import User
from support_portal.notices.subjects import Subject

KEY = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"


def about(*, hidden_from: Collection[User] = (), key: str = KEY) -> Subject:
    """Return an error that everybody may see but those ``hidden_from``."""
    hidden = {person.pk for person in hidden_from}
    return Subject(
        "error", key, f"errorId {key}", f"/errors/{key}/", lambda reader: reader.pk not in hidden
    )
