"""The watches application."""

from django.apps import AppConfig


class WatchesConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.watches"
    label = "watches"
