"""Addresses outside every organization: signing in, beginning an organization, health."""

from django.urls import include, path

urlpatterns = [
    path("", include("peerlearn.organizations.urls_public")),
    path("", include("peerlearn.notifications.urls_public")),
    path("", include("peerlearn.operations.urls_public")),
]

handler400 = "peerlearn.web.errors.bad_request"
handler403 = "peerlearn.web.errors.forbidden"
handler404 = "peerlearn.web.errors.not_found"
handler500 = "peerlearn.web.errors.server_error"
