from django.urls import path
from django.urls.resolvers import URLPattern

from analytics import views_reports

urlpatterns: list[URLPattern] = [
    path("reports/", views_reports.reports, name="reports"),
    path("reports/files/", views_reports.report_files, name="report_files"),
    path("reports/<str:public_id>/file/", views_reports.report_download, name="report_download"),
    path("reports/<str:public_id>/cancel/", views_reports.report_cancel, name="report_cancel"),
]
