"""Addresses of pages."""

from importlib import import_module
from importlib.util import find_spec

from django.contrib.auth import views as auth_views
from django.urls import URLPattern, URLResolver, include, path, register_converter

from support_portal.dashboard.records import RecordConverter, at_one_address
from support_portal.dashboard.views import session

register_converter(RecordConverter, "record")

urlpatterns: list[URLPattern | URLResolver] = [
    path("session/theme", session.theme, name="theme"),
    path("session/zone", session.zone, name="zone"),
    path(
        "accounts/login/",
        auth_views.LoginView.as_view(redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
]
