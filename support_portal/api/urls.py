"""Addresses for machines that read."""

from django.urls import path

from support_portal.api import (
    codes,
    comments,
    deliveries,
    errors,
    health,
    inquiries,
    lookup,
    messages,
    missing,
    openapi,
)

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/errors/<str:error_id>", errors.detail, name="api-error"),
    path("api/v1/messages/<str:umid>", messages.detail, name="api-message"),
    path("api/v1/codes/<str:registry>/<str:code>", codes.detail, name="api-code"),
    path("api/v1/deliveries/<str:delivery>", deliveries.detail, name="api-delivery"),
    path("api/v1/lookup", lookup.lookup, name="api-lookup"),
    path("api/v1/inquiries", inquiries.collection, name="api-inquiries"),
    path("api/v1/inquiries/<str:reference>", inquiries.one, name="api-inquiry"),
    path("api/v1/inquiries/<str:reference>/evidence", inquiries.evidence, name="api-evidence"),
    path("api/v1/comments", comments.collection, name="api-comments"),
    path("api/v1/openapi.json", openapi.document, name="api-openapi"),
    path("api/docs", openapi.page, name="api-docs"),
    path("api/<path:rest>", missing.missing, name="api-missing"),
]
