"""The browsing application."""

from django.apps import AppConfig


class BrowsingConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.browsing"
    label = "browsing"
