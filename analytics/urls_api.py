from django.urls import path

from analytics import api
from peerlearn.api.views import opened

urlpatterns = [
    path("reports/", opened(api.Reports), name="api_reports"),
    path("reports/<str:public_id>/", opened(api.OneReport), name="api_report"),
    path("reports/<str:public_id>/cancel/", opened(api.CancelReport), name="api_report_cancel"),
    path("reports/<str:public_id>/file/", opened(api.ReportFile), name="api_report_file"),
]
