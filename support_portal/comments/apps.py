"""The comments application."""

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.comments"
    label = "comments"
