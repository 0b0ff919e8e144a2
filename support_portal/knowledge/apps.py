"""The knowledge application."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Listen to the drain."""
        from support_portal.knowledge import listening  # noqa: PLC0415 - models are not there before

        listening.connect()
