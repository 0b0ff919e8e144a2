"""The notices application."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.notices"
    label = "notices"
