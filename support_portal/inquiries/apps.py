"""The inquiries application."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class InquiriesConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.inquiries"
    label = "inquiries"

    def ready(self) -> None:
        """Stop the start when the desk of the settings makes no sense."""
        from support_portal.inquiries import desk  # noqa: PLC0415 - models are not there before

        try:
            desk.configured()
        except desk.Refused as refused:
            name, fault = next(iter(refused.faults.items()))
            raise ImproperlyConfigured(f"PORTAL_DESK_{name.upper()}: {fault}") from None
