"""Addresses of one organization, all below /o/<slug>/; the middleware sets the prefix."""

from django.urls import include, path

urlpatterns = [
    path("", include("peerlearn.organizations.urls")),
    path("", include("peerlearn.notifications.urls")),
    path("", include("skills.urls")),
    path("", include("sessions.urls")),
    path("", include("analytics.urls")),
    path("api/", include("peerlearn.api.urls")),
    path("api/v1/", include("skills.urls_api")),
    path("api/v1/", include("sessions.urls_api")),
    path("api/v1/", include("analytics.urls_api")),
    path("api/v1/", include("peerlearn.api.urls_rest")),
]

handler400 = "peerlearn.web.errors.bad_request"
handler403 = "peerlearn.web.errors.forbidden"
handler404 = "peerlearn.web.errors.not_found"
handler500 = "peerlearn.web.errors.server_error"
