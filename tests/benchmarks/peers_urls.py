"""The portal's addresses, and two admins of its errors: one as it comes, one that counts nothing."""

from collections.abc import Iterable

from django.contrib import admin
from django.core.paginator import Paginator
from django.urls import URLPattern, URLResolver, path

from support_portal.events.models import ErrorEvent
from support_portal.urls import urlpatterns as portal
from tests.benchmarks.peers import ROWS_A_PAGE


class Errors(admin.ModelAdmin):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Errors as a first admin of them would show them."""

    list_display = (
        "occurred_at", "error_id", "code", "message", "sub_account", "channel", "country", "repeats",
    )  # fmt: skip
    list_per_page = ROWS_A_PAGE
    ordering = ("-occurred_at", "-error_id")


class Uncounted(Paginator):  # type: ignore[type-arg]
    """Pages without a count: as many as anybody could ask for."""

    count = 2**31


class Tuned(Errors):
    """The same, by somebody who has met ten million rows."""

    show_full_result_count = False
    paginator = Uncounted


def _site(name: str, errors: type[Errors]) -> URLResolver:
    site = admin.AdminSite(name=name)
    site.register(ErrorEvent, errors)
    return path(f"{name}/", site.urls)


urlpatterns: Iterable[URLPattern | URLResolver] = [
    _site("admin", Errors),
    _site("tuned", Tuned),
    *portal,
]
