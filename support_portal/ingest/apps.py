"""The ingest application."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.ingest"
    label = "ingest"
