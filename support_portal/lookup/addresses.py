"""Addresses that answers give: pages for people, and the same records for machines.

The addresses of pages are fixed words of the contract; the pages themselves are no business of the
API, so they are written down here instead of being imported from there.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.urls import get_script_prefix


def error_page(error_id: UUID | str) -> str:
    """Return the page of an error."""
    return f"{get_script_prefix()}errors/{error_id}/"


def message_page(umid: UUID | str) -> str:
    """Return the page of a message."""
    return f"{get_script_prefix()}messages/{umid}/"


def group_page(group_id: int) -> str:
    """Return the page of errors that are alike."""
    return f"{get_script_prefix()}errors/groups/{group_id}/"


def incident_page(incident_id: UUID) -> str:
    """Return the page of an incident."""
    return f"{get_script_prefix()}incidents/{incident_id}/"


def inquiry_page(number: int) -> str:
    """Return the page of an inquiry."""
    return f"{get_script_prefix()}inquiries/{number}/"


def code_page(registry: str, code: int) -> str:
    """Return the page of a reason code."""
    return f"{get_script_prefix()}codes/{registry}/{code}/"


def lookup_page(text: str) -> str:
    """Return the page that lists everything under ``text``, which must not be a phone number."""
    return f"{get_script_prefix()}lookup?{urlencode({'q': text})}"


def delivery_page(delivery_id: UUID) -> str:
    """Return the page of a delivery."""
    return f"{get_script_prefix()}intake/deliveries/{delivery_id}/"


def delivery_answer(delivery_id: UUID, *, after: int) -> str:
    """Return where the items of a delivery go on behind a position."""
    return f"{get_script_prefix()}api/v1/deliveries/{delivery_id}?after={after}"


def account_events_page() -> str:
    """Return the page that lists events of the account."""
    return f"{get_script_prefix()}account-events/"
