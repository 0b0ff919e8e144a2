"""Every address of the portal."""

from django.urls import include, path

urlpatterns = [
    path("", include("support_portal.ingest.urls")),
    path("", include("support_portal.api.urls")),
    path("", include("support_portal.dashboard.urls")),
]
