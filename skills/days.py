"""Which day it is for an organization: levels, needs and requirements hold by whole days."""

from __future__ import annotations

from datetime import date

from peerlearn.clock import now
from peerlearn.organizations.models import Organization


def business_day(organization: Organization) -> date:
    """Today in the organization's own time zone."""
    return now().astimezone(organization.zone).date()
