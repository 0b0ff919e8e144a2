"""The browsing application."""

from django.apps import AppConfig


class BrowsingConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.browsing"
    label = "browsing"

    def ready(self) -> None:
        """Listen for answers that have gone out."""
        from support_portal.browsing import looks  # noqa: PLC0415 - models are not there before

        looks.connect()
