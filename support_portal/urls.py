"""Every address of the portal."""

from django.urls import include, path

urlpatterns = [
    path("", include("support_portal.ingest.urls")),
    path("", include("support_portal.api.urls")),
    path("", include("support_portal.dashboard.urls")),
]

handler400 = "support_portal.dashboard.views.problems.bad_request"
handler403 = "support_portal.dashboard.views.problems.forbidden"
handler404 = "support_portal.dashboard.views.problems.not_found"
handler500 = "support_portal.dashboard.views.problems.server_error"
