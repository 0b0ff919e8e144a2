"""Addresses of pages."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.contrib.auth import views as auth_views
from django.urls import URLPattern, URLResolver, include, path, register_converter

from support_portal.dashboard.records import RecordConverter, at_one_address
from support_portal.dashboard.views import error_list, home, intake, message_list, session

register_converter(RecordConverter, "record")
VIEWS = "support_portal.dashboard.views."


def late(module: str, name: str) -> Any:
    if find_spec(VIEWS + module):
        return getattr(import_module(VIEWS + module), name)
    return home.home


errors = [
    path("", error_list.ErrorList.as_view(), name="list"),
    path("<record:error_id>/", at_one_address(late("error", "detail")), name="detail"),
    path("<record:error_id>/comments/", late("error", "comment"), name="comment"),
]
messages = [
    path("", message_list.MessageList.as_view(), name="list"),
    path("<record:umid>/", at_one_address(late("message", "detail")), name="detail"),
    path("<record:umid>/comments/", late("message", "comment"), name="comment"),
]
codes = [
    path("", late("codes", "codes"), name="list"),
    path("<slug:registry>/<str:code>/", late("codes", "code"), name="detail"),
]
intake_pages = [
    path("", intake.status, name="status"),
    path("quarantine/", intake.quarantine, name="quarantine"),
    path("quarantine/replay", intake.replay, name="replay"),
    path("deliveries/<record:delivery_id>/", at_one_address(intake.delivery), name="delivery"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("lookup", late("lookup", "lookup"), name="lookup"),
    path("e/<path:text>", late("lookup", "resolve"), name="resolve"),
    path("errors/", include((errors, "errors"))),
    path("messages/", include((messages, "messages"))),
    path("codes/", include((codes, "codes"))),
    path("intake/", include((intake_pages, "intake"))),
    path("session/theme", session.theme, name="theme"),
    path("session/zone", session.zone, name="zone"),
    path(
        "accounts/login/",
        auth_views.LoginView.as_view(redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
]
