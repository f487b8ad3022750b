"""The description of the API, to read and to try out, for whoever is signed in."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.views.decorators.http import require_GET

from peerlearn.api.schema import described
from peerlearn.organizations.access import EVERYONE, OrganizationRequest, allow


@require_GET
@allow(EVERYONE)
def api_docs(request: OrganizationRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"here": "my_profile"})


@require_GET
@allow(EVERYONE)
def api_schema(request: OrganizationRequest) -> HttpResponse:
    return JsonResponse(described(get_script_prefix()))
