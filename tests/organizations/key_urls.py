"""The organization's routes, and two that a key opens instead of signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from peerlearn import urls_organization
from peerlearn.organizations.access import EVERYONE, HR, Key, OrganizationRequest, allow, opened_by
from peerlearn.organizations.models import Employee

handler400 = urls_organization.handler400
handler403 = urls_organization.handler403
handler404 = urls_organization.handler404
handler500 = urls_organization.handler500


def _find(request: HttpRequest, number: str) -> Employee | None:
    return Employee.objects.filter(number=number).exclude(number="").first()


def _refused(request: HttpRequest) -> HttpResponse:
    return HttpResponse("no such key", status=401)


KEY = Key(_find, _refused)


@opened_by(KEY)
@allow(EVERYONE)
def feed(request: OrganizationRequest, number: str) -> HttpResponse:
    return HttpResponse(request.employee.name)


@opened_by(KEY)
@allow(HR)
def export(request: OrganizationRequest, number: str) -> HttpResponse:
    return HttpResponse(request.employee.name)


urlpatterns = [
    path("feeds/<str:number>/", feed, name="feed"),
    path("exports/<str:number>/", export, name="export"),
    *urls_organization.urlpatterns,
]
