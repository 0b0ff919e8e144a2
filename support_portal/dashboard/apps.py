"""The dashboard application."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.dashboard"
    label = "dashboard"
