"""How analytics tells people: one mail, when a file is ready."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.models import READY, Report
from peerlearn.notifications.models import Notification
from peerlearn.notifications.registry import renders
from peerlearn.organizations.addresses import organization_url


@renders(READY, _("Report ready"))
def report_ready(notification: Notification) -> dict[str, Any] | None:
    report = Report.objects.filter(pk=notification.subject_id, state="ready").first()
    if report is None:
        return None
    return {"report": report, "link": organization_url(notification.organization, "reports")}
