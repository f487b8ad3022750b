"""The organization's routes, and one that writes and answers as it is asked to."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from peerlearn import urls_organization
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow
from peerlearn.organizations.models import Team

handler400 = urls_organization.handler400
handler403 = urls_organization.handler403
handler404 = urls_organization.handler404
handler500 = urls_organization.handler500


@allow(EVERYONE)
def write(request: OrganizationRequest, status: int) -> HttpResponse:
    Team(name=f"Written with {status}").save()
    return HttpResponse("said", status=status)


urlpatterns = [path("write/<int:status>/", write), *urls_organization.urlpatterns]
