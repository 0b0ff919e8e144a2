"""The events application."""

from django.apps import AppConfig

from support_portal import reason_codes


class EventsConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.events"
    label = "events"

    def ready(self) -> None:
        """Read the code tables now: a malformed one stops the start, not a page."""
        reason_codes.preload()
