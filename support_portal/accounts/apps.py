"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Name the application by its last word, as tables and tasks do."""

    name = "support_portal.accounts"
    label = "accounts"
