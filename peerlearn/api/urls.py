"""Pages about the API, and people and teams in it, below /o/<slug>/api/."""

from django.urls import path

from peerlearn.api import people, views_docs, views_tokens
from peerlearn.api.views import opened

urlpatterns = [
    path("", views_docs.api_docs, name="api_docs"),
    path("schema/", views_docs.api_schema, name="api_schema"),
    path("tokens/", views_tokens.api_tokens, name="api_tokens"),
    path("tokens/add/", views_tokens.api_token_add, name="api_token_add"),
    path("tokens/<str:public_id>/revoke/", views_tokens.api_token_revoke, name="api_token_revoke"),
    path("access/", views_tokens.api_access, name="api_access"),
    path("access/switch/", views_tokens.api_switch, name="api_switch"),
    path("v1/me/", opened(people.WhoAmI), name="api_me"),
    path("v1/employees/", opened(people.Employees), name="api_employees"),
    path("v1/employees/<str:public_id>/", opened(people.OneEmployee), name="api_employee"),
    path("v1/teams/", opened(people.Teams), name="api_teams"),
    path("v1/teams/<str:public_id>/", opened(people.OneTeam), name="api_team"),
]
