"""The inquiries application."""

from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.inquiries"
    label = "inquiries"
