"""The insights application."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.insights"
    label = "insights"

    def ready(self) -> None:
        """Listen to the drain."""
        from support_portal.insights import counting  # noqa: PLC0415 - models are not there before

        counting.connect()
