"""Addresses of people, teams and settings, below /o/<slug>/."""

from django.urls import path

from peerlearn.organizations import (
    views_hiring,
    views_holidays,
    views_imports,
    views_invitation,
    views_inviting,
    views_people,
    views_requiring,
    views_settings,
    views_teams,
)

urlpatterns = [
    path("start/", views_settings.start, name="start"),
    path("people/", views_people.employees, name="employees"),
    path("people/add/", views_hiring.employee_add, name="employee_add"),
    path("people/me/", views_people.my_profile, name="my_profile"),
    path("people/import/", views_imports.imports, name="imports"),
    path("people/import/example/", views_imports.import_example, name="import_example"),
    path("people/import/<str:public_id>/", views_imports.import_show, name="import_show"),
    path(
        "people/import/<str:public_id>/mistakes/",
        views_imports.import_mistakes,
        name="import_mistakes",
    ),
    path(
        "people/import/<str:public_id>/columns/",
        views_imports.import_columns,
        name="import_columns",
    ),
    path("people/import/<str:public_id>/write/", views_imports.import_write, name="import_write"),
    path(
        "people/import/<str:public_id>/cancel/", views_imports.import_cancel, name="import_cancel"
    ),
    path("people/invite/", views_inviting.invite_people, name="invite_people"),
    path("people/invitations/", views_inviting.invitations, name="invitations"),
    path(
        "people/invitations/<str:public_id>/withdraw/",
        views_inviting.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("invitation/<str:key>/", views_invitation.invitation, name="invitation"),
    path("people/<str:public_id>/invite/", views_inviting.employee_invite, name="employee_invite"),
    path("people/<str:public_id>/", views_people.employee, name="employee"),
    path("people/<str:public_id>/edit/", views_hiring.employee_edit, name="employee_edit"),
    path("people/<str:public_id>/roles/", views_hiring.employee_roles, name="employee_roles"),
    path(
        "people/<str:public_id>/deactivate/",
        views_hiring.employee_deactivate,
        name="employee_deactivate",
    ),
    path(
        "people/<str:public_id>/reactivate/",
        views_hiring.employee_reactivate,
        name="employee_reactivate",
    ),
    path("teams/", views_teams.teams, name="teams"),
    path("teams/add/", views_teams.team_add, name="team_add"),
    path("teams/<str:public_id>/", views_teams.team, name="team"),
    path("teams/<str:public_id>/edit/", views_teams.team_edit, name="team_edit"),
    path("teams/<str:public_id>/archive/", views_teams.team_archive, name="team_archive"),
    path("teams/<str:public_id>/reopen/", views_teams.team_reopen, name="team_reopen"),
    path("settings/", views_settings.settings, name="settings"),
    path("settings/second-factor/", views_requiring.second_factor, name="second_factor"),
    path("settings/holidays/", views_holidays.holidays, name="holidays"),
    path("settings/holidays/add/", views_holidays.company_day_add, name="company_day_add"),
    path("settings/holidays/switch/", views_holidays.holiday_switch, name="holiday_switch"),
    path(
        "settings/holidays/<str:public_id>/remove/",
        views_holidays.company_day_remove,
        name="company_day_remove",
    ),
    path("settings/cost-bands/add/", views_settings.cost_band_add, name="cost_band_add"),
    path(
        "settings/cost-bands/<str:public_id>/", views_settings.cost_band_edit, name="cost_band_edit"
    ),
    path(
        "settings/cost-bands/<str:public_id>/remove/",
        views_settings.cost_band_remove,
        name="cost_band_remove",
    ),
]
