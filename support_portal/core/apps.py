"""The core application."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from support_portal.core import times


class CoreConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.core"
    label = "core"

    def ready(self) -> None:
        """See to each new connection."""
        connection_created.connect(times.teach, dispatch_uid="core.times")
