"""The knowledge application."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.knowledge"
    label = "knowledge"
