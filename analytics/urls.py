from django.urls import path

from analytics import views_dashboard, views_reports

urlpatterns = [
    path("overview/", views_dashboard.dashboard, name="dashboard"),
    path("overview/risks/", views_dashboard.dashboard_risks, name="dashboard_risks"),
    path("overview/figures/", views_dashboard.dashboard_figures, name="dashboard_figures"),
    path("overview/coverage/", views_dashboard.dashboard_coverage, name="dashboard_coverage"),
    path("overview/shadowing/", views_dashboard.dashboard_shadowing, name="dashboard_shadowing"),
    path("reports/", views_reports.reports, name="reports"),
    path("reports/files/", views_reports.report_files, name="report_files"),
    path("reports/<str:public_id>/file/", views_reports.report_download, name="report_download"),
    path("reports/<str:public_id>/cancel/", views_reports.report_cancel, name="report_cancel"),
]
