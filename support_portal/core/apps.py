"""The core application."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.core"
    label = "core"
