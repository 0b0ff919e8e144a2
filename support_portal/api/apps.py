"""The api application."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.api"
    label = "api"
