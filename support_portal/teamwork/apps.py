"""The teamwork application."""

from django.apps import AppConfig


class TeamworkConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.teamwork"
    label = "teamwork"
