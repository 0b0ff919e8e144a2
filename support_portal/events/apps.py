"""The events application."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.events"
    label = "events"
