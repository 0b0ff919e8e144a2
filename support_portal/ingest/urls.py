"""Addresses that machines post to."""

from django.urls import path

from support_portal.ingest import views

urlpatterns = [
    path("api/v1/events", views.events, name="post-events"),
    path("hooks/8x8/<str:key>/", views.hook, name="hook"),
    path("hooks/8x8/<str:key>", views.hook),  # a redirect would lose what was posted
]
