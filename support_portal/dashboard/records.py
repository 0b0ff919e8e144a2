"""Addresses of records: an id in any case, and one address that is the right one."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse

from support_portal.payloads.ids import parse_id

View = Callable[..., HttpResponseBase]


class RecordConverter:
    """An id in an address, in any dress: upper case, braces, without dashes."""

    regex = "[^/]{32,64}"

    def to_python(self, value: str) -> UUID:
        """Return the id; ValueError makes it an address that does not exist."""
        found = parse_id(value)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: UUID | str) -> str:
        """Return the id as it stands in an address."""
        return str(value).lower()


class CodeConverter:
    """A code number in an address; some tables count below zero."""

    regex = "-?[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int | str) -> str:
        """Return the number as it stands in an address."""
        return str(int(value))


class GroupConverter:
    """The key of a group of errors in an address: 64 bits with a sign."""

    regex = "-?[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Return the key; ValueError makes it an address that does not exist."""
        key = int(value)
        if not -(2**63) <= key < 2**63:
            raise ValueError(value)
        return key

    def to_url(self, value: int | str) -> str:
        """Return the key as it stands in an address."""
        return str(int(value))


def at_one_address(view: View) -> View:
    """Send readers who come by another spelling to the lower-case address."""

    @wraps(view)
    def canonical(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        match = request.resolver_match
        if match is None or request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        address = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        if request.path == address:
            return view(request, *args, **kwargs)
        return _moved(request, address)

    return canonical


def _moved(request: HttpRequest, address: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
